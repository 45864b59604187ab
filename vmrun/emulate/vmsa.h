/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMSA, the page with all registers of a vCPU: where they lie in it (AMD64 APM volume 2,
 * table B-4; struct sev_es_save_area of Linux, asm/svm.h), and whether VMRUN would start it.
 */
#ifndef VMRUN_EMULATE_VMSA_H
#define VMRUN_EMULATE_VMSA_H

#include <stdbool.h>
#include <stdint.h>

#define VMSA_SIZE 4096u

enum {
	/* Segments, of 16 bytes each */
	VMSA_ES = 0x000,
	VMSA_CS = 0x010,
	VMSA_SS = 0x020,
	VMSA_DS = 0x030,
	VMSA_FS = 0x040,
	VMSA_GS = 0x050,
	VMSA_GDTR = 0x060,
	VMSA_LDTR = 0x070,
	VMSA_IDTR = 0x080,
	VMSA_TR = 0x090,
	VMSA_VMPL = 0x0ca, /* a byte */
	/* Registers of 8 bytes */
	VMSA_EFER = 0x0d0,
	VMSA_CR4 = 0x148,
	VMSA_CR3 = 0x150,
	VMSA_CR0 = 0x158,
	VMSA_DR7 = 0x160,
	VMSA_DR6 = 0x168,
	VMSA_RFLAGS = 0x170,
	VMSA_RIP = 0x178,
	VMSA_RSP = 0x1d8,
	VMSA_RAX = 0x1f8,
	VMSA_STAR = 0x200,
	VMSA_LSTAR = 0x208,
	VMSA_CSTAR = 0x210,
	VMSA_SFMASK = 0x218,
	VMSA_KERNEL_GS_BASE = 0x220,
	VMSA_SYSENTER_CS = 0x228,
	VMSA_SYSENTER_ESP = 0x230,
	VMSA_SYSENTER_EIP = 0x238,
	VMSA_CR2 = 0x240,
	VMSA_PAT = 0x268,
	VMSA_TSC_AUX = 0x2ec, /* of 4 bytes */
	VMSA_RCX = 0x308,
	VMSA_RDX = 0x310,
	VMSA_RBX = 0x318,
	VMSA_RBP = 0x328, /* and RSI, RDI, R8 to R15 after it */
	VMSA_SEV_FEATURES = 0x3b0,
	VMSA_XCR0 = 0x3e8,
	VMSA_MXCSR = 0x408, /* of 4 bytes */
	VMSA_FCW = 0x410,   /* of 2 bytes */
	VMSA_XMM = 0x470,   /* 16 of 16 bytes */
};

/* Bits of EFER, CR0 and CR4 (Linux, asm/msr-index.h and uapi/asm/processor-flags.h). */
#define VMSA_EFER_LME (1ull << 8)
#define VMSA_EFER_LMA (1ull << 10)
#define VMSA_EFER_SVM (1ull << 12)
#define VMSA_CR0_PE   1ull
#define VMSA_CR0_NW   (1ull << 29)
#define VMSA_CR0_CD   (1ull << 30)
#define VMSA_CR0_PG   (1ull << 31)
#define VMSA_CR4_PAE  (1ull << 5)

uint64_t vmsa_get(const uint8_t *page, unsigned offset);

struct vmsa_segment {
	uint16_t selector, attributes;
	uint32_t limit;
	uint64_t base;
};
struct vmsa_segment vmsa_segment(const uint8_t *page, unsigned offset);

/* Bits 23:8 of the second half of a descriptor, at their place there, from a VMSA's attributes. */
uint32_t vmsa_descriptor(uint16_t attributes);

/*
 * NULL, or a clause that says why VMRUN would fail. `features` are the SEV features of the guest,
 * `xcr0` the bits that its processor has.
 */
const char *vmsa_wrong(const uint8_t *page, uint64_t features, uint64_t xcr0);

#endif
