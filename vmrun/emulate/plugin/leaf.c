/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/leaf.h"

#include <string.h>

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/qemu.h"

/* AMD64 APM volume 3, appendix E.4.17: CPUID Fn8000_001F */
#define LEAF_SEV     0x8000001fu
#define EAX_SEV      (1u << 1)
#define EAX_SEV_ES   (1u << 3)
#define EAX_SNP      (1u << 4)
#define EBX_REDUCED  (1u << 6) /* 11:6, physical address bits that are lost */
#define LEAF_MOST    0x80000021u
#define LEAF_SIZES   0x80000008u
#define GUEST_BITS   48u /* of physical addresses that a guest sees */
#define EXTENDED     0x80000000u
#define EXTENDED_END 0x8fffffffu

/* X86_FEATURE_XSAVEC of Linux, asm/cpufeatures.h, which its snp_cpuid_postprocess demands. */
#define LEAF_XSAVE 0xdu
#define EAX_XSAVEC 2u

/*
 * X86_FEATURE_MWAIT in the same file: MONITOR and MWAIT. KVM shows it to no guest that has not a
 * processor to itself, and OVMF's idle vCPUs would use it where they cannot take #VC.
 */
#define LEAF_BASIC  1u
#define ECX_MONITOR 8u

/* Linux, arch/x86/include/uapi/asm/kvm_para.h */
#define KVM_LEAF        0x40000000u
#define KVM_LEAF_BESIDE 0x40000100u

static const char kvm_signature[12] = "KVMKVMKVM\0\0";

/* KVM's own leaves, which offer nothing but the hypercall. */
static bool answer_kvm(uint32_t leaf, uint32_t answer[4])
{
	uint32_t base = emulation.options.kvm == KVM_FIRST ? KVM_LEAF : KVM_LEAF_BESIDE;

	if (emulation.options.kvm == KVM_OFF || leaf < base || leaf > base + 1)
		return false;
	memset(answer, 0, 4 * sizeof(*answer));
	if (leaf == base) {
		answer[0] = base + 1;
		memcpy(answer + 1, kvm_signature, sizeof(kvm_signature));
	}
	return true;
}

static void ask(void *env, uint32_t leaf, uint32_t subleaf, uint32_t answer[4])
{
	qemu.cpu_x86_cpuid(env, leaf, subleaf, &answer[0], &answer[1], &answer[2], &answer[3]);
}

static void answer_extended(void *env, uint32_t leaf, uint32_t answer[4])
{
	uint32_t most[4];

	/* Beyond the last leaf QEMU answers with another one's data. */
	ask(env, EXTENDED, 0, most);
	if (leaf > most[0])
		memset(answer, 0, 4 * sizeof(*answer));
	if (leaf == EXTENDED && answer[0] < LEAF_MOST)
		answer[0] = LEAF_MOST;
	if (leaf == LEAF_SIZES && (answer[0] & 0xff) > GUEST_BITS)
		answer[0] = (answer[0] & ~0xffu) | GUEST_BITS;
	if (leaf == LEAF_SEV) {
		answer[0] =
		        EAX_SEV | (emulation.es ? EAX_SEV_ES : 0) | (emulation.snp ? EAX_SNP : 0);
		answer[1] = emulation.options.c_bit | EBX_REDUCED;
		answer[2] = answer[3] = 0;
	}
}

void leaf_answer(void *env, uint32_t leaf, uint32_t subleaf, uint32_t answer[4])
{
	if (answer_kvm(leaf, answer))
		return;
	ask(env, leaf, subleaf, answer);
	if (leaf == LEAF_BASIC)
		answer[2] &= ~ECX_MONITOR;
	if (leaf == LEAF_XSAVE && subleaf == 1 && emulation.snp)
		answer[0] |= EAX_XSAVEC;
	if (leaf >= EXTENDED && leaf <= EXTENDED_END)
		answer_extended(env, leaf, answer);
}
