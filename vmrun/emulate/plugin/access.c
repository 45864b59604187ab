/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/access.h"

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/launch.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/vc.h"

/* QEMU, include/hw/core/cpu.h: MMUAccessType */
enum { DATA_LOAD, DATA_STORE, INST_FETCH };

/* QEMU, target/i386/cpu.h: 0 to 5 are a guest's own accesses, with bit 1 from user mode. */
#define MMU_PHYSICAL 6
#define MMU_USER     2

bool access_walk(struct vcpu *vcpu, uint64_t va, struct walk_page *page)
{
	struct walk walk = {
	        .read = memory_read_entry,
	        .cr3 = vcpu->cr[3],
	        .levels = vcpu->cr[4] & VCPU_CR4_LA57 ? 5 : 4,
	        .c_bit = emulation.options.c_bit,
	};

	return walk_va(&walk, va, page);
}

/* Will QEMU raise #PF? That comes before whatever the nested tables say (APM volume 2, 15.36.10).
 */
static bool faults(const struct vcpu *vcpu, const struct walk_page *page, int kind, int mmu)
{
	bool user = mmu & MMU_USER;

	if (user && !page->user)
		return true;
	if (kind == DATA_STORE && !page->writable)
		return user || vcpu->cr[0] & VCPU_CR0_WP;
	return kind == INST_FETCH && !page->executable;
}

static _Noreturn void end(struct vcpu *vcpu, uint64_t va, const struct walk_page *page,
                          uintptr_t ra)
{
	qemu.cpu_restore_state(vcpu->cs, ra);
	emulation_say(
	        "the guest at %#llx accesses %#llx (physical %#llx) as %s memory, but the page is "
	        "%s: on hardware this is a nested page fault, and what was there is lost",
	        (unsigned long long)*vcpu->rip, (unsigned long long)va,
	        (unsigned long long)page->address, page->encrypted ? "private" : "shared",
	        page->encrypted ? "shared" : "private");
	vc_end(vcpu);
}

/* The RMP's check of an access to RAM (AMD64 APM volume 2, section 15.36.10). */
static void check(struct vcpu *vcpu, uint64_t va, const struct walk_page *page, bool nested,
                  uintptr_t ra)
{
	enum pages_state state = pages_state(&emulation.pages, page->address);
	struct counters *c = emulation.counters;

	if (page->encrypted ? state == PAGES_VALID || state == PAGES_VMSA : state == PAGES_SHARED)
		return;
	if (!page->encrypted && state == PAGES_PRIVATE) {
		/* Nothing is lost: QEMU makes it shared when KVM tells it, and OVMF relies on it.
		 */
		emulation_count(&c->implicit_shared, 1);
		emulation_trace("- page %#llx 4k shared, by an access",
		                (unsigned long long)page->address & ~0xfffull);
		pages_assign(&emulation.pages, page->address, false, true);
		return;
	}
	if (page->encrypted && state == PAGES_PRIVATE) {
		emulation_count(&c->unvalidated, 1);
		emulation_trace("%u unvalidated va %#llx pa %#llx", vcpu->index,
		                (unsigned long long)va, (unsigned long long)page->address);
		if (!emulation.enforce)
			return;
		if (nested) {
			emulation_say(
			        "the guest cannot take #VC: its stack at %#llx (physical %#llx) is "
			        "not validated",
			        (unsigned long long)va, (unsigned long long)page->address);
			vc_end(vcpu);
		}
		qemu.cpu_restore_state(vcpu->cs, ra);
		vcpu_write(vcpu, VCPU_CR2, va);
		vc_raise(vcpu, EXIT_NOT_VALIDATED, ra);
	}
	emulation_count(page->encrypted ? &c->wrong_private : &c->wrong_shared, 1);
	emulation_trace("%u wrong %s va %#llx pa %#llx", vcpu->index,
	                page->encrypted ? "private" : "shared", (unsigned long long)va,
	                (unsigned long long)page->address);
	if (emulation.enforce)
		end(vcpu, va, page, ra);
}

static void look(struct vcpu *vcpu, uint64_t va, int kind, int mmu, uintptr_t ra)
{
	struct walk_page page;
	/* QEMU pushes a frame without an instruction to come back to. */
	bool nested = vcpu->delivering && !ra && kind != INST_FETCH;

	if (!access_walk(vcpu, va, &page) || faults(vcpu, &page, kind, mmu))
		return;
	/* Code is always private, whatever the C-bit (AMD64 APM volume 2, section 15.34.5). */
	page.encrypted |= kind == INST_FETCH;
	if (memory_is_io(page.address)) {
		if (!emulation.es)
			emulation_count_at(emulation.counters->intercepted, COUNTERS_HARDWARE,
			                   EXIT_NPF);
		else if (emulation.options.mmio && kind != INST_FETCH && !nested)
			vc_raise(vcpu, EXIT_NPF, ra);
	} else if (emulation.snp && emulation.options.check != CHECK_OFF &&
	           memory_is_ram(page.address)) {
		check(vcpu, va, &page, nested, ra);
	}
}

bool access_fill(void *cs, uint64_t va, int size, int kind, int mmu, bool probe, uintptr_t ra)
{
	void *env = vcpu_env(cs);

	if (env && mmu < MMU_PHYSICAL) {
		struct vcpu *vcpu = launch_enter(env);

		/* A delivery that itself faulted never came to its end. */
		if (ra)
			vcpu->delivering = false;
		if (!probe && vcpu_is_long(vcpu))
			look(vcpu, va, kind, mmu, ra);
	}
	return qemu.x86_cpu_tlb_fill(cs, va, size, kind, mmu, probe, ra);
}
