/* SPDX-License-Identifier: MIT */
/* What was examined of a host, for people. */
#ifndef VMRUN_DOCTOR_PRINT_H
#define VMRUN_DOCTOR_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "vmrun/doctor_examine.h"

/* The verdicts, what to do, the table, and if `verbose` CPUID 0x8000001F decoded; 100 columns. */
void doctor_print(const struct doctor *doctor, bool verbose, FILE *out);

#endif
