/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where registers lie in a VMSA (AMD64 APM volume 2, table B-4; struct sev_es_save_area of Linux,
 * asm/svm.h). */
#ifndef VMRUN_EMULATE_VMSA_H
#define VMRUN_EMULATE_VMSA_H

enum {
	VMSA_CS_SELECTOR = 0x010, /* 2 bytes */
	VMSA_CS_BASE = 0x018,
	VMSA_EFER = 0x0d0,
	VMSA_CR4 = 0x148,
	VMSA_CR3 = 0x150,
	VMSA_CR0 = 0x158,
	VMSA_RFLAGS = 0x170,
	VMSA_RIP = 0x178,
	VMSA_RSP = 0x1d8,
	VMSA_RAX = 0x1f8,
	VMSA_PAT = 0x268,
	VMSA_RCX = 0x308,
	VMSA_RDX = 0x310,
	VMSA_RBX = 0x318,
	VMSA_RBP = 0x328, /* and RSI, RDI, R8 to R15 after it */
	VMSA_SEV_FEATURES = 0x3b0,
};

#endif
