/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The few instructions that the emulated processor reads itself (AMD64 APM volume 3). */
#ifndef VMRUN_EMULATE_INSN_H
#define VMRUN_EMULATE_INSN_H

#include <stdint.h>

#define INSN_MOST 15u /* bytes of an instruction */

enum insn_kind {
	INSN_OTHER,
	INSN_VMGEXIT,   /* F3 0F 01 D9, or with F2 */
	INSN_VMMCALL,   /* 0F 01 D9 */
	INSN_PVALIDATE, /* F2 0F 01 FF */
	INSN_RMPADJUST, /* F3 0F 01 FE */
	INSN_XSAVEC,    /* 0F C7 /4 with memory, with or without REX */
	INSN_WBINVD,    /* 0F 09 */
	INSN_INVD,      /* 0F 08 */
};

struct insn {
	enum insn_kind kind;
	unsigned length;
};

struct insn insn_read(const uint8_t bytes[INSN_MOST]);

/*
 * The address of XSAVEC's memory in 64-bit mode. `reg`: RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8
 * to R15, as ModRM numbers them; `rip` of the instruction.
 */
uint64_t insn_address(const uint8_t bytes[INSN_MOST], const uint64_t reg[16], uint64_t rip);

#endif
