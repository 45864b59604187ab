/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/access.h"

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/launch.h"
#include "vmrun/emulate/plugin/linear.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/vc.h"
#include "vmrun/emulate/plugin/view.h"

/* QEMU, include/hw/core/cpu.h: MMUAccessType */
enum { DATA_LOAD, DATA_STORE, INST_FETCH };

/* QEMU, include/exec/page-protection.h */
enum { PAGE_READ = 1, PAGE_WRITE = 2, PAGE_EXEC = 4 };

/* The first instruction after a reset (AMD64 APM volume 2, section 14.1.5). */
#define RESET_VECTOR 0xfffffff0u

/* QEMU, target/i386/cpu.h: 0 to 5 are a guest's own accesses, with bit 1 from user mode. */
#define MMU_PHYSICAL 6
#define MMU_USER     2

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
		pages_assign(&emulation.pages, page->address, true);
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

/* The RMP's check of RAM under SNP. */
static void check_ram(struct vcpu *vcpu, uint64_t va, const struct walk_page *page, int kind,
                      uintptr_t ra)
{
	/* QEMU pushes a frame without an instruction to come back to. */
	bool nested = vcpu->delivering && !ra && kind != INST_FETCH;

	if (emulation.snp && emulation.options.check != CHECK_OFF)
		check(vcpu, va, page, nested || !vc_wanted(vcpu), ra);
}

static void check_io(struct vcpu *vcpu, int kind, uintptr_t ra)
{
	if (!emulation.es)
		emulation_count_at(emulation.counters->intercepted, COUNTERS_HARDWARE, EXIT_NPF);
	else if (emulation.options.mmio && kind != INST_FETCH && (!vcpu->delivering || ra))
		vc_raise(vcpu, EXIT_NPF, ra);
}

/* What QEMU put into its cache of translations without C-bit gets it. */
static void put_c_bit(struct vcpu *vcpu, uint64_t va, uint64_t address, int protection, int mmu)
{
	const uint64_t offset = PAGE_MAP_PAGE - 1;

	qemu.tlb_set_page_with_attrs(vcpu->cs, va & ~offset,
	                             (address & ~offset) | emulation_c_bit(), 0, protection, mmu,
	                             PAGE_MAP_PAGE);
}

/* QEMU reads the guest's page tables, at a physical address. They are private, as code is. */
static bool fill_tables(struct vcpu *vcpu, uint64_t address, int mmu)
{
	uint64_t plain = address & ~emulation_c_bit();

	if (!memory_is_ram(plain))
		return false;
	view_use(vcpu, plain, true, 0);
	put_c_bit(vcpu, address, plain, PAGE_READ | PAGE_WRITE, mmu);
	return true;
}

/* A reset of the machine, or INIT to the first vCPU: firmware would run on what is left of a guest.
 */
static _Noreturn void refuse_reset(struct vcpu *vcpu)
{
	emulation_say("the guest is reset, and what it had encrypted is of no use to another: it "
	              "ends, start it anew");
	vc_end(vcpu);
}

bool access_fill(void *cs, uint64_t va, int size, int kind, int mmu, bool probe, uintptr_t ra)
{
	bool launched;
	struct vcpu *vcpu = launch_enter(cs, &launched);
	struct walk_page page;
	bool paging, filled, code = kind == INST_FETCH, c_bit;

	/* QEMU knows of its new memory when the vCPU has left its loop. */
	if (launched)
		vcpu_skip(vcpu, 0);
	if (code && va == RESET_VECTOR && vcpu->delivered)
		refuse_reset(vcpu);
	if (mmu >= MMU_PHYSICAL)
		return fill_tables(vcpu, va, mmu) ||
		       qemu.x86_cpu_tlb_fill(cs, va, size, kind, mmu, probe, ra);
	/* A delivery that itself faulted never came to its end. */
	if (ra)
		vcpu->delivering = false;
	paging = vcpu->cr[0] & VCPU_CR0_PG;
	if (!linear_find(vcpu, va, &page) || (paging && faults(vcpu, &page, kind, mmu)))
		return qemu.x86_cpu_tlb_fill(cs, va, size, kind, mmu, probe, ra);
	if (!memory_is_ram(page.address)) {
		if (paging && !probe && memory_is_io(page.address))
			check_io(vcpu, kind, ra);
		return qemu.x86_cpu_tlb_fill(cs, va, size, kind, mmu, probe, ra);
	}
	c_bit = paging && page.encrypted;
	page.encrypted |= code;
	if (!probe)
		check_ram(vcpu, va, &page, kind, ra);
	view_use(vcpu, page.address, page.encrypted, probe ? 0 : ra);
	filled = qemu.x86_cpu_tlb_fill(cs, va, size, kind, mmu, probe, ra);
	if (filled && !paging)
		put_c_bit(vcpu, va, page.address, PAGE_READ | PAGE_WRITE | PAGE_EXEC, mmu);
	else if (filled && code && !c_bit)
		put_c_bit(vcpu, va, page.address, PAGE_EXEC, mmu);
	return filled;
}
