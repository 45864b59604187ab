/* SPDX-License-Identifier: MIT */
#include "analysis/show/histogram.h"

#include "tests/analysis/fixture.h"

/* A sample that took `ns`. */
static void put(struct fixture *f, struct synth *row, double ns)
{
	row->iterations = 1;
	row->ns = ns;
	synth_row(f->out, row);
	row->sample++;
}

static void write_all(struct fixture *f)
{
	FILE *out = fixture_page(f);

	fixture_summarise(f);
	assert_int_equal(histogram_write(out, &f->summary, &f->e), 0);
	fclose(out);
}

#define CELL "native,none,memcpy,avx2,1048576,1,4k,anon,random,,latency,"

/* Bins begin at 10^(k/10): an edge belongs to the bin that it begins; gaps are rows too. */
static void samples_are_counted_once(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	put(f, &row, 100);
	put(f, &row, 125);
	put(f, &row, 1000);
	put(f, &row, 1001);
	write_all(f);
	assert_true(histogram_any(&f->summary));
	assert_non_null(strstr(f->text, "schema,platform,accel,kernel,variant,size,"));
	assert_non_null(strstr(f->text, CELL "100,125.892541,2,0.5\n"));
	assert_non_null(strstr(f->text, CELL "125.892541,158.489319,0,0\n"));
	assert_non_null(strstr(f->text, CELL "1000,1258.92541,2,0.5\n"));
	assert_null(strstr(f->text, ",79.4"));
	assert_null(strstr(f->text, ",1258.92541,1"));
}

/* Less than the loop around it: counted all the same. */
static void the_baseline_is_taken_off(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	row.series = "baseline";
	put(f, &row, 50);
	row.series = "op";
	row.sample = 0;
	put(f, &row, 49);
	put(f, &row, 250);
	put(f, &row, 1e14); /* longer than the last bin is wide */
	write_all(f);
	assert_non_null(strstr(f->text, CELL "0,1,1,0.333333333\n"));
	assert_non_null(strstr(f->text, CELL "199.526231,251.188643,1,0.333333333\n"));
	assert_non_null(strstr(f->text, ",1e+13,1,0.333333333\n"));
}

/* Readings of an EPYC 9004 are multiples of 10 ns: no bin is narrower, wherever it begins. */
static void no_bin_is_narrower_than_a_step(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.single_shot = true;
	row.tsc_step = 20; /* of 0.5 ns */
	put(f, &row, 10);
	put(f, &row, 20);
	put(f, &row, 30);
	put(f, &row, 1000);
	write_all(f);
	assert_non_null(strstr(f->text, CELL "10,25.1188643,2,0.5\n"));
	assert_non_null(strstr(f->text, CELL "25.1188643,39.8107171,1,0.25\n"));
	assert_non_null(strstr(f->text, CELL "1000,1258.92541,1,0.25\n"));
	assert_null(strstr(f->text, CELL "0,"));
}

static void batches_have_no_histogram(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	put(f, &row, 100);
	write_all(f);
	assert_false(histogram_any(&f->summary));
	assert_int_equal(strlen(strchr(f->text, '\n')), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(samples_are_counted_once),
	        T(the_baseline_is_taken_off),
	        T(no_bin_is_narrower_than_a_step),
	        T(batches_have_no_histogram),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
