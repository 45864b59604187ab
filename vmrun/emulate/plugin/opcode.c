// SPDX-License-Identifier: GPL-2.0-or-later
#include "vmrun/emulate/plugin/opcode.h"

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/insn.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/exits.h"
#include "vmrun/emulate/plugin/launch.h"
#include "vmrun/emulate/plugin/state.h"
#include "vmrun/emulate/plugin/vc.h"

#define VECTOR_UD 6

/* QEMU, include/qemu/qemu-plugin.h: QEMU_PLUGIN_CB_RW_REGS, so that it keeps registers in memory */
#define CALLBACK_REGISTERS 2

/* The XSAVE area: AMD64 APM volume 2, section 11.5.3 */
#define XSAVE_HEADER      512u
#define XSAVE_HEADER_SIZE 64u

static void vmgexit(struct vcpu *vcpu, unsigned length)
{
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
 * As XSAVE. The layout is the same as long as every component that is saved lies where it does
 * without compaction: x87, SSE and AVX do, and the model has no MPX. Linux itself is told not to
 * use it.
 */
static void xsavec(struct vcpu *vcpu, const uint8_t *bytes, unsigned length)
{
	uint64_t at = insn_address(bytes, vcpu->reg, *vcpu->rip);
	uint8_t header[XSAVE_HEADER_SIZE] = {0};

	emulation_count(&emulation.counters->xsavec, 1);
	/* Unlike XSAVE it owns all of the header. Where nothing is mapped, XSAVE faults. */
	qemu.cpu_memory_rw_debug(vcpu->cs, at + XSAVE_HEADER, header, sizeof(header), true);
	qemu.helper_xsave(vcpu->env, at, (uint32_t)vcpu->reg[RAX] | vcpu->reg[RDX] << 32);
	vcpu_skip(vcpu, length);
}

/* Comes back when the instruction is none that the emulated processor knows. */
static void execute(struct vcpu *vcpu)
{
	uint8_t bytes[INSN_MOST] = {0};
	struct insn insn;

	/* Fewer bytes than the longest may lie before the end of what is mapped. */
	for (unsigned size = INSN_MOST; size >= 3; size -= 4)
		if (qemu.cpu_memory_rw_debug(vcpu->cs, *vcpu->rip, bytes, size, false) == 0)
			break;
	insn = insn_read(bytes);
	switch (insn.kind) {
	case INSN_VMGEXIT:
		if (emulation.es)
			vmgexit(vcpu, insn.length);
		break;
	case INSN_VMMCALL:
		vmmcall(vcpu, insn.length);
		break;
	case INSN_PVALIDATE:
		if (!emulation.snp)
			break;
		state_pvalidate(vcpu);
		vcpu_skip(vcpu, insn.length);
	case INSN_RMPADJUST:
		if (!emulation.snp)
			break;
		state_rmpadjust(vcpu);
		vcpu_skip(vcpu, insn.length);
	case INSN_XSAVEC:
		if (emulation.snp && vcpu_is_long(vcpu))
			xsavec(vcpu, bytes, insn.length);
		break;
	default:
		break;
	}
}

/* VMMCALL and, with a prefix that QEMU overlooks, VMGEXIT. */
static void on_vmmcall(void *env)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = launch_enter(env);

	qemu.cpu_restore_state(vcpu->cs, ra);
	execute(vcpu);
	qemu.helper_raise_exception(env, VECTOR_UD);
}

/* Called for every opcode that QEMU does not know. */
static void on_raise_exception(void *env, int vector)
{
	uintptr_t ra = VC_HERE;

	if (vector == VECTOR_UD) {
		struct vcpu *vcpu = launch_enter(env);

		qemu.cpu_restore_state(vcpu->cs, ra);
		execute(vcpu);
	}
	qemu.helper_raise_exception(env, vector);
}

const struct qemu_hook opcode_hooks[] = {
        {"vmmcall", (void *)on_vmmcall},
        {"raise_exception", (void *)on_raise_exception},
        {NULL, NULL},
};

static void before_cache(uint64_t code, uintptr_t ra)
{
	void *cs = qemu_current_cpu();
	void *env = vcpu_env(cs);

	if (env)
		vc_intercept(launch_enter(env), code, ra);
}

static void before_wbinvd(unsigned index, void *data)
{
	(void)index;
	(void)data;
	before_cache(EXIT_WBINVD, VC_HERE);
}

static void before_invd(unsigned index, void *data)
{
	(void)index;
	(void)data;
	before_cache(EXIT_INVD, VC_HERE);
}

void opcode_translated(void *block)
{
	size_t count = qemu.qemu_plugin_tb_n_insns(block);

	for (size_t i = 0; i < count; i++) {
		void *insn = qemu.qemu_plugin_tb_get_insn(block, i);
		uint8_t bytes[INSN_MOST] = {0};
		enum insn_kind kind;

		if (qemu.qemu_plugin_insn_data(insn, bytes, 2) != 2 || bytes[0] != 0x0f)
			continue;
		kind = insn_read(bytes).kind;
		if (kind == INSN_WBINVD || kind == INSN_INVD)
			qemu.qemu_plugin_register_vcpu_insn_exec_cb(
			        insn, kind == INSN_WBINVD ? before_wbinvd : before_invd,
			        CALLBACK_REGISTERS, NULL);
	}
}
