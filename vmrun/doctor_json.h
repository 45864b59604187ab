/* SPDX-License-Identifier: MIT */
/* The same for machines. */
#ifndef VMRUN_DOCTOR_JSON_H
#define VMRUN_DOCTOR_JSON_H

#include <jansson.h>

#include "vmrun/doctor_examine.h"

/* Modes, requirements and CPUID 0x8000001F, a new reference; NULL: no memory. */
json_t *doctor_json(const struct doctor *doctor);

#endif
