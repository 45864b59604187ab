/* SPDX-License-Identifier: MIT */
#include "bench/measure.h"

#include <errno.h>

#include "tests/cmocka.h"
#include "tests/harness/cpu_table.h"

/* No file of the machine is there: neither SEV_STATUS nor the log can be read. */
#define NO_FILES "/nonexistent"

/* A guest of KVM that CPUID says SEV of, and one of which it says TDX. */
static const struct cpu_leaf sev[] = {
        {0x0, 0, {0x10, 0, 0, 0}},
        {0x1, 0, {0, 0, 1U << 31, 0}},
        {0x40000000, 0, {0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d}},
        {0x80000000, 0, {0x80000021, 0, 0, 0}},
        {0x8000001f, 0, {0x1a, 0x73, 0, 0}},
};
static const struct cpu_leaf tdx[] = {
        {0x0, 0, {0x21, 0, 0, 0}},
        {0x1, 0, {0, 0, 1U << 31, 0}},
        {0x21, 0, {0, 0x65746e49, 0x20202020, 0x5844546c}},
        {0x40000000, 0, {0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d}},
};

static struct invocation asking(enum platform platform)
{
	return (struct invocation){.platform_asked = true, .origin.platform = platform};
}

/* Nothing is measured under a name that was only guessed; who says so gets it as unknown. */
static void what_cannot_be_told_is_refused_with_its_remedy(void **state)
{
	const struct cpu_table cpu = CPU_TABLE(sev);
	struct invocation inv = {.platform_asked = false};
	struct err e = {""};

	(void)state;
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), -ENODATA);
	assert_says(e, "as root after 'modprobe msr'");
	assert_says(e, "by --platform unknown");
	inv = asking(PLATFORM_SNP);
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), -ENODATA);
	inv = asking(PLATFORM_NOSEV);
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), -ENODATA);
	inv = asking(PLATFORM_UNKNOWN);
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), 0);
	assert_int_equal(inv.origin.platform, PLATFORM_UNKNOWN);
	assert_int_equal(inv.origin.accel, ACCEL_KVM);
}

/* The machine as it is needs no telling. */
static void native_needs_no_telling(void **state)
{
	const struct cpu_table cpu = CPU_TABLE(sev);
	struct invocation inv = asking(PLATFORM_NATIVE);
	struct err e = {""};

	(void)state;
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), 0);
	assert_int_equal(inv.origin.platform, PLATFORM_NATIVE);
	assert_int_equal(inv.origin.accel, ACCEL_NONE);
}

static void rows_carry_what_the_machine_shows(void **state)
{
	const struct cpu_table cpu = CPU_TABLE(tdx);
	struct invocation inv = {.platform_asked = false};
	struct err e = {""};

	(void)state;
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), 0);
	assert_int_equal(inv.origin.platform, PLATFORM_TDX);
	inv = asking(PLATFORM_NOSEV);
	assert_int_equal(measure_settle(&inv, &cpu.source, NO_FILES, &e), -EINVAL);
	assert_says(e, "shows itself as tdx, not as nosev (CPUID 0x21 says IntelTDX)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_cannot_be_told_is_refused_with_its_remedy),
	        cmocka_unit_test(native_needs_no_telling),
	        cmocka_unit_test(rows_carry_what_the_machine_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
