/* SPDX-License-Identifier: MIT */
/*
 * Whatever a guest writes is read without harm by the parts of the emulated SEV processor that read
 * it, and what comes out keeps what they promise. For a fuzzer, and for a test with its seeds.
 */
#ifndef TESTS_VMRUN_EMULATE_GUEST_WROTE_H
#define TESTS_VMRUN_EMULATE_GUEST_WROTE_H

#include <stdbool.h>

#include "tests/fuzz.h"
#include "vmrun/emulate/cpuid_page.h"
#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/insn.h"
#include "vmrun/emulate/metadata.h"
#include "vmrun/emulate/msrs.h"
#include "vmrun/emulate/pages.h"
#include "vmrun/emulate/psc.h"
#include "vmrun/emulate/request.h"
#include "vmrun/emulate/secrets.h"
#include "vmrun/emulate/views.h"
#include "vmrun/emulate/vmsa.h"
#include "vmrun/emulate/walk.h"
#include "vmrun/emulate/words.h"

static inline void must_lie_well(uint64_t ghcb, uint64_t at, uint64_t size)
{
	if (!ghcb_scratch_good(ghcb, at, size))
		return;
	must(at && at + size >= at);
	if (at >> 12 == ghcb >> 12)
		must((at & 0xfff) >= GHCB_SHARED && (at & 0xfff) + size <= GHCB_SHARED_END);
}

/* Those that read are true where what was written is understood. */

static inline bool wrote_ghcb(struct fuzz *w)
{
	const bool snp = fuzz_number(w) & 1;
	uint8_t *page = fuzz_copy(w, GHCB_SIZE);
	uint64_t code = ghcb_get(page, GHCB_EXITCODE), scratch = ghcb_get(page, GHCB_SCRATCH);
	uint64_t size = ghcb_get(page, GHCB_EXITINFO2), at = scratch & ~0xfffull;
	enum ghcb_error error = ghcb_check(page, snp);
	struct ghcb_io io;

	if (ghcb_io(ghcb_get(page, GHCB_EXITINFO1), &io))
		must(io.size == 1 || io.size == 2 || io.size == 4);
	must_lie_well(at, scratch, size);
	must_lie_well(at, scratch, size & 0xfff);
	must_lie_well(code & ~0xfffull, scratch, size);
	must(*words_exit(code));
	if (!error) {
		must(strcmp(words_exit(code), "?") != 0);
		must(ghcb_is_valid(page, GHCB_EXITCODE));
	}
	ghcb_clear_valid(page);
	must(ghcb_check(page, snp) != GHCB_GOOD);
	free(page);
	return !error;
}

static inline bool wrote_msr(struct fuzz *w)
{
	uint64_t value = fuzz_number(w);
	struct ghcb_msr_cpuid ask = ghcb_msr_cpuid(value);

	must(ask.reg < 4);
	must(ghcb_msr_info(ghcb_msr_cpuid_answer(ask.reg, ask.leaf)) == GHCB_MSR_CPUID_RESPONSE);
	must(ghcb_msr_info(ghcb_msr_register_answer(value)) == GHCB_MSR_REGISTER_RESPONSE);
	must(!(ghcb_msr_state_page(value) & 0xfff) && !(ghcb_msr_state_page(value) >> 52));
	must(ghcb_msr_state_operation(value) < 16);
	must(*words_termination(ghcb_msr_reason_set(value), ghcb_msr_reason_code(value)));
	must(!ghcb_page_is_set(value) || ghcb_msr_info(value) == 0);
	return ghcb_msr_info(value) != 0;
}

static inline bool wrote_states(struct fuzz *w)
{
	struct psc_header header = psc_header(fuzz_number(w));
	bool good = psc_header_good(header);

	must(!good || header.end < PSC_ENTRIES);
	must((psc_header_raw(header) & ~0xffffffffull) == 0);
	while (w->left) {
		uint64_t raw = fuzz_number(w);
		struct psc_entry entry = psc_entry(raw);

		/* All but the bits that are reserved. */
		must(psc_entry_raw(entry) == (raw & 0x01ffffffffffffffull));
		if (psc_entry_good(entry))
			must(!(entry.address & (entry.large ? 0x1fffff : 0xfff)) &&
			     entry.operation >= PSC_PRIVATE && entry.operation <= PSC_UNSMASH);
		else
			good = false;
	}
	return good;
}

struct wrote_tables {
	struct fuzz *w;
	unsigned read;
};

/* Any entries, one after the other, wherever they are looked for. */
static inline bool wrote_entry(void *context, uint64_t address, uint64_t *entry)
{
	struct wrote_tables *tables = context;

	must(!(address & 7));
	tables->read++;
	if (tables->w->left < sizeof(*entry))
		return false;
	*entry = fuzz_number(tables->w);
	return true;
}

static inline bool wrote_page_tables(struct fuzz *w)
{
	uint64_t how = fuzz_number(w), va = fuzz_number(w);
	struct wrote_tables tables = {.w = w};
	struct walk walk = {
	        .read = wrote_entry,
	        .context = &tables,
	        .cr3 = fuzz_number(w),
	        .levels = how & 1 ? 5 : 4,
	        .c_bit = 47 + (unsigned)(how >> 1) % 5,
	};
	struct walk_page page;
	bool mapped = walk_va(&walk, va, &page);

	must(tables.read <= walk.levels);
	if (mapped) {
		must(page.size == 1u << 12 || page.size == 1u << 21 || page.size == 1u << 30);
		must(!((page.address ^ va) & (page.size - 1)));
		must(!(page.address >> 52) && !(page.address >> walk.c_bit & 1));
	}
	return mapped;
}

/* A firmware image, which ends at 4 GiB. */
static inline bool wrote_image(void *context, uint64_t address, void *to, size_t size)
{
	const struct fuzz *image = context;
	uint64_t base = 0x100000000ull - image->left;

	if (address < base || size > 0x100000000ull - address)
		return false;
	memcpy(to, image->data + (address - base), size);
	return true;
}

static inline bool wrote_firmware(struct fuzz *w)
{
	struct metadata *metadata = malloc(sizeof(*metadata));
	const char *why;

	must(metadata);
	why = metadata_read(wrote_image, w, metadata);
	must(!why || *why);
	must(metadata->count <= METADATA_SECTIONS);
	for (unsigned i = 0; !why && i < metadata->count; i++) {
		const struct metadata_section *s = &metadata->section[i];

		must(!(s->address & 0xfff) && s->address + (uint64_t)s->size <= 0x100000000ull);
		must(metadata_find(metadata, s->type));
	}
	free(metadata);
	return !why;
}

static inline bool wrote_code(struct fuzz *w)
{
	uint8_t *bytes = fuzz_copy(w, INSN_MOST);
	uint64_t reg[16];
	struct insn insn = insn_read(bytes);

	must(insn.length <= INSN_MOST && !insn.length == (insn.kind == INSN_OTHER));
	fuzz_take(w, reg, sizeof(reg));
	insn_address(bytes, reg, fuzz_number(w));
	free(bytes);
	return insn.kind != INSN_OTHER;
}

static inline bool wrote_message(struct fuzz *w)
{
	struct request_message *message = (void *)fuzz_copy(w, sizeof(*message)),
	                       *answer = malloc(sizeof(*answer));
	struct request_report report;
	uint8_t iv[REQUEST_IV];
	bool good = request_good(message);

	must(answer);
	if (good) {
		must(message->size <= REQUEST_PAYLOAD && message->vmpck < SECRETS_KEYS);
		request_iv(message, iv);
		request_answer(message, message->size, answer);
		must(answer->sequence == message->sequence + 1 &&
		     answer->type == message->type + 1);
		if (request_report(message, &report))
			must(report.vmpl <= 3 && !memcmp(report.chip_id, report.measurement,
			                                 sizeof(report.measurement)));
	}
	free(answer);
	free(message);
	return good;
}

/* A request for page states in memory of the guest, which is written to meanwhile. */
#define WROTE_LIST  (PSC_HEADER_SIZE + PSC_ENTRIES * PSC_ENTRY_SIZE)
#define WROTE_AT    0x8800u
#define WROTE_WRITE 4 /* after so many reads */

struct wrote_list {
	struct fuzz *w;
	uint64_t *memory; /* WROTE_LIST bytes, beside whose end a sanitizer stands */
	unsigned reads, changes;
};

static inline uint64_t *wrote_word(struct wrote_list *list, uint64_t address)
{
	must(address >= WROTE_AT && !(address & 7) && address + 8 <= WROTE_AT + WROTE_LIST);
	return list->memory + (address - WROTE_AT) / 8;
}

static inline uint64_t wrote_read(void *context, uint64_t address)
{
	struct wrote_list *list = context;
	uint64_t raw = *wrote_word(list, address);

	must(++list->reads <= 1 + PSC_ENTRIES);
	if (list->reads == WROTE_WRITE && list->w->left)
		memset(list->memory, fuzz_byte(list->w), WROTE_LIST);
	return raw;
}

static inline void wrote_write(void *context, uint64_t address, uint64_t raw)
{
	*wrote_word(context, address) = raw;
}

static inline void wrote_change(void *context, const struct psc_entry *entry)
{
	struct wrote_list *list = context;

	must(++list->changes <= PSC_ENTRIES && psc_entry_good(*entry));
	must(entry->operation == PSC_PRIVATE || entry->operation == PSC_SHARED);
}

static inline bool wrote_request(struct fuzz *w)
{
	struct wrote_list list = {.w = w, .memory = (void *)fuzz_copy(w, WROTE_LIST)};
	const struct psc_guest guest = {&list, wrote_read, wrote_write, wrote_change};
	struct psc_header before = psc_header(list.memory[0]), after;
	uint64_t answer = psc_run(&guest, WROTE_AT);

	must(answer == 0 || answer == PSC_BAD_HEADER || answer == PSC_BAD_ENTRY);
	after = psc_header(list.memory[0]);
	if (!answer)
		must(after.end == before.end && after.current > after.end);
	free(list.memory);
	return !answer && list.changes;
}

static inline bool wrote_vmsa(struct fuzz *w)
{
	uint64_t features = fuzz_number(w), xcr0 = fuzz_number(w);
	uint8_t *page = fuzz_copy(w, VMSA_SIZE);
	const char *why = vmsa_wrong(page, features, xcr0);

	must(!why || *why);
	if (!why) {
		must(vmsa_get(page, VMSA_SEV_FEATURES) == features && !page[VMSA_VMPL]);
		must(!(vmsa_get(page, VMSA_XCR0) & ~xcr0) && vmsa_get(page, VMSA_XCR0) & 1);
	}
	for (unsigned at = VMSA_ES; at <= VMSA_TR; at += 0x10)
		must(!(vmsa_descriptor(vmsa_segment(page, at).attributes) & ~0xf0ff00u));
	free(page);
	return !why;
}

/* Any changes of pages, in the map and beyond it, beside each other and over each other. */
#define WROTE_PAGES (1024ull * PAGE_MAP_PAGE)

struct wrote_maps {
	struct page_map pages, views;
};

/* True: a page was given or taken. */
static inline bool wrote_one_change(struct wrote_maps *m, uint8_t what, uint64_t address)
{
	bool is_there = address < WROTE_PAGES, unchanged;

	switch (what % 4) {
	case 0:
		must(pages_validate(&m->pages, address, what & 8, what & 16, &unchanged) ||
		     is_there);
		return false;
	case 1:
		must(pages_adjust(&m->pages, address, what & 16) || is_there);
		return false;
	case 2:
		return pages_assign(&m->pages, address, what & 16);
	default:
		views_set(&m->views, address, (enum views_state)(what >> 4 & 1));
		return false;
	}
}

static inline void must_be_known(const struct wrote_maps *m, uint64_t address)
{
	must(pages_state(&m->pages, address) <= PAGES_VMSA);
	must(address < WROTE_PAGES || (pages_state(&m->pages, address) == PAGES_SHARED &&
	                               views_state(&m->views, address) == VIEWS_SHARED));
}

static inline bool wrote_changes(struct fuzz *w)
{
	struct wrote_maps m;
	bool changed = false;

	must(!page_map_open(&m.pages, WROTE_PAGES) && !page_map_open(&m.views, WROTE_PAGES));
	while (w->left) {
		uint8_t what = fuzz_byte(w);
		uint64_t address = fuzz_number(w);

		if (what & 0x80) /* near the end of the map */
			address = WROTE_PAGES - 4ull * PAGE_MAP_PAGE + (address & 0x7fff);
		changed |= wrote_one_change(&m, what, address);
		must_be_known(&m, address);
	}
	page_map_close(&m.views);
	page_map_close(&m.pages);
	return changed;
}

static inline bool wrote_msr_access(struct fuzz *w)
{
	struct msrs msrs = {.apic_base = fuzz_number(w),
	                    .address_bits = 36 + fuzz_byte(w) % 17u,
	                    .x2apic = fuzz_byte(w) & 1};
	uint32_t index = (uint32_t)fuzz_number(w);
	uint64_t value = fuzz_number(w);
	bool writable = msrs_writable(&msrs, index, value);

	/* Never a base that QEMU would refuse. */
	if (index == MSRS_APIC_BASE && writable)
		must(!(value >> msrs.address_bits) &&
		     (msrs.x2apic || !(value & MSRS_APIC_X2) || msrs.apic_base & MSRS_APIC_X2));
	return writable || msrs_readable(&msrs, index);
}

static inline void wrote_leaf(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4])
{
	struct fuzz *w = context;

	(void)leaf;
	(void)subleaf;
	if (w->left)
		fuzz_take(w, answer, 4 * sizeof(*answer));
	else
		memset(answer, 0xff, 4 * sizeof(*answer));
}

/* Of a processor model that says anything. */
static inline bool wrote_cpuid(struct fuzz *w)
{
	struct cpuid_page *page = malloc(sizeof(*page));
	bool whole;

	must(page);
	whole = cpuid_page_fill(page, wrote_leaf, w);
	must(page->count <= CPUID_PAGE_ENTRIES && (whole || page->count == CPUID_PAGE_ENTRIES));
	free(page);
	return whole;
}

/* Page tables in four pages of memory, in which they are each other and themselves. */
#define WROTE_TABLES 0x4000u

struct wrote_memory {
	uint8_t *bytes;
	unsigned read;
};

static inline bool wrote_here(void *context, uint64_t address, uint64_t *entry)
{
	struct wrote_memory *memory = context;

	memory->read++;
	memcpy(entry, memory->bytes + address % WROTE_TABLES, sizeof(*entry));
	return address < 1ull << 46;
}

static inline bool wrote_circles(struct fuzz *w)
{
	uint64_t va = fuzz_number(w), cr3 = fuzz_number(w);
	struct wrote_memory memory = {.read = 0};
	struct walk walk = {wrote_here, &memory, cr3, 4 + (cr3 & 1), 51};
	struct walk_page page;
	bool mapped;

	memory.bytes = malloc(WROTE_TABLES);
	must(memory.bytes);
	memset(memory.bytes, 0, WROTE_TABLES);
	/* Of each: where, and what. */
	while (w->left) {
		uint64_t at = fuzz_number(w) % (WROTE_TABLES / 8), entry = fuzz_number(w);

		memcpy(memory.bytes + at * 8, &entry, sizeof(entry));
	}
	mapped = walk_va(&walk, va, &page);
	must(memory.read <= walk.levels);
	free(memory.bytes);
	return mapped;
}

/* The first byte chooses who reads the rest. */
static inline bool guest_wrote(const uint8_t *data, size_t size)
{
	static bool (*const readers[])(struct fuzz *) = {
	        wrote_ghcb,       wrote_msr,     wrote_states,  wrote_page_tables, wrote_firmware,
	        wrote_code,       wrote_message, wrote_request, wrote_vmsa,        wrote_changes,
	        wrote_msr_access, wrote_cpuid,   wrote_circles,
	};
	struct fuzz w;

	if (!size)
		return false;
	w = (struct fuzz){data + 1, size - 1};
	return readers[data[0] % (sizeof(readers) / sizeof(*readers))](&w);
}

#endif
