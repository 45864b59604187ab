/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/ghcb.h"

#include "tests/cmocka.h"

static uint8_t page[GHCB_SIZE];

static void ask(uint64_t code, uint64_t info1)
{
	memset(page, 0, sizeof(page));
	ghcb_set(page, GHCB_EXITCODE, code);
	ghcb_set(page, GHCB_EXITINFO1, info1);
	ghcb_set(page, GHCB_EXITINFO2, 0);
}

static void keeps_fields_and_their_validity(void **state)
{
	(void)state;
	memset(page, 0, sizeof(page));
	assert_false(ghcb_is_valid(page, GHCB_RAX));
	ghcb_set(page, GHCB_RAX, 0x1122334455667788);
	assert_true(ghcb_is_valid(page, GHCB_RAX));
	assert_false(ghcb_is_valid(page, GHCB_RAX + 8));
	assert_int_equal(ghcb_get(page, GHCB_RAX), 0x1122334455667788);
	/* Bit 63 of the bitmap: byte 7 of it. RAX is field 0x1f8 / 8. */
	assert_int_equal(page[GHCB_VALID + 7], 0x80);
	ghcb_set(page, GHCB_SCRATCH, 1);
	assert_int_equal(page[GHCB_VALID + 0x3a8 / 64], 1u << (0x3a8 / 8 % 8));
	page[GHCB_CPL] = 3;
	page[GHCB_CPL + 1] = 0xff;
	assert_int_equal(ghcb_get(page, GHCB_CPL), 3);
	ghcb_clear_valid(page);
	assert_false(ghcb_is_valid(page, GHCB_RAX));
	assert_int_equal(ghcb_get(page, GHCB_RAX), 0x1122334455667788);
}

static void reads_ports(void **state)
{
	struct ghcb_io io;

	(void)state;
	assert_true(ghcb_io(0x03f80011, &io));
	assert_true(io.port == 0x3f8 && io.size == 1 && io.in && !io.string);
	assert_true(ghcb_io(0xcfc00040ull | 4, &io));
	assert_true(io.port == 0xcfc0 && io.size == 4 && !io.in && io.string);
	assert_false(ghcb_io(0x03f80001, &io));
	assert_false(ghcb_io(0x03f80031, &io));
}

static void wants_what_an_exit_needs(void **state)
{
	uint32_t usage = 1;

	(void)state;
	memset(page, 0, sizeof(page));
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ask(EXIT_CPUID, 0);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_RAX, 0xd);
	ghcb_set(page, GHCB_RCX, 0);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT); /* XCR0 */
	ghcb_set(page, GHCB_XCR0, 7);
	assert_int_equal(ghcb_check(page, true), GHCB_GOOD);
	ask(EXIT_MSR, 1);
	ghcb_set(page, GHCB_RCX, 0x1b);
	assert_int_equal(ghcb_check(page, false), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_EXITINFO1, 0);
	assert_int_equal(ghcb_check(page, false), GHCB_GOOD);
	ask(EXIT_IOIO, 0x03f80010);
	assert_int_equal(ghcb_check(page, false), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_RAX, 'x');
	assert_int_equal(ghcb_check(page, false), GHCB_GOOD);
	memcpy(page + GHCB_USAGE, &usage, sizeof(usage));
	assert_int_equal(ghcb_check(page, false), GHCB_INVALID_USAGE);
}

static void refuses_what_it_does_not_know(void **state)
{
	(void)state;
	ask(0x8000beef, 0);
	assert_int_equal(ghcb_check(page, true), GHCB_INVALID_EVENT);
	ask(0x100000000ull | EXIT_CPUID, 0);
	assert_int_equal(ghcb_check(page, true), GHCB_INVALID_EVENT);
	ask(EXIT_PAGE_STATE, 0);
	ghcb_set(page, GHCB_SCRATCH, 0x1800);
	assert_int_equal(ghcb_check(page, true), GHCB_GOOD);
	assert_int_equal(ghcb_check(page, false), GHCB_INVALID_EVENT);
}

static void knows_where_a_buffer_may_lie(void **state)
{
	(void)state;
	assert_true(ghcb_scratch_good(0x1000, 0x1800, 2032));
	assert_false(ghcb_scratch_good(0x1000, 0x1800, 2033));
	assert_false(ghcb_scratch_good(0x1000, 0x1000, 8));
	assert_true(ghcb_scratch_good(0x1000, 0x9000, 1u << 20));
	assert_false(ghcb_scratch_good(0x1000, 0, 8));
	assert_false(ghcb_scratch_good(0x1000, ~7ull, 16));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(keeps_fields_and_their_validity),
	        cmocka_unit_test(reads_ports),
	        cmocka_unit_test(wants_what_an_exit_needs),
	        cmocka_unit_test(refuses_what_it_does_not_know),
	        cmocka_unit_test(knows_where_a_buffer_may_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
