/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/msrs.h"

#include "tests/cmocka.h"

#define BASE 0xfee00000ull

static const struct msrs off = {.apic_base = BASE, .address_bits = 48, .x2apic = true};
static const struct msrs xapic = {
        .apic_base = BASE | MSRS_APIC_ON, .address_bits = 48, .x2apic = true};
static const struct msrs x2apic = {
        .apic_base = BASE | MSRS_APIC_ON | MSRS_APIC_X2, .address_bits = 48, .x2apic = true};

static void has_x2apic_registers_in_their_mode_alone(void **state)
{
	(void)state;
	assert_false(msrs_readable(&xapic, 0x802));
	assert_true(msrs_readable(&x2apic, 0x802));
	assert_false(msrs_readable(&x2apic, 0x80b)); /* end of interrupt is for writing */
	assert_false(msrs_readable(&x2apic, 0x831));
	assert_false(msrs_readable(&x2apic, 0x8ff));
	assert_true(msrs_writable(&x2apic, 0x80b, 0));
	assert_false(msrs_writable(&xapic, 0x80b, 0));
	assert_false(msrs_writable(&x2apic, 0x802, 1)); /* its number is for reading */
	assert_true(msrs_writable(&x2apic, MSRS_X2APIC_ICR, 0x100000000ull | 0x4500));
	assert_false(msrs_writable(&x2apic, 0x808, 1ull << 32));
	assert_true(msrs_writable(&x2apic, 0x828, 0));
	assert_false(msrs_writable(&x2apic, 0x828, 1));
	assert_true(msrs_writable(&x2apic, 0x83f, 0xff));
	assert_false(msrs_writable(&x2apic, 0x83f, 0x100));
	assert_true(msrs_writable(&x2apic, 0x832, 0x20000));
}

static void lets_an_apic_change_its_mode_in_order(void **state)
{
	const uint64_t x2 = x2apic.apic_base, x = xapic.apic_base;
	struct msrs without = xapic;

	(void)state;
	without.x2apic = false;
	assert_true(msrs_writable(&xapic, MSRS_APIC_BASE, x));
	assert_true(msrs_writable(&xapic, MSRS_APIC_BASE, x2));
	assert_true(msrs_writable(&x2apic, MSRS_APIC_BASE, BASE));
	assert_true(msrs_writable(&off, MSRS_APIC_BASE, x));
	assert_false(msrs_writable(&off, MSRS_APIC_BASE, x2));
	assert_false(msrs_writable(&x2apic, MSRS_APIC_BASE, x));
	assert_false(msrs_writable(&xapic, MSRS_APIC_BASE, BASE | MSRS_APIC_X2));
	assert_false(msrs_writable(&without, MSRS_APIC_BASE, x2));
	assert_false(msrs_writable(&xapic, MSRS_APIC_BASE, x | 1));
	assert_false(msrs_writable(&xapic, MSRS_APIC_BASE, x | 1ull << 48));
	assert_true(msrs_writable(&xapic, MSRS_APIC_BASE, x | 1u << 8)); /* the first processor */
}

static void knows_types_of_memory(void **state)
{
	(void)state;
	assert_true(msrs_writable(&xapic, MSRS_PAT, 0x0007040600070406));
	assert_false(msrs_writable(&xapic, MSRS_PAT, 0x0007040600070402));
	assert_false(msrs_writable(&xapic, MSRS_PAT, 0x0807040600070406));
	assert_true(msrs_writable(&xapic, 0x2ff, 0xc06));
	assert_false(msrs_writable(&xapic, 0x2ff, 0xc07));
	assert_false(msrs_writable(&xapic, 0x2ff, 0x1c06));
	assert_true(msrs_writable(&xapic, 0x26f, 0x0606060606060606));
	assert_false(msrs_writable(&xapic, 0x26f, 0x0306060606060606));
	assert_true(msrs_writable(&xapic, 0x200, 0x80000006));
	assert_false(msrs_writable(&xapic, 0x200, 0x80000106));
	assert_true(msrs_writable(&xapic, 0x201, 0xffff80000800));
	assert_false(msrs_writable(&xapic, 0x201, 0xffff80000801));
	assert_false(msrs_writable(&xapic, 0x201, 0x1ffff80000800));
}

static void knows_addresses(void **state)
{
	(void)state;
	assert_true(msrs_writable(&xapic, 0xc0000082, 0xffffffff81000000));
	assert_false(msrs_writable(&xapic, 0xc0000082, 0x8000000000000000));
	assert_true(msrs_writable(&xapic, 0xc0000100, 0x7fffffffffff));
	assert_false(msrs_writable(&xapic, 0xc0000102, 0x800000000000));
	assert_true(msrs_writable(&xapic, 0xc0010117, 0x1000));
	assert_false(msrs_writable(&xapic, 0xc0010117, 0x1001));
	assert_false(msrs_writable(&xapic, 0xc0010117, 1ull << 48));
}

/* As KVM without a virtual PMU: older counters read as 0, the others are not there. */
static void has_no_counters(void **state)
{
	(void)state;
	assert_true(msrs_readable(&xapic, 0xc0010000) && msrs_readable(&xapic, 0xc0010007));
	assert_true(msrs_writable(&xapic, 0xc0010000, 0x530076));
	assert_true(msrs_readable(&xapic, 0xc00101ff) && msrs_readable(&xapic, 0xc001020c));
	assert_false(msrs_readable(&xapic, 0xc0010200) || msrs_readable(&xapic, 0xc001020b));
	assert_false(msrs_writable(&xapic, 0xc0010201, 0));
	assert_false(msrs_readable(&xapic, 0xc0000300));
	assert_false(msrs_readable(&xapic, 0xc0011030) || msrs_writable(&xapic, 0xc001103d, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(has_x2apic_registers_in_their_mode_alone),
	        cmocka_unit_test(lets_an_apic_change_its_mode_in_order),
	        cmocka_unit_test(knows_types_of_memory),
	        cmocka_unit_test(knows_addresses),
	        cmocka_unit_test(has_no_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
