/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/cpuid_page.h"

#include <string.h>

/*
 * Which leaves have subleaves: cpuid_function_is_indexed of Linux, asm/cpuid/api.h. A guest
 * works out the size of its XSAVE area from the entries of 0xd's components: the first two say what
 * it is with XCR0 = 1, as QEMU fills them on real hardware (target/i386/sev.c).
 */
#define LEAF_FEATURES 0x7u
#define LEAF_TOPOLOGY 0xbu
#define LEAF_XSAVE    0xdu
#define XSAVE_LEAST   0x240u

struct filling {
	struct cpuid_page *page;
	cpuid_reader *cpuid;
	void *context;
	bool full;
};

static void add(struct filling *f, uint32_t leaf, uint32_t subleaf, bool even_if_zero)
{
	uint32_t r[4];
	struct cpuid_entry *e;

	f->cpuid(f->context, leaf, subleaf, r);
	if (!even_if_zero && !(r[0] | r[1] | r[2] | r[3]))
		return;
	if (f->page->count == CPUID_PAGE_ENTRIES) {
		f->full = true;
		return;
	}
	e = &f->page->entry[f->page->count++];
	*e = (struct cpuid_entry){.leaf = leaf,
	                          .subleaf = subleaf,
	                          .eax = r[0],
	                          .ebx = r[1],
	                          .ecx = r[2],
	                          .edx = r[3]};
	if (leaf == LEAF_XSAVE && subleaf <= 1) {
		e->xcr0 = 1;
		e->ebx = XSAVE_LEAST;
	}
}

static void add_features(struct filling *f)
{
	uint32_t r[4];

	f->cpuid(f->context, LEAF_FEATURES, 0, r);
	for (uint32_t sub = 0; sub <= r[0] && sub <= 2; sub++)
		add(f, LEAF_FEATURES, sub, true);
}

static void add_xsave(struct filling *f)
{
	uint32_t r[4];

	add(f, LEAF_XSAVE, 0, true);
	add(f, LEAF_XSAVE, 1, true);
	for (uint32_t sub = 2; sub < 63; sub++) {
		f->cpuid(f->context, LEAF_XSAVE, sub, r);
		if (r[0]) /* the size of that component */
			add(f, LEAF_XSAVE, sub, true);
	}
}

static void add_range(struct filling *f, uint32_t first, uint32_t most)
{
	uint32_t r[4], last;

	f->cpuid(f->context, first, 0, r);
	last = r[0] > most ? most : r[0];
	for (uint32_t leaf = first; leaf <= last; leaf++) {
		if (leaf == LEAF_FEATURES) {
			add_features(f);
		} else if (leaf == LEAF_TOPOLOGY) {
			add(f, leaf, 0, true);
			add(f, leaf, 1, true);
		} else if (leaf == LEAF_XSAVE) {
			add_xsave(f);
		} else {
			add(f, leaf, 0, leaf == first);
		}
	}
}

bool cpuid_page_fill(struct cpuid_page *page, cpuid_reader *cpuid, void *context)
{
	struct filling f = {.page = page, .cpuid = cpuid, .context = context};

	_Static_assert(sizeof(struct cpuid_page) == CPUID_PAGE_SIZE, "a page");
	memset(page, 0, sizeof(*page));
	add_range(&f, 0, 0x1f);
	add_range(&f, 0x40000000, 0x40000001);
	/* KVM's signature may stand above another one's. */
	add(&f, 0x40000100, 0, false);
	add(&f, 0x40000101, 0, false);
	add_range(&f, 0x80000000, 0x80000028);
	return !f.full;
}
