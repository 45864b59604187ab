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
	        cmocka_unit_test(says_numbers_in_words),
	        cmocka_unit_test(counts_every_software_exit_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
