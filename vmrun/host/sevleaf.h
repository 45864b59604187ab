/* SPDX-License-Identifier: MIT */
/* CPUID 0x8000001F, field by field (AMD64 APM volume 3, appendix E.4.17). */
#ifndef VMRUN_HOST_SEVLEAF_H
#define VMRUN_HOST_SEVLEAF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEVLEAF 0x8000001fU

struct sevleaf_field {
	unsigned reg;     /* CPU_EAX to CPU_EDX */
	unsigned low;     /* its lowest bit */
	unsigned width;   /* 1: a flag */
	const char *key;  /* for JSON */
	const char *name; /* the words of the program cpuid, so that outputs can be compared */
};

/* All fields, in the order of their bits; *count gets their number. */
const struct sevleaf_field *sevleaf_fields(size_t *count);

/* The value of one field. */
uint32_t sevleaf_value(const struct sevleaf_field *field, const uint32_t regs[4]);

/* "SME, SEV, SEV-ES": the modes that the leaf offers. "none" without any. */
void sevleaf_modes(const uint32_t regs[4], char *text, size_t size);

#endif
