/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#include "harness/clock.h"
#include "tests/harness/cpu_table.h"

static void test_step(void **state)
{
	static const uint64_t fine[] = {100, 122, 145, 167};
	static const uint64_t even[] = {100, 122, 146, 168, 200};
	static const uint64_t coarse[] = {270, 270, 297, 297, 351, 351};
	/* Of an EPYC 9004, unfenced: 26, or 1 and the rest of it. */
	static const uint64_t unique[] = {12, 38, 39, 64, 90, 116, 142, 143, 168};
	static const uint64_t zen[] = {0, 27, 54, 135};
	static const uint64_t fenced[] = {270, 324, 405, 459}; /* never equal: steps of 27 */
	static const uint64_t scaled[] = {243, 243, 267, 267, 292, 292, 340};
	static const uint64_t stuck[] = {5, 5, 5};

	(void)state;
	assert_int_equal(clock_step(fine, 4), 1);
	assert_int_equal(clock_step(even, 5), 2);
	assert_int_equal(clock_step(coarse, 6), 27);
	assert_int_equal(clock_step(fenced, 4), 27);
	assert_int_equal(clock_step(unique, 9), 26);
	assert_int_equal(clock_step(zen, 4), 27);
	assert_int_equal(clock_step(scaled, 7), 24);
	assert_int_equal(clock_step(stuck, 3), 1);
	assert_int_equal(clock_step(fine, 1), 1);
	assert_int_equal(clock_step(NULL, 0), 1);
}

#define HYPERVISOR (1U << 31)

static void test_nominal(void **state)
{
	struct cpu_leaf leaves[] = {
	        {0x0, 0, {0x15, 0, 0, 0}},           {0x1, 0, {0, 0, HYPERVISOR, 0}},
	        {0x15, 0, {2, 192, 25000000, 0}},    {0x40000000, 0, {0x40000010, 0, 0, 0}},
	        {0x40000010, 0, {2695000, 0, 0, 0}},
	};
	struct cpu_table t = CPU_TABLE(leaves);

	(void)state;
	assert_true(clock_nominal(&t.source) == 2.4e9);
	/* Many processors leave the crystal out: Linux knows it from a table, CPUID does not say.
	 */
	leaves[2].regs[CPU_ECX] = 0;
	assert_true(clock_nominal(&t.source) == 2.695e9);
	leaves[3].regs[CPU_EAX] = 0x40000001; /* KVM without the leaf */
	assert_true(clock_nominal(&t.source) == 0);
	leaves[0].regs[CPU_EAX] = 0x10; /* AMD: no leaf 0x15 */
	leaves[2].regs[CPU_ECX] = 25000000;
	assert_true(clock_nominal(&t.source) == 0);
	leaves[3].regs[CPU_EAX] = 0x40000010;
	leaves[1].regs[CPU_ECX] = 0; /* native: the range does not exist */
	assert_true(clock_nominal(&t.source) == 0);
	leaves[1].regs[CPU_ECX] = HYPERVISOR;
	leaves[4].regs[CPU_EAX] = 0;
	assert_true(clock_nominal(&t.source) == 0);
}

static void test_compare(void **state)
{
	struct err e = {""};

	(void)state;
	assert_int_equal(clock_compare(2e9, 2e9, &e), 0);
	assert_int_equal(clock_compare(2e9, 2.019e9, &e), 0);
	assert_int_equal(clock_compare(2e9, 1.981e9, &e), 0);
	assert_int_equal(clock_compare(0, 3e9, &e), 0);
	assert_string_equal(e.text, "");
	assert_int_equal(clock_compare(2e9, 2.03e9, &e), -ERANGE);
	assert_non_null(strstr(e.text, "2030.0 MHz"));
	assert_non_null(strstr(e.text, "2000.0 MHz"));
	assert_int_equal(clock_compare(2e9, 1.97e9, &e), -ERANGE);
	assert_int_equal(clock_compare(0, 0, &e), -ERANGE);
	assert_int_equal(clock_compare(0, NAN, &e), -ERANGE);
	assert_int_equal(clock_compare(0, INFINITY, &e), -ERANGE);
}

static void test_this_machine(void **state)
{
	struct timespec wanted = {.tv_nsec = 20000000};
	struct timespec t0;
	struct timespec t1;
	struct clock_instant first = clock_now();
	struct clock clock;
	struct err e = {""};
	uint64_t begin;
	double ticks_ns;
	double other_ns;

	(void)state;
	if (clock_init(&clock, &first, &e) != 0)
		fail_msg("%s", e.text);
	assert_true(clock.hz > 1e8 && clock.hz < 1e10);
	assert_true(clock.error > 0 && clock.error < 0.01);
	assert_in_range(clock.step, 1, 1000);
	assert_true(clock.overhead > 0);
	assert_true(clock.source[0] != '\0');
	/* Ticks are time: 20 ms by both clocks, though the machine may be busy between the
	 * readings. */
	clock_gettime(CLOCK_MONOTONIC_RAW, &t0);
	begin = clock_begin();
	nanosleep(&wanted, NULL);
	ticks_ns = clock_ns(&clock, clock_end() - begin);
	clock_gettime(CLOCK_MONOTONIC_RAW, &t1);
	other_ns = (double)(t1.tv_sec - t0.tv_sec) * 1e9 + (double)(t1.tv_nsec - t0.tv_nsec);
	assert_true(ticks_ns > 19.9e6);
	assert_true(ticks_ns <= other_ns * (1 + clock.error) + 1000);
	print_message(
	        "%.3f MHz, error %.1f ppm, nominal %.3f MHz, step %lu, overhead %lu, %s, %s\n",
	        clock.hz / 1e6, clock.error * 1e6, clock.nominal_hz / 1e6,
	        (unsigned long)clock.step, (unsigned long)clock.overhead,
	        clock.invariant ? "invariant" : "not invariant", clock.source);
}

static void test_readings_are_in_order(void **state)
{
	uint64_t last = clock_begin();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t now = i % 2 ? clock_end() : clock_begin();

		assert_true(now >= last);
		last = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_step),
	        cmocka_unit_test(test_nominal),
	        cmocka_unit_test(test_compare),
	        cmocka_unit_test(test_this_machine),
	        cmocka_unit_test(test_readings_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
