/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/vmsa.h"

#include "tests/cmocka.h"

#define XCR0_ALL 7

static uint8_t page[VMSA_SIZE];

static void put(unsigned offset, uint64_t value)
{
	memcpy(page + offset, &value, sizeof(value));
}

static void put_segment(unsigned offset, uint16_t attributes)
{
	const struct vmsa_segment s = {0x10, attributes, 0xffff, 0x12345000};

	memcpy(page + offset, &s, sizeof(s));
}

/* As Linux makes it: real mode. */
static int setup(void **state)
{
	(void)state;
	memset(page, 0, sizeof(page));
	put_segment(VMSA_CS, 0x9b);
	put(VMSA_EFER, VMSA_EFER_SVM);
	put(VMSA_CR0, 0x60000010);
	put(VMSA_DR6, 0xffff0ff0);
	put(VMSA_DR7, 0x400);
	put(VMSA_XCR0, 1);
	put(VMSA_SEV_FEATURES, 1);
	return 0;
}

static void long_mode(uint16_t code)
{
	put_segment(VMSA_CS, code);
	put(VMSA_EFER, VMSA_EFER_SVM | VMSA_EFER_LME | VMSA_EFER_LMA);
	put(VMSA_CR0, VMSA_CR0_PE | VMSA_CR0_PG);
	put(VMSA_CR4, VMSA_CR4_PAE);
}

static void refused(const char *part)
{
	const char *why = vmsa_wrong(page, 1, XCR0_ALL);

	assert_non_null(why);
	assert_non_null(strstr(why, part));
	setup(NULL);
}

static void reads_segments(void **state)
{
	struct vmsa_segment s = vmsa_segment(page, VMSA_CS);

	(void)state;
	assert_int_equal(s.selector, 0x10);
	assert_int_equal(s.attributes, 0x9b);
	assert_int_equal(s.limit, 0xffff);
	assert_int_equal(s.base, 0x12345000);
	/* 64-bit code: present, code, readable; L, and granular. */
	assert_int_equal(vmsa_descriptor(0xa9b), 0xa09b00);
	assert_int_equal(vmsa_descriptor(0xfff), 0xf0ff00);
}

static void starts_what_is_good(void **state)
{
	(void)state;
	assert_null(vmsa_wrong(page, 1, XCR0_ALL));
	long_mode(0xa9b);
	assert_null(vmsa_wrong(page, 1, XCR0_ALL));
	put(VMSA_XCR0, 7);
	assert_null(vmsa_wrong(page, 1, XCR0_ALL));
}

static void refuses_what_vmrun_would(void **state)
{
	(void)state;
	put(VMSA_SEV_FEATURES, 0x21);
	refused("SEV features");
	page[VMSA_VMPL] = 2;
	refused("VMPL");
	put(VMSA_EFER, 0);
	refused("SVME");
	put(VMSA_CR0, 1ull << 32);
	refused("CR0");
	put(VMSA_CR4, 1ull << 32);
	refused("CR4");
	put(VMSA_CR0, VMSA_CR0_NW);
	refused("CD");
	put(VMSA_DR7, 1ull << 32);
	refused("DR7");
	put(VMSA_XCR0, 0);
	refused("XCR0");
	put(VMSA_XCR0, 9);
	refused("XCR0");
	put(VMSA_XCR0, 5);
	refused("XCR0");
	long_mode(0xe9b);
	refused("both");
	long_mode(0xa9b);
	put(VMSA_CR4, 0);
	refused("PAE");
	long_mode(0xa9b);
	put(VMSA_CR0, VMSA_CR0_PG);
	refused("protected mode");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(reads_segments, setup),
	        cmocka_unit_test_setup(starts_what_is_good, setup),
	        cmocka_unit_test_setup(refuses_what_vmrun_would, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
