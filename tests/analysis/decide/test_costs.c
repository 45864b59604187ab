/* SPDX-License-Identifier: MIT */
#include "analysis/decide/costs.h"

#include <math.h>

#include "tests/analysis/parts_fixture.h"

static void make(struct fixture *f, struct costs *costs)
{
	fixture_summarise(f);
	assert_int_equal(costs_make(&f->summary, costs, &f->e), 0);
}

static const struct costs_row *find(const struct costs *costs, const char *kernel,
                                    const char *variant, enum platform platform)
{
	for (size_t i = 0; i < costs->count; i++)
		if (!strcmp(costs->rows[i].kernel, kernel) &&
		    !strcmp(costs->rows[i].variant, variant) && costs->rows[i].platform == platform)
			return &costs->rows[i];
	return NULL;
}

static void expect_about(double value, double wanted)
{
	if (!(fabs(value - wanted) < 1e-6 * wanted))
		fail_msg("%g, not %g", value, wanted);
}

/* By hand: 1 % of a second is 10,000,000 ns, a GiB 262144 pages and 512 blocks of 2 MiB. */
static void they_are_computed_from_cells(void **state)
{
	struct fixture *f = *state;
	const struct costs_row *row;
	struct costs costs;

	put(f, "nosev", "kvm", "cpuid", "0xb", 1000, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0xb", 4000, ROUNDS);
	put_with(f, "snp", "kvm", "convert", "4k", "pages_converted=1", 5000, ROUNDS);
	put_with(f, "snp", "kvm", "convert", "4k", "pages_converted=8", 9000, ROUNDS);
	put_with(f, "snp", "kvm", "convert", "2m", "pages_converted=512", 100000, 1);
	put(f, "snp", "kvm", "ring0_msr", "wrmsr_0x3b", 3000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_msr", "wrmsr_0x3b", 1000, ROUNDS);
	make(f, &costs);
	row = find(&costs, "cpuid", "0xb", PLATFORM_NOSEV);
	expect_about(row->value, 10000);
	assert_true(row->low < 10000 && row->high > 10000 && row->low > 9000);
	expect_about(find(&costs, "cpuid", "0xb", PLATFORM_SNP)->value, 2500);
	row = find(&costs, "convert", "4k", PLATFORM_SNP);
	expect_about(row->value, 262144 * 5000 / 1e6);
	assert_true(row->low < row->value && row->high > row->value);
	row = find(&costs, "convert", "2m", PLATFORM_SNP);
	expect_about(row->value, 51.2);
	assert_true(isnan(row->low));
	/* 16 vCPUs, 250 ticks, two exits each; of guests with #VC, where they were counted. */
	expect_about(find(&costs, "ring0_msr", "wrmsr_0x3b", PLATFORM_SNP)->value, 24);
	assert_null(find(&costs, "ring0_msr", "wrmsr_0x3b", PLATFORM_NOSEV));
	assert_null(find(&costs, "convert", "4k", PLATFORM_NOSEV));
	costs_free(&costs);
}

static void what_was_not_measured_says_so(void **state)
{
	struct fixture *f = *state;
	const struct costs_row *row;
	struct costs costs;

	put(f, "native", "none", "cpuid", "0xb", 100, ROUNDS);
	put(f, "nosev", "kvm", "memcpy", "avx2", 1000, ROUNDS);
	make(f, &costs);
	row = find(&costs, "cpuid", "0xb", PLATFORM_NOSEV);
	assert_int_equal(row->state, COSTS_NOT_MEASURED);
	assert_null(find(&costs, "cpuid", "0xb", PLATFORM_NATIVE));
	assert_null(find(&costs, "cpuid", "0xb", PLATFORM_SNP));
	costs_free(&costs);
}

static void nothing_is_computed_of_emulated_times(void **state)
{
	struct fixture *f = *state;
	const struct costs_row *row;
	struct costs costs;

	put(f, "snp", "tcg", "cpuid", "0xb", 50000, ROUNDS);
	make(f, &costs);
	row = find(&costs, "cpuid", "0xb", PLATFORM_SNP);
	assert_int_equal(row->state, COSTS_EMULATED);
	assert_true(isnan(row->value));
	costs_free(&costs);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(they_are_computed_from_cells),
	        T(what_was_not_measured_says_so),
	        T(nothing_is_computed_of_emulated_times),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
