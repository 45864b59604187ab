/* SPDX-License-Identifier: MIT */
/* QEMU's known last words, as one sentence with a remedy. */
#ifndef VMRUN_QEMU_EXPLAIN_H
#define VMRUN_QEMU_EXPLAIN_H

#include <stddef.h>

/*
 * Write a sentence about why QEMU ended, given the end of its output: the known explanation, or
 * QEMU's own last line. "" when it said nothing.
 */
void explain_qemu(const char *output, char *sentence, size_t size);

#endif
