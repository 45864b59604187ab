/* SPDX-License-Identifier: MIT */
/* vm_interrupt (vm.h): a signal's way to the runs that wait. */
#ifndef VMRUN_LAUNCH_INTERRUPT_H
#define VMRUN_LAUNCH_INTERRUPT_H

#include "harness/err.h"

/* Make the descriptor behind vm_interrupt, unless it is there. */
int interrupt_open(struct err *e);

/* It becomes readable by vm_interrupt; -1 before interrupt_open. */
int interrupt_descriptor(void);

/* Forget that it did. */
void interrupt_clear(void);

#endif
