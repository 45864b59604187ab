/* SPDX-License-Identifier: MIT */
/*
 * Is a verdict what it says? Samples with a known truth go through the whole comparison: without a
 * difference at most 5 % of the cells may show one, and 3 % must be found in at least 90 % of them,
 * within the five rounds of the full suite.
 */
#include "analysis/decide/compare.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/analysis/truth.h"

#define CELLS 100

static const struct truth quiet = {
        .cells = CELLS, .rounds = 5, .samples = 30, .ratio = 1, .sample_sd = 0.01, .seed = 1};

/* Three independent tries of everything, so that luck with one seed decides nothing. */
#define TRIES 3

struct outcome {
	double share[COMPARE_VERDICT_COUNT];
	double covered; /* intervals that hold the truth */
};

static struct outcome run(struct truth truth, bool sides)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct outcome o = {{0}, 0};
	double n = TRIES * truth.cells;

	for (unsigned try = 0; try < TRIES; try++) {
		struct samples samples = {0};
		struct summary summary;
		struct compare compare;
		struct err e;

		truth.seed = truth.seed * 1000 + try;
		truth_add(&samples, &truth, 0, !sides);
		if (sides) {
			truth.seed += 500;
			truth_add(&samples, &truth, 1, false);
		}
		options.sides = sides;
		assert_int_equal(samples_sort(&samples, &e), 0);
		assert_int_equal(summary_make(&samples, &summary, &e), 0);
		assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
		assert_int_equal(compare.cell_count, truth.cells);
		for (size_t i = 0; i < compare.cell_count; i++) {
			const struct compare_cell *c = &compare.cells[i];

			o.share[c->verdict] += 1 / n;
			o.covered += (c->low <= truth.ratio && truth.ratio <= c->high) / n;
		}
		compare_free(&compare);
		summary_free(&summary);
		samples_free(&samples);
	}
	print_message("  same %.3f slower %.3f faster %.3f undecided %.3f; %.3f of the intervals "
	              "hold the truth\n",
	              o.share[COMPARE_SAME], o.share[COMPARE_SLOWER], o.share[COMPARE_FASTER],
	              o.share[COMPARE_UNDECIDED], o.covered);
	return o;
}

static void expect_quiet(struct truth truth, bool sides)
{
	struct outcome o = run(truth, sides);

	assert_true(o.share[COMPARE_SLOWER] + o.share[COMPARE_FASTER] <= 0.05);
	assert_true(o.covered >= 0.94);
}

static void expect_found(struct truth truth, bool sides)
{
	struct outcome o;

	truth.ratio = 1.03;
	o = run(truth, sides);
	assert_true(o.share[COMPARE_SLOWER] >= 0.90);
	assert_true(o.share[COMPARE_FASTER] == 0);
	assert_true(o.covered >= 0.94);
}

static void normal_noise(void **state)
{
	struct truth t = quiet;

	(void)state;
	t.boot_sd = 0.005;
	expect_quiet(t, false);
	expect_found(t, false);
}

static void heavy_tails(void **state)
{
	struct truth t = quiet;

	(void)state;
	t.outliers = 0.1;
	t.boot_sd = 0.004;
	t.boot_freedom = 3;
	expect_quiet(t, false);
	expect_found(t, false);
}

/* 10 % slower at the end than at the beginning: three times what is looked for. */
static void drift(void **state)
{
	struct truth t = quiet;

	(void)state;
	t.outliers = 0.05;
	t.boot_sd = 0.005;
	t.drift = 0.1;
	expect_quiet(t, false);
	expect_found(t, false);
}

static void launches_of_two_kinds(void **state)
{
	struct truth t = quiet;

	(void)state;
	t.boot_sd = 0.003;
	t.second_mode = 0.4;
	t.mode_distance = 0.01;
	expect_quiet(t, false);
	expect_found(t, false);
}

/* As the 8 MiB pointer chase does: six times as long in some launches. Then nobody can tell 3 %. */
static void wild_launches_are_undecided(void **state)
{
	struct truth t = quiet;
	struct outcome o;

	(void)state;
	t.boot_sd = 0.003;
	t.second_mode = 0.3;
	t.mode_distance = 5;
	expect_quiet(t, false);
	t.ratio = 1.03;
	o = run(t, false);
	assert_true(o.share[COMPARE_FASTER] <= 0.05);
	assert_true(o.share[COMPARE_UNDECIDED] >= 0.5);
}

static void two_directories(void **state)
{
	struct truth t = quiet;

	(void)state;
	t.outliers = 0.05;
	t.boot_sd = 0.008;
	expect_quiet(t, true);
}

/* With a fifth of the cells 3 % slower, few of those that are called slower are not. */
static void false_discoveries_are_rare(void **state)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct samples samples = {0};
	struct summary summary;
	struct compare compare;
	struct truth t = quiet;
	unsigned hits = 0, wrong = 0;
	struct err e;

	(void)state;
	t.boot_sd = 0.005;
	truth_add(&samples, &t, 0, true);
	for (size_t i = 0; i < samples.group_count; i++) {
		struct samples_group *g = &samples.groups[i];

		if (g->key.platform == PLATFORM_NOSEV && g->key.cell % 5 == 0)
			for (uint32_t k = 0; k < g->series[SERIES_OP].count; k++)
				g->series[SERIES_OP].ns[k] *= 1.03;
	}
	/* The names, so that the truth survives the sorting: v0, v5, v10 ... */
	assert_int_equal(samples_sort(&samples, &e), 0);
	assert_int_equal(summary_make(&samples, &summary, &e), 0);
	assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
	for (size_t i = 0; i < compare.cell_count; i++) {
		const struct compare_cell *c = &compare.cells[i];
		const char *variant =
		        samples_text(&samples, samples.cells[c->row->cell].key.variant);
		bool slower = atoi(variant + 1) % 5 == 0;

		if (c->verdict == COMPARE_SLOWER || c->verdict == COMPARE_FASTER)
			*(slower ? &hits : &wrong) += 1;
	}
	print_message("  %u of %u found, %u wrong\n", hits, CELLS / 5, wrong);
	assert_true(hits >= 0.9 * CELLS / 5);
	assert_true(wrong <= 0.05 * (hits + wrong));
	compare_free(&compare);
	summary_free(&summary);
	samples_free(&samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(normal_noise),
	        cmocka_unit_test(heavy_tails),
	        cmocka_unit_test(drift),
	        cmocka_unit_test(launches_of_two_kinds),
	        cmocka_unit_test(wild_launches_are_undecided),
	        cmocka_unit_test(two_directories),
	        cmocka_unit_test(false_discoveries_are_rare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
