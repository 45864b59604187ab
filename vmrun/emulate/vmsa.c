/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/vmsa.h"

#include <stddef.h>
#include <string.h>

/* Attributes, which are a descriptor's bits without the limit's four between them. */
#define ATTRIBUTE_L  (1u << 9)
#define ATTRIBUTE_DB (1u << 10)

/* Linux, asm/fpu/types.h: XFEATURE_MASK_FP, _SSE, _YMM */
#define XCR0_FP  1ull
#define XCR0_SSE 2ull
#define XCR0_YMM 4ull

uint64_t vmsa_get(const uint8_t *page, unsigned offset)
{
	uint64_t value;

	memcpy(&value, page + offset, sizeof(value));
	return value;
}

struct vmsa_segment vmsa_segment(const uint8_t *page, unsigned offset)
{
	struct vmsa_segment segment;

	_Static_assert(sizeof(segment) == 16, "as in the page");
	memcpy(&segment, page + offset, sizeof(segment));
	return segment;
}

uint32_t vmsa_descriptor(uint16_t attributes)
{
	return (attributes & 0xffu) << 8 | (attributes & 0xf00u) << 12;
}

static const char *mode_wrong(const uint8_t *page)
{
	uint64_t efer = vmsa_get(page, VMSA_EFER), cr0 = vmsa_get(page, VMSA_CR0);
	unsigned code = vmsa_segment(page, VMSA_CS).attributes;

	if (!(efer & VMSA_EFER_LME && cr0 & VMSA_CR0_PG))
		return NULL;
	if (!(cr0 & VMSA_CR0_PE))
		return "it pages in long mode, but is not in protected mode";
	if (!(vmsa_get(page, VMSA_CR4) & VMSA_CR4_PAE))
		return "it pages in long mode without PAE";
	if (code & ATTRIBUTE_L && code & ATTRIBUTE_DB)
		return "its code is both of 64 and of 32 bits";
	return NULL;
}

/* AMD64 APM volume 2, section 15.5.1, and 15.36.12 for what is special to SNP. */
const char *vmsa_wrong(const uint8_t *page, uint64_t features, uint64_t xcr0)
{
	uint64_t cr0 = vmsa_get(page, VMSA_CR0), wanted = vmsa_get(page, VMSA_XCR0);

	if (vmsa_get(page, VMSA_SEV_FEATURES) != features)
		return "its SEV features are not those of the guest";
	if (page[VMSA_VMPL] != 0)
		return "its VMPL is not 0, which alone is emulated";
	if (!(vmsa_get(page, VMSA_EFER) & VMSA_EFER_SVM))
		return "EFER.SVME is not set";
	if (cr0 >> 32 || vmsa_get(page, VMSA_CR4) >> 32)
		return "CR0 or CR4 has bits that do not exist";
	if (cr0 & VMSA_CR0_NW && !(cr0 & VMSA_CR0_CD))
		return "CR0.NW is set without CR0.CD";
	if (vmsa_get(page, VMSA_DR6) >> 32 || vmsa_get(page, VMSA_DR7) >> 32)
		return "DR6 or DR7 has bits that do not exist";
	if (!(wanted & XCR0_FP) || wanted & ~xcr0 || (wanted & XCR0_YMM && !(wanted & XCR0_SSE)))
		return "XCR0 has no value that this processor takes";
	return mode_wrong(page);
}
