/* SPDX-License-Identifier: MIT */
/*
 * Is a verdict what it says? Samples with a known truth go through the whole comparison: without a
 * difference at most 5 % of the cells may show one, and 3 % must be found in at least 90 % of them,
 * within the five rounds of the full suite.
 */
#include "analysis/decide/gate.h"

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
	double covered;   /* of the intervals, those that hold the truth */
	double intervals; /* how many there are */
	double small;     /* of these, p below 0.05 */
	double modes;     /* of all cells, those of several modes with p below 0.05 */
};

static struct outcome run_against(struct truth truth, bool sides, unsigned other_rounds)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct outcome o = {.covered = 0};
	double n = TRIES * truth.cells;

	for (unsigned try = 0; try < TRIES; try++) {
		struct samples samples = {0};
		struct summary summary;
		struct compare compare;
		struct err e;

		truth.seed = truth.seed * 1000 + try;
		truth_add(&samples, &truth, 0, !sides);
		if (sides) {
			struct truth before = truth;

			before.seed += 500;
			before.rounds = other_rounds;
			truth_add(&samples, &before, 1, false);
		}
		options.sides = sides;
		assert_int_equal(samples_sort(&samples, &e), 0);
		assert_int_equal(summary_make(&samples, &summary, &e), 0);
		assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
		assert_int_equal(compare.cell_count, truth.cells);
		for (size_t i = 0; i < compare.cell_count; i++) {
			const struct compare_cell *c = &compare.cells[i];

			o.share[c->verdict] += 1 / n;
			o.modes += c->modes.of && c->p < 0.05 ? 1 / n : 0;
			if (isnan(c->low))
				continue;
			o.intervals++;
			o.covered += c->low <= truth.ratio && truth.ratio <= c->high;
			o.small += c->p < 0.05;
		}
		compare_free(&compare);
		summary_free(&summary);
		samples_free(&samples);
	}
	o.covered /= fmax(1, o.intervals);
	o.small /= fmax(1, o.intervals);
	print_message("  same %.3f slower %.3f faster %.3f undecided %.3f; %.3f of the intervals "
	              "hold the truth\n",
	              o.share[COMPARE_SAME], o.share[COMPARE_SLOWER], o.share[COMPARE_FASTER],
	              o.share[COMPARE_UNDECIDED], o.covered);
	return o;
}

static struct outcome run(struct truth truth, bool sides)
{
	return run_against(truth, sides, truth.rounds);
}

/* No more than `share` of `count`, but for what chance adds: 3.3 standard deviations. */
static double most(double share, double count)
{
	return share + 3.3 * sqrt(share * (1 - share) / count);
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
	/* Few cells show launches of one kind alone, and have an interval. */
	o = run(t, false);
	assert_true(o.share[COMPARE_SLOWER] + o.share[COMPARE_FASTER] <= 0.05);
	assert_true(1 - o.covered <= most(0.05, o.intervals));
	assert_true(o.intervals <= TRIES * CELLS * most(pow(0.58, 5), TRIES * CELLS));
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

/* 3000 cells each: two or three rounds against many, and nothing different. */
static void few_rounds_against_many(void **state)
{
	static const unsigned counts[][2] = {{2, 10}, {2, 30}, {3, 10}, {10, 2}};
	struct truth t = quiet;

	(void)state;
	t.cells = 1000;
	t.samples = 3;
	t.boot_sd = 0.01;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		struct outcome o;

		t.rounds = counts[i][0];
		o = run_against(t, true, counts[i][1]);
		assert_true(o.small <= most(0.05, o.intervals));
		assert_true(1 - o.covered <= most(0.05, o.intervals));
		assert_true(o.share[COMPARE_SLOWER] + o.share[COMPARE_FASTER] <= 0.001);
	}
}

/* 3000 cells of three rounds, read in steps of 10 ns: levels of 200 and 210. */
static void a_coarse_clock(void **state)
{
	struct truth t = quiet;
	struct outcome o;

	(void)state;
	t.cells = 1000;
	t.rounds = 3;
	t.samples = 5;
	t.boot_sd = 0.004;
	t.sample_sd = 0.002;
	t.step = 10;
	t.ratio = 1.02;
	o = run(t, false);
	assert_true(1 - o.covered <= most(0.05, o.intervals));
	/* Six rounds that agree do not do so by accident: the clock's step is all the error. */
	t.rounds = 6;
	o = run(t, false);
	assert_true(o.intervals > 0.9 * TRIES * 1000);
	assert_true(1 - o.covered <= most(0.05, o.intervals));
}

/* Of one launch in ten that is five times slower, whatever shows it has no interval. */
static void a_rare_slow_mode(void **state)
{
	struct truth t = quiet;
	struct outcome o;

	(void)state;
	t.cells = 1000;
	t.samples = 3;
	t.boot_sd = 0.003;
	t.second_mode = 0.1;
	t.mode_distance = 4;
	o = run(t, false);
	/* In each of five rounds none of two launches is slow, or both are and cancel. */
	assert_true(o.intervals <= TRIES * 1000 * most(pow(0.82, 5), TRIES * 1000));
	assert_true(1 - o.covered <= most(0.05, o.intervals));
	assert_true(o.share[COMPARE_SLOWER] + o.share[COMPARE_FASTER] <= 0.001);
}

/*
 * Sides that are apart are judged though they have several modes: 3000 cells of each kind, and
 * nothing different.
 */
static void launches_of_two_kinds_that_are_apart_by_chance_are_rare(void **state)
{
	static const double kinds[][2] = {{0.1, 4}, {0.3, 4}, {0.5, 4}, {0.33, 0.5}, {0.5, 0.15}};
	static const unsigned rounds[] = {3, 4, 5, 10};
	struct truth t = quiet;

	(void)state;
	t.cells = 1000;
	t.samples = 3;
	t.boot_sd = 0.003;
	for (size_t i = 0; i < 2 * sizeof(kinds) / sizeof(*kinds); i++) {
		t.second_mode = kinds[i / 2][0];
		t.mode_distance = kinds[i / 2][1];
		for (size_t r = 0; r < sizeof(rounds) / sizeof(*rounds); r++) {
			t.rounds = rounds[r];
			assert_true(run(t, i % 2).modes <= most(0.005, TRIES * 1000));
		}
	}
}

/* 50 times as long, in launches of two kinds: five rounds tell. */
static void launches_of_two_kinds_that_are_slower_are_told(void **state)
{
	struct truth t = quiet;
	struct outcome o;

	(void)state;
	t.samples = 3;
	t.boot_sd = 0.003;
	t.second_mode = 0.5;
	t.mode_distance = 0.5;
	t.ratio = 50;
	o = run(t, false);
	assert_true(o.share[COMPARE_SLOWER] >= 0.95);
	assert_true(o.modes >= 0.95);
}

struct runs {
	unsigned now, before;
	double shared, own; /* what runs differ by: all cells together, and each */
	double ratio;       /* of now */
};

/* Of `PAIRS` comparisons of 20 cells, those with an alarm: a cell that is slower or faster, or
 * slower by more than 3 %; and the share of cells that are slower. */
#define PAIRS 200
struct alarms {
	unsigned verdict, gate;
	double slower;
};

static void add_runs(struct samples *s, const struct runs *r, gsl_rng *rng, unsigned pair)
{
	struct truth t = {.cells = 20, .rounds = 5, .samples = 3, .ratio = 1, .sample_sd = 0.003};
	char name[16];

	t.boot_sd = 0.005;
	t.run_sd = r->own;
	t.run = name;
	for (unsigned i = 0; i < r->now + r->before; i++) {
		snprintf(name, sizeof(name), "run%u", i);
		t.seed = 1000 * pair + i + 1;
		t.level = exp(gsl_ran_gaussian(rng, r->shared));
		if (i < r->now)
			t.level *= r->ratio;
		truth_add(s, &t, i < r->now ? 0 : 1, false);
	}
}

static struct alarms alarms_of(struct runs runs)
{
	struct compare_options options = COMPARE_DEFAULTS;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	struct alarms alarms = {.verdict = 0};

	options.sides = true;
	for (unsigned pair = 0; pair < PAIRS; pair++) {
		struct samples samples = {0};
		struct summary summary;
		struct compare compare;
		struct gate gate;
		bool alarm = false;
		struct err e;

		add_runs(&samples, &runs, rng, pair);
		assert_int_equal(samples_sort(&samples, &e), 0);
		assert_int_equal(summary_make(&samples, &summary, &e), 0);
		assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
		assert_int_equal(gate_make(&compare, 0.03, &gate, &e), 0);
		for (size_t i = 0; i < compare.cell_count; i++) {
			enum compare_verdict v = compare.cells[i].verdict;

			alarm |= v == COMPARE_SLOWER || v == COMPARE_FASTER;
			alarms.slower += v == COMPARE_SLOWER ? 1.0 / 20 / PAIRS : 0;
		}
		alarms.verdict += alarm;
		alarms.gate += gate.slower > 0;
		gate_free(&gate);
		compare_free(&compare);
		summary_free(&summary);
		samples_free(&samples);
	}
	gsl_rng_free(rng);
	print_message(
	        "  %u against %u runs, ratio %g: %u of %u pairs alarmed, %u gates; %.3f slower\n",
	        runs.now, runs.before, runs.ratio, alarms.verdict, PAIRS, alarms.gate,
	        alarms.slower);
	return alarms;
}

/* Nothing changed but a run effect of 2 %, in all cells together or in each: 5 % of pairs. */
static void what_differs_from_run_to_run_is_no_alarm(void **state)
{
	static const struct runs cases[] = {{3, 3, 0.02, 0, 1}, {3, 3, 0, 0.02, 1},
	                                    {5, 5, 0.02, 0, 1}, {1, 3, 0.02, 0, 1},
	                                    {3, 1, 0, 0.02, 1}, {2, 10, 0.014, 0.014, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct alarms a = alarms_of(cases[i]);

		assert_true(a.verdict <= PAIRS * most(0.05, PAIRS));
		assert_true(a.gate <= PAIRS * most(0.05, PAIRS));
	}
}

/* And what changed by more is found, with a run effect of 1 %. */
static void several_runs_find_what_changed(void **state)
{
	(void)state;
	assert_true(alarms_of((struct runs){5, 5, 0.005, 0.005, 1.1}).slower > 0.95);
	assert_true(alarms_of((struct runs){3, 3, 0.005, 0.005, 1.2}).slower > 0.95);
}

/*
 * 40 comparisons of 90 cells that are 0.3 % slower for certain, and so the same, and 10 that differ
 * by nothing but noise. One in 20 may call any of these slower or faster: 8 of 40 but once in 1000.
 */
static void what_is_the_same_makes_no_other_cell_slower(void **state)
{
	struct compare_options options = COMPARE_DEFAULTS;
	unsigned alarms = 0;

	(void)state;
	for (unsigned try = 0; try < 40; try++) {
		struct samples samples = {0};
		struct summary summary;
		struct compare compare;
		struct truth t = quiet;
		bool alarm = false;
		struct err e;

		t.samples = 3;
		t.seed = 7000 + try;
		t.boot_sd = t.sample_sd = 0.0001;
		t.ratio = 1.003;
		t.cells = 90;
		truth_add(&samples, &t, 0, true);
		t.seed += 500;
		t.boot_sd = 0.02;
		t.ratio = 1;
		t.cells = 100;
		t.first_cell = 90;
		truth_add(&samples, &t, 0, true);
		assert_int_equal(samples_sort(&samples, &e), 0);
		assert_int_equal(summary_make(&samples, &summary, &e), 0);
		assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
		assert_int_equal(compare.cell_count, 100);
		for (size_t i = 0; i < 100; i++)
			alarm |= compare.cells[i].verdict == COMPARE_SLOWER ||
			         compare.cells[i].verdict == COMPARE_FASTER;
		alarms += alarm;
		compare_free(&compare);
		summary_free(&summary);
		samples_free(&samples);
	}
	print_message("  %u of 40 alarmed\n", alarms);
	assert_true(alarms <= 8);
}

/* A round of one sample, of native or of nosev. */
static void put_round(struct samples *s, struct samples_row *row, unsigned round, bool nosev,
                      double ns)
{
	row->group.round = round;
	row->group.platform = nosev ? PLATFORM_NOSEV : PLATFORM_NATIVE;
	row->group.accel = nosev ? ACCEL_KVM : ACCEL_NONE;
	row->ns = ns * (double)row->iterations;
	assert_int_equal(samples_add(s, row, NULL), 0);
}

/*
 * 1000 kernels of six cells in staggered rounds: cell c in rounds c to c + 4 of ten, each round
 * slower or faster by 1 % for all of them.
 */
static void cells_in_staggered_rounds(void **state)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct samples samples = {0};
	struct summary summary;
	struct compare compare;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	struct samples_row row;
	unsigned covered = 0;
	struct err e;

	(void)state;
	row = truth_source(&samples, 0);
	for (unsigned k = 0; k < 1000; k++) {
		double round[10];

		for (unsigned r = 0; r < 10; r++)
			round[r] = gsl_ran_gaussian(rng, 0.01);
		for (unsigned c = 0; c < 6; c++) {
			truth_name(&samples, &row, k, c);
			for (unsigned r = c; r < c + 5; r++)
				for (unsigned p = 0; p < 2; p++)
					put_round(&samples, &row, r + 1, p,
					          100 * exp(p * round[r] +
					                    gsl_ran_gaussian(rng, 0.001)));
		}
	}
	gsl_rng_free(rng);
	assert_int_equal(samples_sort(&samples, &e), 0);
	assert_int_equal(summary_make(&samples, &summary, &e), 0);
	assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
	assert_int_equal(compare.kernel_count, 1000);
	for (size_t i = 0; i < 1000; i++)
		covered += compare.kernels[i].low <= 1 && compare.kernels[i].high >= 1;
	print_message("  %u of 1000 intervals of kernels hold the truth\n", covered);
	assert_true(1000 - covered <= 1000 * most(0.05, 1000));
	compare_free(&compare);
	summary_free(&summary);
	samples_free(&samples);
}

/* Readings in steps of 10 ns, whose place in their step is all that a round adds. */
static double read_coarsely(gsl_rng *rng, double ns)
{
	return 10 * floor(ns * exp(gsl_ran_gaussian(rng, 0.002)) / 10);
}

/*
 * 1000 kernels of six cells that take the same time, between 200 and 250 ns, and 2 % longer on one
 * side: they lie in the same step of the clock, so that their mean is no better known than one.
 */
static void cells_in_one_step_of_the_clock(void **state)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct samples samples = {0};
	struct summary summary;
	struct compare compare;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	struct samples_row row;
	unsigned covered = 0, intervals = 0;
	struct err e;

	(void)state;
	row = truth_source(&samples, 0);
	row.iterations = 1;
	row.tsc_hz = 1e9;
	row.tsc_step = 10;
	for (unsigned k = 0; k < 1000; k++) {
		double ns = 200 + 50 * gsl_rng_uniform(rng);

		for (unsigned c = 0; c < 6; c++) {
			truth_name(&samples, &row, k, c);
			for (unsigned r = 1; r <= 5; r++)
				for (unsigned p = 0; p < 2; p++)
					put_round(&samples, &row, r, p,
					          read_coarsely(rng, p ? 1.02 * ns : ns));
		}
	}
	gsl_rng_free(rng);
	assert_int_equal(samples_sort(&samples, &e), 0);
	assert_int_equal(summary_make(&samples, &summary, &e), 0);
	assert_int_equal(compare_make(&summary, &options, &compare, &e), 0);
	for (size_t i = 0; i < compare.kernel_count; i++) {
		intervals += isnan(compare.kernels[i].low) ? 0 : 1;
		covered += compare.kernels[i].low <= 1.02 && compare.kernels[i].high >= 1.02;
	}
	print_message("  %u of %u intervals of kernels hold the truth\n", covered, intervals);
	assert_true(intervals > 900);
	assert_true(intervals - covered <= intervals * most(0.05, intervals));
	compare_free(&compare);
	summary_free(&summary);
	samples_free(&samples);
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
	        cmocka_unit_test(few_rounds_against_many),
	        cmocka_unit_test(a_coarse_clock),
	        cmocka_unit_test(a_rare_slow_mode),
	        cmocka_unit_test(launches_of_two_kinds_that_are_apart_by_chance_are_rare),
	        cmocka_unit_test(launches_of_two_kinds_that_are_slower_are_told),
	        cmocka_unit_test(what_differs_from_run_to_run_is_no_alarm),
	        cmocka_unit_test(several_runs_find_what_changed),
	        cmocka_unit_test(what_is_the_same_makes_no_other_cell_slower),
	        cmocka_unit_test(cells_in_staggered_rounds),
	        cmocka_unit_test(cells_in_one_step_of_the_clock),
	        cmocka_unit_test(false_discoveries_are_rare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
