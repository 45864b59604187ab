/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/registers.h"

#include <string.h>

#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/plugin/msr.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/vmsa.h"

/* QEMU, sev_es_set_reset_vector: the upper half is the base of the code segment. */
#define RESET_SELECTOR 0xf000u
#define RESET_BASE     0xffff0000u

/* RFLAGS but for what QEMU keeps elsewhere, the arithmetic flags and DF (Linux, X86_EFLAGS_*). */
#define FLAGS_KEPT 0x3f7300u

#define CR4_OSXSAVE (1u << 18)

void registers_keep(struct vcpu *vcpu)
{
	vcpu->kept_efer = vcpu_read(vcpu, VCPU_EFER);
	memcpy(vcpu->kept, vcpu->env, vcpu_kept_size(vcpu));
}

void registers_put_back(struct vcpu *vcpu)
{
	vcpu_write(vcpu, VCPU_EFER, vcpu->kept_efer);
	memcpy(vcpu->env, vcpu->kept, vcpu_kept_size(vcpu));
	vcpu->in_long_mode = false; /* to be asked again */
	vcpu->delivering = false;
}

void registers_begin(struct vcpu *vcpu, uint32_t address)
{
	vcpu->segment[VCPU_SEGMENT_CS].selector = RESET_SELECTOR;
	vcpu->segment[VCPU_SEGMENT_CS].base = address & RESET_BASE;
	*vcpu->rip = address & ~RESET_BASE;
	qemu.x86_update_hflags(vcpu->env);
}

static void load_segments(struct vcpu *vcpu, const uint8_t *vmsa)
{
	static const unsigned at[VCPU_SEGMENTS] = {
	        [VCPU_SEGMENT_ES] = VMSA_ES,    [VCPU_SEGMENT_CS] = VMSA_CS,
	        [VCPU_SEGMENT_SS] = VMSA_SS,    [VCPU_SEGMENT_DS] = VMSA_DS,
	        [VCPU_SEGMENT_FS] = VMSA_FS,    [VCPU_SEGMENT_GS] = VMSA_GS,
	        [VCPU_SEGMENT_LDT] = VMSA_LDTR, [VCPU_SEGMENT_TR] = VMSA_TR,
	        [VCPU_SEGMENT_GDT] = VMSA_GDTR, [VCPU_SEGMENT_IDT] = VMSA_IDTR,
	};

	for (unsigned i = 0; i < VCPU_SEGMENTS; i++) {
		struct vmsa_segment s = vmsa_segment(vmsa, at[i]);

		vcpu->segment[i] = (struct vcpu_segment){
		        .selector = s.selector,
		        .base = s.base,
		        .limit = s.limit,
		        .flags = vmsa_descriptor(s.attributes),
		};
	}
}

static void load_msrs(struct vcpu *vcpu, const uint8_t *vmsa)
{
	/* Linux, asm/msr-index.h: MSR_STAR and so on */
	static const struct {
		uint32_t index;
		unsigned at;
	} msrs[] = {
	        {0xc0000081, VMSA_STAR},    {0xc0000082, VMSA_LSTAR},
	        {0xc0000083, VMSA_CSTAR},   {0xc0000084, VMSA_SFMASK},
	        {0x174, VMSA_SYSENTER_CS},  {0x175, VMSA_SYSENTER_ESP},
	        {0x176, VMSA_SYSENTER_EIP}, {0xc0000102, VMSA_KERNEL_GS_BASE},
	        {MSRS_PAT, VMSA_PAT},
	};

	for (unsigned i = 0; i < sizeof(msrs) / sizeof(*msrs); i++)
		msr_write(vcpu, msrs[i].index, vmsa_get(vmsa, msrs[i].at));
	msr_write(vcpu, MSRS_TSC_AUX, (uint32_t)vmsa_get(vmsa, VMSA_TSC_AUX));
}

static void load_control(struct vcpu *vcpu, const uint8_t *vmsa)
{
	uint32_t cr4 = (uint32_t)vmsa_get(vmsa, VMSA_CR4);

	/* QEMU's XSETBV wants to be allowed. */
	qemu.cpu_x86_update_cr4(vcpu->env, cr4 | CR4_OSXSAVE);
	qemu.helper_xsetbv(vcpu->env, 0, vmsa_get(vmsa, VMSA_XCR0));
	qemu.cpu_x86_update_cr4(vcpu->env, cr4);
	/* The guest itself has no use for the bit that lets it run. */
	qemu.cpu_load_efer(vcpu->env, vmsa_get(vmsa, VMSA_EFER) & ~VMSA_EFER_SVM);
	qemu.cpu_x86_update_cr3(vcpu->env, vmsa_get(vmsa, VMSA_CR3));
	qemu.cpu_x86_update_cr0(vcpu->env, (uint32_t)vmsa_get(vmsa, VMSA_CR0));
	vcpu->cr[2] = vmsa_get(vmsa, VMSA_CR2);
	qemu.helper_set_dr(vcpu->env, 6, vmsa_get(vmsa, VMSA_DR6));
	qemu.helper_set_dr(vcpu->env, 7, vmsa_get(vmsa, VMSA_DR7));
}

static void load_vectors(struct vcpu *vcpu, const uint8_t *vmsa)
{
	uint8_t xmm[16];

	vcpu_write(vcpu, VCPU_FCW, (uint16_t)vmsa_get(vmsa, VMSA_FCW));
	vcpu_write(vcpu, VCPU_MXCSR, (uint32_t)vmsa_get(vmsa, VMSA_MXCSR));
	for (size_t i = 0; i < 16; i++) {
		memcpy(xmm, vmsa + VMSA_XMM + i * sizeof(xmm), sizeof(xmm));
		qemu.x86_cpu_gdb_write_register(vcpu->cs, xmm, VCPU_XMM + (int)i);
	}
}

static void load_general(struct vcpu *vcpu, const uint8_t *vmsa)
{
	static const unsigned first[5] = {VMSA_RAX, VMSA_RCX, VMSA_RDX, VMSA_RBX, VMSA_RSP};

	for (unsigned i = 0; i < 16; i++)
		vcpu->reg[i] = vmsa_get(vmsa, i < 5 ? first[i] : VMSA_RBP + 8 * (i - 5));
	*vcpu->rip = vmsa_get(vmsa, VMSA_RIP);
}

void registers_load(struct vcpu *vcpu, const uint8_t *vmsa)
{
	load_msrs(vcpu, vmsa);
	load_control(vcpu, vmsa);
	load_segments(vcpu, vmsa);
	load_vectors(vcpu, vmsa);
	load_general(vcpu, vmsa);
	qemu.helper_write_eflags(vcpu->env, vmsa_get(vmsa, VMSA_RFLAGS), FLAGS_KEPT);
	qemu.x86_update_hflags(vcpu->env);
	vcpu->in_long_mode = false; /* to be asked again */
	vcpu->delivering = false;
}
