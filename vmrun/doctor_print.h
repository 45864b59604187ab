/* SPDX-License-Identifier: MIT */
/* What was examined of a host, for people. */
#ifndef VMRUN_DOCTOR_PRINT_H
#define VMRUN_DOCTOR_PRINT_H

#include <stdio.h>

#include "vmrun/doctor_examine.h"

/* The table, CPUID 0x8000001F decoded, the verdicts, and what to do; 100 columns. */
void doctor_print(const struct doctor *doctor, FILE *out);

#endif
