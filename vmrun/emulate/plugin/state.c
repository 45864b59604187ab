/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/state.h"

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/linear.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/plugin/vc.h"
#include "vmrun/emulate/plugin/view.h"
#include "vmrun/emulate/psc.h"

/* RFLAGS: AMD64 APM volume 1, section 3.1.4 */
#define CARRY      0x001u
#define ZERO       0x040u
#define ARITHMETIC 0x8d5u /* OF, SF, ZF, AF, PF, CF */

#define VECTOR_GP 13
#define VECTOR_PF 14
#define PF_WRITE  2
#define LARGE     0x200000u
#define VMSA_BIT  (1u << 16) /* of RMPADJUST's RDX (AMD64 APM volume 3) */

/* RAX, RCX, RDX of PVALIDATE and RMPADJUST */
struct operands {
	uint64_t va;
	uint32_t size; /* 0 4 KiB, 1 2 MiB */
	uint64_t what;
};

static bool change(uint64_t address, unsigned operation, bool large)
{
	struct counters *c = emulation.counters;
	bool shared = operation == PSC_SHARED;
	uint64_t pages = large ? 512 : 1;
	bool changed = false;

	emulation_trace("- page %#llx %s %s", (unsigned long long)address, large ? "2m" : "4k",
	                shared ? "shared" : "private");
	emulation_count(shared ? &c->entries_shared : &c->entries_private, 1);
	emulation_count(shared ? &c->pages_shared : &c->pages_private, pages);
	/* As with KVM nothing happens to a page that is in that state already. */
	for (uint64_t at = address; at < address + pages * PAGE_MAP_PAGE; at += PAGE_MAP_PAGE) {
		if (!pages_assign(&emulation.pages, at, shared))
			continue;
		view_lose(at, shared);
		changed = true;
	}
	return changed;
}

/* What vCPUs keep of translations goes, on all of them, before this one goes on. */
static void forget(struct vcpu *vcpu)
{
	qemu.tlb_flush_all_cpus_synced(vcpu->cs);
}

bool state_change(struct vcpu *vcpu, uint64_t address, unsigned operation, bool large)
{
	if (operation != PSC_PRIVATE && operation != PSC_SHARED)
		return false;
	if (change(address, operation, large))
		forget(vcpu);
	return true;
}

/* For psc.h. */
struct list {
	bool changed;
};

static uint64_t read_raw(void *context, uint64_t address)
{
	uint64_t raw;

	(void)context;
	memory_read(address, &raw, sizeof(raw));
	return raw;
}

static void write_raw(void *context, uint64_t address, uint64_t raw)
{
	(void)context;
	memory_write(address, &raw, sizeof(raw));
}

static void change_entry(void *context, const struct psc_entry *entry)
{
	struct list *list = context;

	list->changed |= change(entry->address, entry->operation, entry->large);
}

uint64_t state_change_list(struct vcpu *vcpu, uint64_t scratch)
{
	struct list list = {.changed = false};
	const struct psc_guest guest = {&list, read_raw, write_raw, change_entry};
	uint64_t answer = psc_run(&guest, scratch);

	if (list.changed)
		forget(vcpu);
	return answer;
}

/* The page that the instruction names. An address that is not mapped raises #PF. */
static struct walk_page find(struct vcpu *vcpu, const struct operands *o, bool *mapped)
{
	struct walk_page page = {0};

	*mapped = linear_walk(vcpu, o->va, &page);
	return page;
}

static struct operands operands(struct vcpu *vcpu)
{
	struct operands o = {vcpu->reg[RAX], (uint32_t)vcpu->reg[RCX], vcpu->reg[RDX]};

	if (!vcpu_is_long(vcpu))
		o.va = (uint32_t)o.va;
	o.va &= o.size ? ~(uint64_t)(LARGE - 1) : ~0xfffull;
	if (vcpu_cpl(vcpu) != 0)
		qemu.raise_exception_err(vcpu->env, VECTOR_GP, 0);
	return o;
}

static void finish(struct vcpu *vcpu, int result, bool carry)
{
	uint32_t flags = (carry ? CARRY : 0) | (result == PAGES_DONE ? ZERO : 0);
	uint64_t others = qemu.helper_read_eflags(vcpu->env) & ~(uint64_t)ARITHMETIC;

	vcpu->reg[RAX] = (uint32_t)result;
	qemu.helper_write_eflags(vcpu->env, others | flags, 0);
}

static void count_pvalidate(const struct operands *o, enum counters_pvalidate result)
{
	emulation_count(&emulation.counters->pvalidate[o->size & 1][o->what & 1][result], 1);
	emulation_trace("- pvalidate %#llx %s %s result %u", (unsigned long long)o->va,
	                o->size & 1 ? "2m" : "4k", o->what & 1 ? "validate" : "rescind", result);
}

/* On hardware the hypervisor would be asked to make the page the guest's. */
static _Noreturn void end(struct vcpu *vcpu, const struct walk_page *page, const char *insn)
{
	emulation_count(&emulation.counters->wrong_private, 1);
	emulation_say("the guest at %#llx executes %s for the shared page at %#llx: on hardware "
	              "this is a "
	              "nested page fault",
	              (unsigned long long)*vcpu->rip, insn, (unsigned long long)page->address);
	vc_end(vcpu);
}

void state_pvalidate(struct vcpu *vcpu)
{
	struct operands o = operands(vcpu);
	bool mapped, unchanged = false, large = o.size == 1, valid = o.what & 1;
	struct walk_page page = find(vcpu, &o, &mapped);
	int result;

	if (!mapped) {
		/* Linux relies on it: its early boot maps memory on demand. */
		count_pvalidate(&o, COUNTERS_PVALIDATE_FAULT);
		vcpu_write(vcpu, VCPU_CR2, o.va);
		qemu.raise_exception_err(vcpu->env, VECTOR_PF, PF_WRITE);
	}
	/* Of 2 MiB it names the first page: how the guest's tables map the rest is not looked at.
	 */
	if (o.size > 1 || !page.encrypted)
		result = PAGES_FAIL_INPUT;
	else if (large && emulation.options.rmp_4k)
		result = PAGES_FAIL_SIZE;
	else
		result = pages_validate(&emulation.pages, page.address, large, valid, &unchanged);
	if (result == PAGES_NOT_OURS)
		end(vcpu, &page, "PVALIDATE");
	count_pvalidate(&o, result == PAGES_FAIL_INPUT  ? COUNTERS_PVALIDATE_INPUT
	                    : result == PAGES_FAIL_SIZE ? COUNTERS_PVALIDATE_SIZE
	                    : unchanged                 ? COUNTERS_PVALIDATE_UNCHANGED
	                                                : COUNTERS_PVALIDATE_DONE);
	if (!valid && result == PAGES_DONE && large)
		forget(vcpu);
	else if (!valid && result == PAGES_DONE)
		qemu.tlb_flush_page(vcpu->cs, o.va);
	finish(vcpu, result, result == PAGES_DONE && unchanged);
}

void state_rmpadjust(struct vcpu *vcpu)
{
	struct operands o = operands(vcpu);
	bool mapped;
	struct walk_page page = find(vcpu, &o, &mapped);
	int result = PAGES_FAIL_INPUT;

	emulation_count(&emulation.counters->rmpadjust, 1);
	if (!mapped) {
		vcpu_write(vcpu, VCPU_CR2, o.va);
		qemu.raise_exception_err(vcpu->env, VECTOR_PF, PF_WRITE);
	}
	if (o.size == 1 && emulation.options.rmp_4k)
		result = PAGES_FAIL_SIZE;
	else if ((o.what & 0xff) == 0) /* a VMPL can change those below it alone; this one is 0 */
		result = PAGES_FAIL_PERMISSION;
	else if (o.size <= 1 && page.encrypted)
		result = pages_adjust(&emulation.pages, page.address, o.what & VMSA_BIT);
	if (result == PAGES_NOT_OURS)
		end(vcpu, &page, "RMPADJUST");
	if (result)
		emulation_count(&emulation.counters->rmpadjust_failed, 1);
	finish(vcpu, result, false);
}
