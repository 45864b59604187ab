/* SPDX-License-Identifier: MIT */
/* Requests in the GHCB MSR, entries of page-state changes, and their numbers in words. */
#include "tests/cmocka.h"
#include "vmrun/emulate/counters.h"
#include "vmrun/emulate/ghcb_msr.h"
#include "vmrun/emulate/psc.h"
#include "vmrun/emulate/words.h"

static void encodes_the_msr(void **state)
{
	struct ghcb_msr_cpuid ask = ghcb_msr_cpuid(0x8000001fc0000004);

	(void)state;
	assert_int_equal(ghcb_msr_version(51), 0x0002000133000001);
	assert_int_equal(ask.leaf, 0x8000001f);
	assert_int_equal(ask.reg, 3);
	assert_int_equal(ghcb_msr_cpuid_answer(1, 0xdeadbeef), 0xdeadbeef40000005);
	assert_int_equal(ghcb_msr_preferred_answer(), 0xfffffffffffff011);
	assert_int_equal(ghcb_msr_register_answer(0x12345012), 0x12345013);
	assert_int_equal(ghcb_msr_state_page(0x0020000012345014), 0x12345000);
	assert_int_equal(ghcb_msr_state_operation(0x0020000012345014), PSC_SHARED);
	assert_int_equal(ghcb_msr_state_answer(0), 0x15);
	assert_int_equal(ghcb_msr_state_answer(1), 0x100000015);
	assert_int_equal(ghcb_msr_features_answer(3), 0x3081);
	assert_int_equal(ghcb_msr_reason_set(0x21100), 1);
	assert_int_equal(ghcb_msr_reason_code(0x21100), 2);
	assert_int_equal(ghcb_msr_info(0x21100), GHCB_MSR_TERMINATE);
}

static void reads_entries(void **state)
{
	uint64_t raw = 1ull << 56 | 2ull << 52 | 0x40200000 | 7;
	struct psc_entry e = psc_entry(raw);
	struct psc_header h = psc_header(0x00fc0001);

	(void)state;
	assert_int_equal(e.address, 0x40200000);
	assert_int_equal(e.done, 7);
	assert_int_equal(e.operation, PSC_SHARED);
	assert_true(e.large);
	assert_int_equal(psc_entry_raw(e), raw);
	assert_true(psc_entry_good(e));
	e.address += 0x1000;
	assert_false(psc_entry_good(e));
	e.large = false;
	assert_false(psc_entry_good(e)); /* seven of one page */
	e.done = 1;
	assert_true(psc_entry_good(e));
	e.operation = 0;
	assert_false(psc_entry_good(e));
	assert_int_equal(h.current, 1);
	assert_int_equal(h.end, 252);
	assert_true(psc_header_good(h));
	assert_int_equal(psc_header_raw(h), 0x00fc0001);
	h.end++;
	assert_false(psc_header_good(h));
}

/* A guest that writes to its buffer while it is read, at each read. */
struct buffer {
	uint64_t words[1 + PSC_ENTRIES + 1];
	unsigned changes;
};

static uint64_t read_word(void *context, uint64_t address)
{
	struct buffer *b = context;
	uint64_t raw;

	assert_true(address / 8 <= PSC_ENTRIES);
	raw = b->words[address / 8];
	b->words[0] = 0xffff0000;
	return raw;
}

static void write_word(void *context, uint64_t address, uint64_t raw)
{
	struct buffer *b = context;

	assert_true(address / 8 <= PSC_ENTRIES);
	b->words[address / 8] = raw;
}

static void count_change(void *context, const struct psc_entry *entry)
{
	struct buffer *b = context;

	b->changes += entry->operation == PSC_SHARED;
}

static uint64_t run_list(struct buffer *b, uint64_t header, uint64_t entry)
{
	const struct psc_guest guest = {b, read_word, write_word, count_change};

	*b = (struct buffer){.changes = 0};
	for (unsigned i = 0; i <= PSC_ENTRIES; i++)
		b->words[1 + i] = entry;
	b->words[0] = header;
	return psc_run(&guest, 0);
}

static void runs_no_further_than_the_buffer(void **state)
{
	const uint64_t shared = 2ull << 52 | 0x1000;
	struct buffer b = {.changes = 0};

	(void)state;
	assert_int_equal(run_list(&b, 252ull << 16, shared), 0);
	assert_int_equal(b.changes, PSC_ENTRIES);
	assert_int_equal(b.words[0], 252ull << 16 | 253);
	assert_int_equal(b.words[PSC_ENTRIES], shared | 1);
	assert_int_equal(run_list(&b, 253ull << 16, shared), PSC_BAD_HEADER);
	assert_int_equal(b.changes, 0);
	assert_int_equal(run_list(&b, 2ull << 16 | 5, shared), 0);
	assert_int_equal(b.changes, 0);
	assert_int_equal(run_list(&b, 2ull << 16 | 0xffff, shared), 0);
	assert_int_equal(b.changes, 0);
	assert_int_equal(run_list(&b, 2ull << 16, 0x1000), PSC_BAD_ENTRY);
	assert_int_equal(b.words[0], 2ull << 16);
}

static void says_numbers_in_words(void **state)
{
	(void)state;
	assert_string_equal(words_termination(1, 2), "a page could not be validated");
	assert_string_equal(words_termination(0, 2),
	                    "the hypervisor lacks features of SNP that it needs");
	assert_string_equal(words_termination(1, 200), "a reason that is not known here");
	assert_string_equal(words_termination(7, 0), "a reason that is not known here");
	assert_string_equal(words_exit(0x72), "CPUID");
	assert_string_equal(words_exit(0x80000013), "AP creation");
	assert_string_equal(words_exit(0x12345), "?");
}

static void counts_every_software_exit_apart(void **state)
{
	(void)state;
	assert_int_equal(counters_software(0x80000001), 1);
	assert_int_equal(counters_software(0x8000001f), 0x1f);
	assert_int_equal(counters_software(0x80000020), -1);
	assert_int_equal(counters_software(0x8000ffe0), 0x20);
	assert_int_equal(counters_software(0x8000ffff), COUNTERS_SOFTWARE - 1);
	assert_int_equal(counters_software(0x72), -1);
	assert_int_equal(counters_software(0x180000001), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(encodes_the_msr),
	        cmocka_unit_test(reads_entries),
	        cmocka_unit_test(runs_no_further_than_the_buffer),
	        cmocka_unit_test(says_numbers_in_words),
	        cmocka_unit_test(counts_every_software_exit_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
