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
	assert_int_equal(ghcb_check(page, false), GHCB_MISSING_INPUT);
}

/* Every event of the protocol, sent with nothing valid but code and information, as KVM answers. */
static void answers_each_event(void **state)
{
	static const struct {
		uint64_t code;
		enum ghcb_error es, snp;
	} events[] = {
	        {0x10, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* CR0 write */
	        {EXIT_DR7_READ, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_DR7_WRITE, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_RDTSC, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_RDPMC, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_CPUID, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_INVD, GHCB_GOOD, GHCB_GOOD},
	        {0x78, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* HLT leaves by itself */
	        {EXIT_MSR, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_VMMCALL, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_RDTSCP, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_WBINVD, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_MONITOR, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_MWAIT, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {0x8d, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* XSETBV */
	        {EXIT_NPF, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT},
	        {EXIT_MMIO_READ, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_MMIO_WRITE, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_NMI_COMPLETE, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_AP_HOLD, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_JUMP_TABLE, GHCB_GOOD, GHCB_GOOD},
	        {0x80000006, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT},
	        {0x8000000f, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT},
	        {EXIT_PAGE_STATE, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {EXIT_GUEST_REQUEST, GHCB_MISSING_INPUT, GHCB_GOOD},
	        {EXIT_EXTENDED_REQUEST, GHCB_MISSING_INPUT, GHCB_GOOD},
	        {EXIT_AP_CREATE, GHCB_MISSING_INPUT, GHCB_MISSING_INPUT},
	        {0x80000014, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* #HV doorbell */
	        {0x80000015, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* #HV IPI */
	        {0x80000018, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* run VMPL */
	        {0x8000001a, GHCB_INVALID_EVENT, GHCB_INVALID_EVENT}, /* secure AVIC */
	        {EXIT_FEATURES, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_TERMINATE, GHCB_GOOD, GHCB_GOOD},
	        {EXIT_UNSUPPORTED, GHCB_GOOD, GHCB_GOOD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		ask(events[i].code, 0x1000);
		assert_int_equal(ghcb_check(page, false), events[i].es);
		assert_int_equal(ghcb_check(page, true), events[i].snp);
	}
}

static void wants_pages_for_a_guest_request(void **state)
{
	(void)state;
	ask(EXIT_GUEST_REQUEST, 0x1008);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ask(EXIT_GUEST_REQUEST, 0x1000);
	ghcb_set(page, GHCB_EXITINFO2, 0x1000);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_EXITINFO2, 0x2008);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_EXITINFO2, 0x2000);
	assert_int_equal(ghcb_check(page, true), GHCB_GOOD);
}

static void wants_features_to_create_a_vcpu(void **state)
{
	(void)state;
	ask(EXIT_AP_CREATE, 2);
	assert_int_equal(ghcb_check(page, true), GHCB_GOOD);
	ask(EXIT_AP_CREATE, 1);
	assert_int_equal(ghcb_check(page, true), GHCB_MISSING_INPUT);
	ghcb_set(page, GHCB_RAX, 1);
	assert_int_equal(ghcb_check(page, true), GHCB_GOOD);
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
	        cmocka_unit_test(answers_each_event),
	        cmocka_unit_test(wants_pages_for_a_guest_request),
	        cmocka_unit_test(wants_features_to_create_a_vcpu),
	        cmocka_unit_test(knows_where_a_buffer_may_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
