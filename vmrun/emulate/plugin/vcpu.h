/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vCPU: QEMU's registers of it, and what SEV adds. Used by its own thread alone. */
#ifndef VMRUN_EMULATE_PLUGIN_VCPU_H
#define VMRUN_EMULATE_PLUGIN_VCPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VCPUS_MOST 256u

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI };

/* Numbers of registers in QEMU's gdbstub (target/i386/gdbstub.c, x86-64). */
enum vcpu_gdb {
	VCPU_RAX = 0,
	VCPU_RCX = 2, /* it has another order than an instruction: RAX, RBX, RCX, RDX */
	VCPU_RIP = 16,
	VCPU_CS = 18,
	VCPU_CR0 = 27,
	VCPU_CR2 = 28,
	VCPU_CR3 = 29,
	VCPU_CR4 = 30,
	VCPU_GS_BASE = 25,
	VCPU_EFER = 32,
	VCPU_FCW = 41,
	VCPU_XMM = 49, /* to XMM15 */
	VCPU_MXCSR = 65,
};

/* QEMU's SegmentCache (target/i386/cpu.h). Flags are the second half of a descriptor. */
struct vcpu_segment {
	uint32_t selector;
	uint64_t base;
	uint32_t limit, flags;
};

/* They lie before the control registers in this order, the last two with base and limit alone. */
enum {
	VCPU_SEGMENT_ES,
	VCPU_SEGMENT_CS,
	VCPU_SEGMENT_SS,
	VCPU_SEGMENT_DS,
	VCPU_SEGMENT_FS,
	VCPU_SEGMENT_GS,
	VCPU_SEGMENT_LDT,
	VCPU_SEGMENT_TR,
	VCPU_SEGMENT_GDT,
	VCPU_SEGMENT_IDT,
	VCPU_SEGMENTS
};

#define VCPU_KEPT 96u /* words of 8 bytes from CPUX86State's beginning to CR4, at most */

/* Linux: X86_CR0_*, X86_CR4_* in uapi/asm/processor-flags.h, EFER_* in asm/msr-index.h */
#define VCPU_CR0_PE   1ull
#define VCPU_CR0_WP   (1ull << 16)
#define VCPU_CR0_PG   (1ull << 31)
#define VCPU_CR4_PAE  (1ull << 5)
#define VCPU_CR4_LA57 (1ull << 12)
#define VCPU_EFER_LMA (1ull << 10)

struct vcpu {
	unsigned index;
	void *cs, *env;     /* QEMU's CPUState and CPUX86State */
	uint64_t *reg;      /* RAX to R15 */
	uint64_t *rip, *cr; /* cr[0] to cr[4] */
	struct vcpu_segment *segment;
	bool in_long_mode; /* was last seen in it */
	bool delivering;   /* a #VC */
	bool delivered;    /* one at least */
	uint64_t ghcb;     /* the GHCB MSR */
	uint64_t wish; /* the page and view that view_use wants translations flushed for, or 0 */
	uint64_t registered; /* the page that the guest registered as GHCB under SNP */
	uint64_t dr7;        /* what the guest's GHCBs say of it */

	bool started;       /* by a first startup interrupt (ap.c) */
	bool stopped;       /* by vcpu_stop, until it is started */
	bool interrupted;   /* by INIT elsewhere than in AP reset hold, with its registers kept */
	bool woken;         /* on the way to AP reset hold, which is over when it comes there */
	bool held;          /* in AP reset hold, with its registers kept ... */
	uint64_t hold_page; /* ... and the GHCB that wants the answer; 0: the GHCB MSR does */
	uint64_t kept[VCPU_KEPT], kept_efer;
};

/*
 * The vCPU whose CPUState is `cs`, by its own thread and for the first time before its first
 * instruction. *first: it is the first one of all. Ends QEMU with a sentence where the registers do
 * not lie as expected.
 */
struct vcpu *vcpu_enter(void *cs, bool *first);

/* The same one afterwards: by its CPUX86State, or that of the calling thread. */
struct vcpu *vcpu_of(void *env);
struct vcpu *vcpu_current(void);

/* Bytes of CPUX86State from its beginning to the end of the control registers. */
size_t vcpu_kept_size(const struct vcpu *vcpu);

/* The one whose CPUState is `cs`; NULL: it was not entered. */
struct vcpu *vcpu_known(void *cs);

/* The vCPUs that were entered, from 0 on; NULL: there are no more. */
struct vcpu *vcpu_at(unsigned index);

uint64_t vcpu_read(struct vcpu *vcpu, enum vcpu_gdb n);
void vcpu_write(struct vcpu *vcpu, enum vcpu_gdb n, uint64_t value);

bool vcpu_is_long(struct vcpu *vcpu); /* EFER.LMA */
unsigned vcpu_cpl(struct vcpu *vcpu);
uint32_t vcpu_apic_id(struct vcpu *vcpu);

/* Go on at the current instruction, `length` bytes on: translated code is left. */
_Noreturn void vcpu_skip(struct vcpu *vcpu, unsigned length);

/* Stand still at the current instruction, until INIT or a startup interrupt. */
_Noreturn void vcpu_stop(struct vcpu *vcpu);

#endif
