/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of the protocols, in words. */
#ifndef VMRUN_EMULATE_WORDS_H
#define VMRUN_EMULATE_WORDS_H

#include <stdint.h>

/* Why a guest ended itself: a clause such as "a page could not be validated". */
const char *words_termination(unsigned set, unsigned code);

/* An exit code, of hardware or software, such as "CPUID"; "?" when it is not known. */
const char *words_exit(uint64_t code);

#endif
