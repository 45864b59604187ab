/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/ap.h"

#include <string.h>

#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/msr.h"
#include "vmrun/emulate/vmsa.h"

/* Linux, arch/x86/include/uapi/asm/svm.h: SVM_VMGEXIT_AP_* */
enum { CREATE_ON_INIT = 0, CREATE = 1, DESTROY = 2 };

/* The APIC's interrupt command: APIC_INT_ASSERT, APIC_DM_* of Linux, asm/apicdef.h */
#define ICR_INIT    0x4500u
#define ICR_STARTUP 0x4600u
#define APIC_PAGE   0xfee00000ull
#define APIC_ICR    0x300u
#define APIC_ICR_HI 0x310u

/*
 * VMSAs by APIC ID, given by one vCPU and taken by another: QEMU starts the vCPU at a page that its
 * startup interrupt names, and where it arrives there the rest of its registers are set.
 */
struct waiting {
	uint64_t vmsa; /* 0: none */
	uint64_t base; /* of its code segment */
};
static struct waiting waiting[VCPUS_MOST];

static uint64_t field(uint64_t vmsa, unsigned offset)
{
	uint64_t value;

	memory_read(vmsa + offset, &value, sizeof(value));
	return value;
}

static void send(struct vcpu *by, uint32_t apic, uint32_t command)
{
	uint64_t base;
	uint32_t high = apic << 24;

	if (msr_read(by, MSRS_APIC_BASE, &base) && base & MSRS_APIC_X2) {
		msr_write(by, MSRS_X2APIC_ICR, (uint64_t)apic << 32 | command);
		return;
	}
	memory_write(APIC_PAGE + APIC_ICR_HI, &high, sizeof(high));
	memory_write(APIC_PAGE + APIC_ICR, &command, sizeof(command));
}

/* Linux and OVMF start vCPUs in real mode, at a page below 1 MiB, which is what QEMU can do. */
static const char *unable(uint64_t vmsa)
{
	if (vmsa & 0xfff || pages_state(&emulation.pages, vmsa) != PAGES_VMSA)
		return "its page is no VMSA";
	if (field(vmsa, VMSA_CR0) & VCPU_CR0_PE)
		return "it starts in protected mode, which is not emulated";
	if (field(vmsa, VMSA_CS_BASE) & ~0xff000ull)
		return "its code does not begin at a page below 1 MiB, which is not emulated";
	return NULL;
}

bool ap_request(struct vcpu *by, uint64_t info, uint64_t vmsa)
{
	uint32_t apic = (uint32_t)(info >> 32), what = (uint32_t)info & 0xffff;
	const char *why;

	if (apic >= VCPUS_MOST || what > DESTROY)
		return false;
	if (what == DESTROY) {
		__atomic_store_n(&waiting[apic].vmsa, 0, __ATOMIC_RELEASE);
		send(by, apic, ICR_INIT);
		return true;
	}
	why = unable(vmsa);
	if (why) {
		emulation_say("vCPU %u cannot be created: %s", apic, why);
		return false;
	}
	emulation_count(&emulation.counters->ap_created, 1);
	waiting[apic].base = field(vmsa, VMSA_CS_BASE);
	__atomic_store_n(&waiting[apic].vmsa, vmsa, __ATOMIC_RELEASE);
	if (what == CREATE_ON_INIT)
		return true;
	send(by, apic, ICR_INIT);
	send(by, apic, ICR_STARTUP | (uint32_t)(waiting[apic].base >> 12));
	return true;
}

static void load(struct vcpu *vcpu, uint64_t vmsa)
{
	static const unsigned general[16] = {
	        VMSA_RAX,        VMSA_RCX,        VMSA_RDX,        VMSA_RBX,
	        VMSA_RSP,        VMSA_RBP,        VMSA_RBP + 0x08, VMSA_RBP + 0x10,
	        VMSA_RBP + 0x18, VMSA_RBP + 0x20, VMSA_RBP + 0x28, VMSA_RBP + 0x30,
	        VMSA_RBP + 0x38, VMSA_RBP + 0x40, VMSA_RBP + 0x48, VMSA_RBP + 0x50,
	};

	for (unsigned i = 0; i < 16; i++)
		vcpu->reg[i] = field(vmsa, general[i]);
	*vcpu->rip = field(vmsa, VMSA_RIP);
	vcpu_write(vcpu, VCPU_CR3, field(vmsa, VMSA_CR3));
	vcpu_write(vcpu, VCPU_CR4, field(vmsa, VMSA_CR4));
	vcpu_write(vcpu, VCPU_CR0, field(vmsa, VMSA_CR0));
	msr_write(vcpu, MSRS_PAT, field(vmsa, VMSA_PAT));
}

void ap_arrive(struct vcpu *vcpu, uint64_t address)
{
	uint64_t vmsa;
	uint32_t apic;

	if (vcpu->cr[0] & VCPU_CR0_PE || *vcpu->rip != 0)
		return;
	apic = vcpu_apic_id(vcpu);
	if (apic >= VCPUS_MOST || waiting[apic].base != (address & ~0xfffull))
		return;
	vmsa = __atomic_exchange_n(&waiting[apic].vmsa, 0, __ATOMIC_ACQ_REL);
	if (!vmsa)
		return;
	emulation_trace("%u ap vmsa %#llx", vcpu->index, (unsigned long long)vmsa);
	load(vcpu, vmsa);
	vcpu_skip(vcpu, 0);
}
