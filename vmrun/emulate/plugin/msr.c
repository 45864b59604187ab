/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/msr.h"

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/leaf.h"
#include "vmrun/emulate/plugin/vc.h"

/* MSR_AMD64_SYSCFG, _SEV_ES_GHCB and _SEV of Linux, arch/x86/include/asm/msr-index.h */
#define MSR_SYSCFG     0xc0010010u
#define MSR_GHCB       0xc0010130u
#define MSR_SEV_STATUS 0xc0010131u

struct range {
	uint32_t first, last;
};

/*
 * What KVM lets a guest reach directly (svm_recalc_msr_intercepts and
 * svm_recalc_lbr_msr_intercepts in arch/x86/kvm/svm/svm.c, sev_es_recalc_msr_intercepts in
 * arch/x86/kvm/svm/sev.c, Linux 6.18), on processors from Milan on, which virtualise SPEC_CTRL and
 * TSC_AUX: of every guest ...
 */
static const struct range direct[] = {
        {0x174, 0x176},           /* SYSENTER_CS, _ESP, _EIP */
        {0x48, 0x49},             /* SPEC_CTRL, PRED_CMD */
        {0xc0000081, 0xc0000084}, /* STAR, LSTAR, CSTAR, SYSCALL_MASK */
        {0xc0000100, 0xc0000102}, /* FS_BASE, GS_BASE, KERNEL_GS_BASE */
};
/* ... and where the processor switches them with an encrypted state. */
static const struct range direct_es[] = {
        {0xc0000080, 0xc0000080}, /* EFER */
        {0x277, 0x277},           /* PAT */
        {0xc0000103, 0xc0000103}, /* TSC_AUX */
        {0x1d9, 0x1d9},           /* DEBUGCTL */
        {0x1db, 0x1de},           /* last branch and interrupt */
        {0xda0, 0xda0},           /* XSS */
};

static bool within(const struct range *ranges, unsigned count, uint32_t index)
{
	for (unsigned i = 0; i < count; i++)
		if (index >= ranges[i].first && index <= ranges[i].last)
			return true;
	return false;
}

static bool is_direct(uint32_t index)
{
	return within(direct, sizeof(direct) / sizeof(*direct), index) ||
	       (emulation.es && within(direct_es, sizeof(direct_es) / sizeof(*direct_es), index));
}

static void put(struct vcpu *vcpu, uint64_t value)
{
	vcpu->reg[RAX] = (uint32_t)value;
	vcpu->reg[RDX] = value >> 32;
}

static void on_rdmsr(void *env)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);
	uint32_t index = (uint32_t)vcpu->reg[RCX];

	if (index == MSR_SEV_STATUS) {
		put(vcpu, emulation.status);
	} else if (index == MSR_GHCB && emulation.es) {
		put(vcpu, vcpu->ghcb);
	} else if (index == MSR_SYSCFG) {
		put(vcpu, 0); /* SME is the host's */
	} else {
		if (!is_direct(index))
			vc_intercept(vcpu, EXIT_MSR, ra);
		qemu.helper_rdmsr(env);
	}
}

static void on_wrmsr(void *env)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);
	uint32_t index = (uint32_t)vcpu->reg[RCX];

	if (index == MSR_GHCB && emulation.es) {
		vcpu->ghcb = (uint32_t)vcpu->reg[RAX] | vcpu->reg[RDX] << 32;
		return;
	}
	if (!is_direct(index))
		vc_intercept(vcpu, EXIT_MSR, ra);
	qemu.helper_wrmsr(env);
}

const struct qemu_hook msr_hooks[] = {
        {"rdmsr", (void *)on_rdmsr},
        {"wrmsr", (void *)on_wrmsr},
        {NULL, NULL},
};

/* QEMU's function takes and gives registers of the vCPU. */
static uint64_t through_registers(struct vcpu *vcpu, uint32_t index, bool write, uint64_t value)
{
	uint64_t a = vcpu->reg[RAX], c = vcpu->reg[RCX], d = vcpu->reg[RDX];

	vcpu->reg[RCX] = index;
	put(vcpu, value);
	if (write)
		qemu.helper_wrmsr(vcpu->env);
	else
		qemu.helper_rdmsr(vcpu->env);
	value = (uint32_t)vcpu->reg[RAX] | vcpu->reg[RDX] << 32;
	vcpu->reg[RAX] = a;
	vcpu->reg[RCX] = c;
	vcpu->reg[RDX] = d;
	return value;
}

/* CPUID Fn0000_0001 ECX: bit 21 x2APIC; Fn8000_0008 EAX 7:0 (X86_FEATURE_X2APIC of Linux) */
static struct msrs rules(struct vcpu *vcpu)
{
	uint32_t basic[4], sizes[4];

	leaf_answer(vcpu->env, 1, 0, basic);
	leaf_answer(vcpu->env, 0x80000008, 0, sizes);
	return (struct msrs){
	        .apic_base = through_registers(vcpu, MSRS_APIC_BASE, false, 0),
	        .address_bits = sizes[0] & 0xff,
	        .x2apic = basic[2] & 1u << 21,
	};
}

bool msr_read(struct vcpu *vcpu, uint32_t index, uint64_t *value)
{
	struct msrs msrs = rules(vcpu);

	if (!msrs_readable(&msrs, index))
		return false;
	*value = through_registers(vcpu, index, false, 0);
	return true;
}

bool msr_write(struct vcpu *vcpu, uint32_t index, uint64_t value)
{
	struct msrs msrs = rules(vcpu);

	if (!msrs_writable(&msrs, index, value))
		return false;
	through_registers(vcpu, index, true, value);
	return true;
}
