/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/ap.h"

#include <stddef.h>

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/metadata.h"
#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/launch.h"
#include "vmrun/emulate/plugin/leaf.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/msr.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/registers.h"
#include "vmrun/emulate/plugin/vc.h"
#include "vmrun/emulate/vmsa.h"

/* Linux, arch/x86/include/uapi/asm/svm.h: SVM_VMGEXIT_AP_* */
enum { CREATE_ON_INIT = 0, CREATE = 1, DESTROY = 2 };

/* The APIC's interrupt command: APIC_INT_ASSERT, APIC_DM_* of Linux, asm/apicdef.h */
#define ICR_INIT    0x4500u
#define ICR_STARTUP 0x4600u
#define APIC_PAGE   0xfee00000ull
#define APIC_ICR    0x300u
#define APIC_ICR_HI 0x310u

#define ICR_MODE    0x700u /* 0x500 is INIT */
#define ICR_LOGICAL 0x800u
#define ICR_ASSERT  0x4000u
#define ICR_WHOM    0xc0000u
#define ICR_SELF    0x40000u

/* QEMU, target/i386/cpu.h: CPU_INTERRUPT_INIT and _SIPI; and where RIP is after INIT. */
#define INTERRUPT_INIT 0x0400
#define INTERRUPT_SIPI 0x0800
#define RIP_AFTER_INIT 0xfff0u

/* Linux, asm/sev-common.h: GHCB_MSR_AP_RESET_HOLD_RESULT_POS */
#define HOLD_STARTED (1ull << 12 | GHCB_MSR_HOLD_RESPONSE)

#define LARGE_PAGE 0x200000u

/* VMSAs by APIC ID, given by one vCPU and taken by another; 0: none. */
static uint64_t waiting[VCPUS_MOST];

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

/* The bits of XCR0 that this processor has: CPUID Fn0000_000D, EDX and EAX of subleaf 0 */
static uint64_t xcr0_bits(struct vcpu *vcpu)
{
	uint32_t r[4];

	leaf_answer(vcpu->env, 0xd, 0, r);
	return r[0] | (uint64_t)r[3] << 32;
}

static uint64_t sev_features(void)
{
	return emulation.status >> 2;
}

/* NULL, or a clause that says why a vCPU cannot begin with it. */
static const char *unable(struct vcpu *vcpu, uint64_t vmsa, uint8_t page[VMSA_SIZE])
{
	if (vmsa & (VMSA_SIZE - 1) || pages_state(&emulation.pages, vmsa) != PAGES_VMSA)
		return "its page is no VMSA";
	if (!(vmsa & (LARGE_PAGE - 1)))
		return "its VMSA is at a multiple of 2 MiB, which processors do not bear";
	memory_read_private(vmsa, page, VMSA_SIZE);
	return vmsa_wrong(page, sev_features(), xcr0_bits(vcpu));
}

static bool refuse(uint32_t apic, const char *why)
{
	static uint64_t refused;

	if (emulation_is_new(&refused))
		emulation_say("vCPU %u cannot be created: %s", apic, why);
	return false;
}

bool ap_request(struct vcpu *by, uint64_t info, uint64_t vmsa, uint64_t features)
{
	uint32_t apic = (uint32_t)(info >> 32), what = (uint32_t)info;
	uint8_t page[VMSA_SIZE];
	const char *why;

	if (apic >= VCPUS_MOST || !qemu.cpu_by_arch_id(apic))
		return refuse(apic, "there is none");
	if (what > DESTROY)
		return refuse(apic, "the guest asks for what is not known");
	if (what == DESTROY) {
		__atomic_store_n(&waiting[apic], 0, __ATOMIC_RELEASE);
		send(by, apic, ICR_INIT);
		return true;
	}
	why = features == sev_features() ? unable(by, vmsa, page)
	                                 : "its SEV features are not those of the guest";
	if (why)
		return refuse(apic, why);
	emulation_count(&emulation.counters->ap_created, 1);
	__atomic_store_n(&waiting[apic], vmsa, __ATOMIC_RELEASE);
	if (what == CREATE_ON_INIT)
		return true;
	send(by, apic, ICR_INIT);
	send(by, apic, ICR_STARTUP);
	return true;
}

/* By the vCPU itself, between two instructions. */
static void take_init(void *cs, void *data)
{
	struct vcpu *vcpu = data;

	if (!vcpu->held) {
		registers_keep(vcpu);
		vcpu->interrupted = true;
	}
	qemu.cpu_interrupt(cs, INTERRUPT_INIT);
}

/* The same: in the order in which they were sent. The page that it names does not matter. */
static void take_startup(void *cs, void *data)
{
	(void)data;
	qemu.cpu_interrupt(cs, INTERRUPT_SIPI);
}

static bool is_meant(struct vcpu *vcpu, uint64_t command)
{
	uint32_t to = (uint32_t)(command >> 32);

	if (command & ICR_WHOM)
		return (command & ICR_WHOM) != ICR_SELF;
	return to == vcpu_apic_id(vcpu) || to == 0xff || to == UINT32_MAX;
}

bool ap_command(struct vcpu *by, uint64_t command)
{
	bool init = (command & ICR_MODE) == (ICR_INIT & ICR_MODE),
	     startup = (command & ICR_MODE) == (ICR_STARTUP & ICR_MODE);
	struct vcpu *vcpu;

	if (!emulation.es || (!init && !startup) || command & ICR_LOGICAL ||
	    (init && !(command & ICR_ASSERT)))
		return false;
	for (unsigned i = 0; (vcpu = vcpu_at(i)) != NULL; i++)
		if (vcpu != by && is_meant(vcpu, command))
			qemu.async_run_on_cpu(vcpu->cs, init ? take_init : take_startup, vcpu);
	/*
	 * A vCPU that was never started is not among them: it has no registers to lose and waits
	 * for its start, which QEMU sends. One that does not wait takes no notice of it.
	 */
	return init;
}

bool ap_command_page(struct vcpu *by, uint64_t address, uint32_t value)
{
	uint32_t high;

	if (address != APIC_PAGE + APIC_ICR)
		return false;
	memory_read(APIC_PAGE + APIC_ICR_HI, &high, sizeof(high));
	return ap_command(by, (uint64_t)(high >> 24) << 32 | value);
}

static void tell_started(struct vcpu *vcpu)
{
	const uint64_t started = 1;

	if (vcpu->hold_page)
		memory_write(vcpu->hold_page + GHCB_EXITINFO2, &started, sizeof(started));
	else
		vcpu->ghcb = HOLD_STARTED;
}

_Noreturn void ap_hold(struct vcpu *vcpu, uint64_t page, unsigned length)
{
	vcpu->hold_page = page;
	if (vcpu->woken) {
		vcpu->woken = false;
		tell_started(vcpu);
		vcpu_skip(vcpu, length);
	}
	*vcpu->rip += length;
	vcpu->held = true;
	registers_keep(vcpu);
	vcpu_stop(vcpu);
}

static void start_with(struct vcpu *vcpu, uint64_t vmsa)
{
	uint8_t page[VMSA_SIZE];
	const char *why = unable(vcpu, vmsa, page);

	emulation_trace("%u ap vmsa %#llx", vcpu->index, (unsigned long long)vmsa);
	if (why) {
		emulation_say("vCPU %u cannot begin: %s", vcpu->index, why);
		vc_end(vcpu);
	}
	registers_load(vcpu, page);
}

static void start_first(struct vcpu *vcpu)
{
	uint32_t address;

	if (!metadata_ap_reset(memory_read_bytes, NULL, &address)) {
		emulation_say(
		        "the firmware does not say where vCPUs after the first begin: with it "
		        "QEMU starts no guest of SEV-ES on hardware");
		vc_end(vcpu);
	}
	emulation_trace("%u ap reset %#x", vcpu->index, address);
	registers_begin(vcpu, address);
}

static void go_on(struct vcpu *vcpu, bool held)
{
	emulation_trace("%u ap %s", vcpu->index, held ? "wakes" : "goes on");
	registers_put_back(vcpu);
	/*
	 * Guests start a vCPU that has said that it is about to hold. On hardware it is there in no
	 * time; here it may be that it was interrupted before.
	 */
	if (held)
		tell_started(vcpu);
	else
		vcpu->woken = true;
}

/* At a startup interrupt, after QEMU has set registers for it. */
static void start(struct vcpu *vcpu)
{
	uint32_t apic = vcpu_apic_id(vcpu);
	uint64_t vmsa =
	        apic < VCPUS_MOST ? __atomic_exchange_n(&waiting[apic], 0, __ATOMIC_ACQ_REL) : 0;
	bool first = !vcpu->started, held = vcpu->held, interrupted = vcpu->interrupted;

	vcpu->started = true;
	vcpu->held = vcpu->interrupted = vcpu->woken = vcpu->stopped = false;
	if (vmsa) {
		start_with(vcpu, vmsa);
	} else if (first) {
		start_first(vcpu);
	} else if (held || interrupted) {
		go_on(vcpu, held);
	} else {
		static uint64_t stopped;

		if (emulation_is_new(&stopped))
			emulation_say(
			        "vCPU %u is sent INIT and a startup interrupt, and is not in AP "
			        "reset "
			        "hold: on hardware it would go on where it was, here it stops",
			        vcpu->index);
		vcpu_stop(vcpu);
	}
}

/*
 * QEMU's HLT also ends where an interrupt arrives that is masked, if that is while QEMU looks
 * whether there is one (CPU_INTERRUPT_POLL in x86_cpu_exec_halt), and with a second startup
 * interrupt. Guests do not notice it, for they halt in loops; but what comes after AP reset hold is
 * a start. What is forgotten here INIT would have made forgotten.
 */
static _Noreturn void stay(struct vcpu *vcpu, int request)
{
	qemu.cpu_reset_interrupt(vcpu->cs, request);
	vcpu_stop(vcpu);
}

bool ap_interrupt(void *cs, int request)
{
	bool launched, starts = request & INTERRUPT_SIPI && emulation.es;
	struct vcpu *vcpu = starts ? launch_enter(cs, &launched) : vcpu_known(cs);
	bool waits = starts && *vcpu->rip == RIP_AFTER_INIT, done;

	if (vcpu && vcpu->stopped && !waits)
		stay(vcpu, request);
	/* QEMU does one a call, others first, and then executes something. */
	done = qemu.x86_cpu_exec_interrupt(cs, waits ? INTERRUPT_SIPI : request);
	if (waits && *vcpu->rip == 0)
		start(vcpu);
	return done;
}
