/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/opcode.h"

#include <string.h>

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/insn.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/exits.h"
#include "vmrun/emulate/plugin/linear.h"
#include "vmrun/emulate/plugin/state.h"
#include "vmrun/emulate/plugin/vc.h"

#define VECTOR_UD 6

/* QEMU, include/qemu/qemu-plugin.h: QEMU_PLUGIN_CB_RW_REGS, so that it keeps registers in memory */
#define CALLBACK_REGISTERS 2

/* The XSAVE area: struct xregs_state of Linux, arch/x86/include/asm/fpu/types.h */
#define XSAVE_HEADER      512u
#define XSAVE_HEADER_SIZE 64u
#define XSAVE_ALIKE       7u /* components x87, SSE and AVX */

static void vmgexit(struct vcpu *vcpu, unsigned length)
{
	vcpu->held = false; /* it was woken by an interrupt, and is no longer to go on there */
	if (ghcb_page_is_set(vcpu->ghcb))
		exits_page(vcpu, length);
	else
		exits_msr(vcpu, length);
	vcpu_skip(vcpu, length);
}

/* In a guest whose registers are its own KVM's hypercall is #VC; else it is done at once. */
static void vmmcall(struct vcpu *vcpu, unsigned length)
{
	uint64_t call = vcpu->reg[RAX];

	if (vc_wanted(vcpu))
		vc_raise(vcpu, EXIT_VMMCALL, 0);
	if (emulation.options.kvm == KVM_OFF)
		return;
	emulation_count_at(emulation.counters->intercepted, COUNTERS_HARDWARE, EXIT_VMMCALL);
	vcpu->reg[RAX] = vcpu_cpl(vcpu) ? -1ull : call == 1 ? 0 : -1000ull;
	vcpu_skip(vcpu, length);
}

/*
 * As XSAVE, of the components that lie where they do without compaction: x87, SSE and AVX. Linux
 * itself is told not to use it, and what C libraries save with it is no more.
 */
static void xsavec(struct vcpu *vcpu, const uint8_t *bytes, unsigned length)
{
	uint64_t at = insn_address(bytes, vcpu->reg, *vcpu->rip);
	uint8_t header[XSAVE_HEADER_SIZE] = {0};

	emulation_count(&emulation.counters->xsavec, 1);
	/* Unlike XSAVE it owns all of the header. Where nothing is mapped, XSAVE faults. */
	linear_write(vcpu, at + XSAVE_HEADER, header, sizeof(header));
	qemu.helper_xsave(vcpu->env, at, vcpu->reg[RAX] & XSAVE_ALIKE);
	vcpu_skip(vcpu, length);
}

/* The instruction at RIP: what is not mapped of what may be its bytes is zeros. */
static void read_bytes(struct vcpu *vcpu, uint8_t bytes[INSN_MOST])
{
	memset(bytes, 0, INSN_MOST);
	linear_read_code(vcpu, *vcpu->rip, bytes, INSN_MOST);
}

/* Comes back when the instruction is none that the emulated processor knows. */
static void execute(struct vcpu *vcpu)
{
	uint8_t bytes[INSN_MOST];
	struct insn insn;

	/* In real mode RIP is no linear address, and nobody needs them there. */
	if (!(vcpu->cr[0] & VCPU_CR0_PE))
		return;
	read_bytes(vcpu, bytes);
	insn = insn_read(bytes);
	if (insn.kind == INSN_VMGEXIT && emulation.es)
		vmgexit(vcpu, insn.length);
	/* Without encrypted registers VMGEXIT is another VMMCALL (AMD64 APM volume 2, 15.35.6). */
	if (insn.kind == INSN_VMMCALL || insn.kind == INSN_VMGEXIT)
		vmmcall(vcpu, insn.length);
	if (!emulation.snp)
		return;
	if (insn.kind == INSN_PVALIDATE)
		state_pvalidate(vcpu);
	else if (insn.kind == INSN_RMPADJUST)
		state_rmpadjust(vcpu);
	else
		return;
	vcpu_skip(vcpu, insn.length);
}

/* VMMCALL and, with a prefix that QEMU overlooks, VMGEXIT. */
static void on_vmmcall(void *env)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);

	qemu.cpu_restore_state(vcpu->cs, ra);
	execute(vcpu);
	qemu.helper_raise_exception(env, VECTOR_UD);
}

/* Called for every opcode that QEMU does not know. */
static void on_raise_exception(void *env, int vector)
{
	uintptr_t ra = VC_HERE;

	if (vector == VECTOR_UD) {
		struct vcpu *vcpu = vcpu_of(env);

		qemu.cpu_restore_state(vcpu->cs, ra);
		execute(vcpu);
	}
	qemu.helper_raise_exception(env, vector);
}

#if SEVEMU_API < 7
/* Three values of at most 4 bytes; and the bit of a descriptor's second half that says so. */
#define REAL_FRAME 12u
#define SEGMENT_32 (1u << 22)

/*
 * QEMU 10 takes what IRET finds on the stack in real mode from SS:SP, where the segment is of 32
 * bits too, as it is where OVMF's vCPUs come out of AP reset hold (QEMU 11: helper_iret_real).
 */
static void on_iret_real(void *env, int shift)
{
	struct vcpu *vcpu = vcpu_of(env);
	const struct vcpu_segment *stack = &vcpu->segment[VCPU_SEGMENT_SS];
	uint64_t at = (uint32_t)(stack->base + vcpu->reg[RSP]),
	         taken = (uint32_t)(stack->base + (uint16_t)vcpu->reg[RSP]);
	uint8_t frame[REAL_FRAME], was[REAL_FRAME];

	if (vcpu->cr[0] & VCPU_CR0_PE || !(stack->flags & SEGMENT_32) || at == taken) {
		qemu.helper_iret_real(env, shift);
		return;
	}
	/* Without paging data are as private as code. */
	linear_read_code(vcpu, at, frame, sizeof(frame));
	linear_read_code(vcpu, taken, was, sizeof(was));
	linear_write(vcpu, taken, frame, sizeof(frame));
	qemu.helper_iret_real(env, shift);
	linear_write(vcpu, taken, was, sizeof(was));
}
#endif

const struct qemu_hook opcode_hooks[] = {
#if SEVEMU_API < 7
        {"iret_real", (void *)on_iret_real},
#endif
        {"vmmcall", (void *)on_vmmcall},
        {"raise_exception", (void *)on_raise_exception},
        {NULL, NULL},
};

static void before_wbinvd(unsigned index, void *data)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_current();

	(void)index;
	(void)data;
	vc_intercept(vcpu, EXIT_WBINVD, ra);
}

static void before_invd(unsigned index, void *data)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_current();

	(void)index;
	(void)data;
	vc_intercept(vcpu, EXIT_INVD, ra);
}

/* QEMU 11 raises #UD for it, but QEMU 10 goes on as if it were done (decode_group9). */
static void before_xsavec(unsigned index, void *data)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_current();
	uint8_t bytes[INSN_MOST];
	struct insn insn;

	(void)index;
	(void)data;
	if (!vcpu_is_long(vcpu))
		return;
	qemu.cpu_restore_state(vcpu->cs, ra);
	read_bytes(vcpu, bytes);
	insn = insn_read(bytes);
	if (insn.kind == INSN_XSAVEC)
		xsavec(vcpu, bytes, insn.length);
}

static void call_before(void *insn, void (*before)(unsigned index, void *data))
{
	qemu.qemu_plugin_register_vcpu_insn_exec_cb(insn, before, CALLBACK_REGISTERS, NULL);
}

void opcode_translated(void *block)
{
	size_t count = qemu.qemu_plugin_tb_n_insns(block);

	for (size_t i = 0; i < count; i++) {
		void *insn = qemu.qemu_plugin_tb_get_insn(block, i);
		uint8_t bytes[INSN_MOST] = {0};

		qemu.qemu_plugin_insn_data(insn, bytes, sizeof(bytes));
		switch (insn_read(bytes).kind) {
		case INSN_WBINVD:
			call_before(insn, before_wbinvd);
			break;
		case INSN_INVD:
			call_before(insn, before_invd);
			break;
		case INSN_XSAVEC:
			if (emulation.snp)
				call_before(insn, before_xsavec);
			break;
		default:
			break;
		}
	}
}
