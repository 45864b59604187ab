/* SPDX-License-Identifier: MIT */
#include "analysis/read/copies.h"

#include <errno.h>

#include "tests/analysis/reader_fixture.h"

/* A run's rounds of a cell: `count` samples near 1000 ns that are read in steps of `step`. */
struct copied {
	const char *run, *variant;
	unsigned rounds, count, seed;
	double step;
};

static void put(FILE *out, const struct copied *c)
{
	struct synth row = synth_default;
	unsigned seed = c->seed;

	row.run = c->run;
	row.variant = c->variant;
	row.iterations = 1;
	for (row.round = 1; row.round <= c->rounds; row.round++)
		for (row.sample = 0; row.sample < c->count; row.sample++) {
			double x = 1000 + 50.0 * rand_r(&seed) / RAND_MAX;

			row.ns = c->step * (double)(long)(x / c->step);
			synth_row(out, &row);
		}
}

/* Read all that was put, and look for copies. */
static int check(struct fixture *f)
{
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	return copies_check(&f->samples, &f->e);
}

static void a_run_under_another_name_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f->out, &(struct copied){"r1", "a", 2, 20, 1, 0.001});
	put(f->out, &(struct copied){"r2", "a", 2, 20, 1, 0.001});
	assert_int_equal(check(f), -EINVAL);
	expect_says(f->e.text, "run r1 in ");
	expect_says(f->e.text, "and run r2 in ");
	expect_says(f->e.text, "hold the same samples (in 2 series; the first: memcpy/a on native, "
	                       "rounds 1 and 1)");
}

/* One cell of three, and its rows before those of the others. */
static void so_is_a_part_of_one_in_another_order(void **state)
{
	struct fixture *f = *state;

	put(f->out, &(struct copied){"r1", "a", 1, 20, 1, 0.001});
	put(f->out, &(struct copied){"r1", "b", 1, 20, 2, 0.001});
	put(f->out, &(struct copied){"r1", "c", 1, 20, 3, 0.001});
	put(f->out, &(struct copied){"r2", "c", 1, 20, 3, 0.001});
	put(f->out, &(struct copied){"r2", "a", 1, 20, 4, 0.001});
	put(f->out, &(struct copied){"r2", "b", 1, 20, 5, 0.001});
	assert_int_equal(check(f), -EINVAL);
	expect_says(f->e.text, "in 1 series; the first: memcpy/c ");
}

/* Numbered anew from the last to the first. */
static void so_are_samples_in_another_order(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	for (int copy = 0; copy < 2; copy++) {
		row.run = copy ? "r2" : "r1";
		for (row.round = 1; row.round <= 2; row.round++)
			for (row.sample = 0; row.sample < 24; row.sample++) {
				unsigned n = copy ? 23 - row.sample : row.sample;

				row.ns = 1000 * row.round + (n * 7) % 24 + 0.001 * n;
				synth_row(f->out, &row);
			}
	}
	assert_int_equal(check(f), -EINVAL);
	expect_says(f->e.text, "in 2 series");
}

static void so_is_one_on_the_other_side(void **state)
{
	struct fixture *f = *state;
	char *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	put(out, &(struct copied){"old", "a", 2, 20, 1, 0.001});
	fclose(out);
	put(f->out, &(struct copied){"new", "a", 2, 20, 1, 0.001});
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	assert_int_equal(check(f), -EINVAL);
	expect_says(f->e.text, "old.csv");
	expect_says(f->e.text, "samples.csv");
	free(old);
}

/* Two runs of 200 rounds each of few samples in steps of 10 ns: many series are the same. */
static void what_a_coarse_clock_makes_the_same_is_no_copy(void **state)
{
	struct fixture *f = *state;

	put(f->out, &(struct copied){"r1", "a", 200, 3, 1, 10});
	put(f->out, &(struct copied){"r2", "a", 200, 3, 2, 10});
	put(f->out, &(struct copied){"r1", "b", 200, 20, 1, 50});
	put(f->out, &(struct copied){"r2", "b", 200, 20, 2, 50});
	assert_int_equal(check(f), 0);
}

static void rounds_of_one_run_are_its_own(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	for (row.round = 1; row.round <= 3; row.round++)
		for (row.sample = 0; row.sample < 20; row.sample++) {
			row.ns = 1000 + row.sample;
			synth_row(f->out, &row);
		}
	assert_int_equal(check(f), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(a_run_under_another_name_is_refused),
	        T(so_is_a_part_of_one_in_another_order),
	        T(so_are_samples_in_another_order),
	        T(so_is_one_on_the_other_side),
	        T(what_a_coarse_clock_makes_the_same_is_no_copy),
	        T(rounds_of_one_run_are_its_own),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
