/* SPDX-License-Identifier: MIT */
/*
 * Whatever a guest writes is read without harm by the parts of the emulated SEV processor that read
 * it, and what comes out keeps what they promise. For a fuzzer, and for a test with its seeds.
 */
#ifndef TESTS_VMRUN_EMULATE_GUEST_WROTE_H
#define TESTS_VMRUN_EMULATE_GUEST_WROTE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/insn.h"
#include "vmrun/emulate/metadata.h"
#include "vmrun/emulate/psc.h"
#include "vmrun/emulate/request.h"
#include "vmrun/emulate/secrets.h"
#include "vmrun/emulate/walk.h"
#include "vmrun/emulate/words.h"

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

struct wrote {
	const uint8_t *data;
	size_t left;
};

/* The next bytes, and zeros where there are no more. */
static inline void wrote_take(struct wrote *w, void *to, size_t size)
{
	size_t some = size < w->left ? size : w->left;

	memset(to, 0, size);
	if (some)
		memcpy(to, w->data, some);
	w->data += some;
	w->left -= some;
}

static inline uint64_t wrote_number(struct wrote *w)
{
	uint64_t number;

	wrote_take(w, &number, sizeof(number));
	return number;
}

/* Memory of its own, beside whose end a sanitizer stands. */
static inline uint8_t *wrote_copy(struct wrote *w, size_t size)
{
	uint8_t *copy = malloc(size);

	must(copy);
	wrote_take(w, copy, size);
	return copy;
}

static inline void must_lie_well(uint64_t ghcb, uint64_t at, uint64_t size)
{
	if (!ghcb_scratch_good(ghcb, at, size))
		return;
	must(at && at + size >= at);
	if (at >> 12 == ghcb >> 12)
		must((at & 0xfff) >= GHCB_SHARED && (at & 0xfff) + size <= GHCB_SHARED_END);
}

/* Those that read are true where what was written is understood. */

static inline bool wrote_ghcb(struct wrote *w)
{
	const bool snp = wrote_number(w) & 1;
	uint8_t *page = wrote_copy(w, GHCB_SIZE);
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

static inline bool wrote_msr(struct wrote *w)
{
	uint64_t value = wrote_number(w);
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

static inline bool wrote_states(struct wrote *w)
{
	struct psc_header header = psc_header(wrote_number(w));
	bool good = psc_header_good(header);

	must(!good || header.end < PSC_ENTRIES);
	must((psc_header_raw(header) & ~0xffffffffull) == 0);
	while (w->left) {
		uint64_t raw = wrote_number(w);
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
	struct wrote *w;
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
	*entry = wrote_number(tables->w);
	return true;
}

static inline bool wrote_page_tables(struct wrote *w)
{
	uint64_t how = wrote_number(w), va = wrote_number(w);
	struct wrote_tables tables = {.w = w};
	struct walk walk = {
	        .read = wrote_entry,
	        .context = &tables,
	        .cr3 = wrote_number(w),
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
	const struct wrote *image = context;
	uint64_t base = 0x100000000ull - image->left;

	if (address < base || size > 0x100000000ull - address)
		return false;
	memcpy(to, image->data + (address - base), size);
	return true;
}

static inline bool wrote_firmware(struct wrote *w)
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

static inline bool wrote_code(struct wrote *w)
{
	uint8_t *bytes = wrote_copy(w, INSN_MOST);
	uint64_t reg[16];
	struct insn insn = insn_read(bytes);

	must(insn.length <= INSN_MOST && !insn.length == (insn.kind == INSN_OTHER));
	wrote_take(w, reg, sizeof(reg));
	insn_address(bytes, reg, wrote_number(w));
	free(bytes);
	return insn.kind != INSN_OTHER;
}

static inline bool wrote_message(struct wrote *w)
{
	struct request_message *message = (void *)wrote_copy(w, sizeof(*message)),
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

/* The first byte chooses who reads the rest. */
static inline bool guest_wrote(const uint8_t *data, size_t size)
{
	static bool (*const readers[])(struct wrote *) = {
	        wrote_ghcb,     wrote_msr,  wrote_states,  wrote_page_tables,
	        wrote_firmware, wrote_code, wrote_message,
	};
	struct wrote w;

	if (!size)
		return false;
	w = (struct wrote){data + 1, size - 1};
	return readers[data[0] % (sizeof(readers) / sizeof(*readers))](&w);
}

#endif
