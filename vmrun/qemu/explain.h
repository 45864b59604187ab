/* SPDX-License-Identifier: MIT */
/* QEMU's last words, as one sentence with a remedy. */
#ifndef VMRUN_QEMU_EXPLAIN_H
#define VMRUN_QEMU_EXPLAIN_H

#include <stddef.h>

/*
 * Write a sentence about why QEMU ended, given the end of its output: the known explanation, what a
 * status of KVM's or of the SEV firmware's means, or QEMU's own first line that is no warning, or
 * the last one. "" when it said nothing.
 */
void explain_qemu(const char *output, char *sentence, size_t size);

#endif
