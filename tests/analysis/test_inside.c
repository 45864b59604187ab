/* SPDX-License-Identifier: MIT */
#include "analysis/inside.h"

#include <math.h>

#include "analysis/table.h"
#include "tests/analysis/fixture.h"
#include "tests/cmocka.h"

#define ROUNDS 5

/* Rounds that drift by 2 % together, and samples that differ by a thousandth. */
static void put(struct fixture *f, const char *platform, const char *accel, const char *backing,
                double ns)
{
	static const double drift[ROUNDS] = {1, 1.02, 0.98, 1.01, 0.99};
	static const double own[2][ROUNDS] = {{1, 1.001, 1, 0.999, 1}, {0.999, 1, 1, 1, 1.001}};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.backing = backing;
	for (row.round = 1; row.round <= ROUNDS; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * ns * drift[row.round - 1] *
			         own[backing[0] == 's'][row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(f->out, &row);
		}
	}
}

static void prepare(struct fixture *f)
{
	struct compare_options options = COMPARE_DEFAULTS;

	fclose(f->out);
	f->out = NULL;
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(inside_make(&f->summary, &options, &f->inside, &f->e), 0);
}

static void the_control_is_equal_and_encryption_costs(void **state)
{
	struct fixture *f = *state;
	const struct inside_row *rows;

	put(f, "nosev", "kvm", "shared", 1000);
	put(f, "nosev", "kvm", "twin", 1000);
	put(f, "nosev", "kvm", "private", 700); /* another kind of pages: the twin is taken */
	put(f, "snp", "kvm", "shared", 1000);
	put(f, "snp", "kvm", "twin", 1060);
	put(f, "sev", "kvm", "shared", 1000); /* without a partner */
	prepare(f);
	assert_int_equal(f->inside.count, 2);
	rows = f->inside.rows;
	assert_true(rows[0].control && rows[0].private->platform == PLATFORM_NOSEV);
	assert_true(fabs(rows[0].ratio - 1) < 0.001 && rows[0].low < 1 && rows[0].high > 1);
	assert_string_equal(inside_verdict(&f->inside, &rows[0]), "equal");
	assert_false(rows[1].control);
	assert_true(fabs(rows[1].ratio - 1.06) < 0.001);
	assert_int_equal(rows[1].rounds, ROUNDS);
	assert_string_equal(inside_verdict(&f->inside, &rows[1]), "slower");
}

static void a_control_that_differs_says_so(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	int column = 0;
	FILE *out;

	put(f, "nosev", "tcg", "shared", 1000);
	put(f, "nosev", "tcg", "private", 1050);
	prepare(f);
	assert_int_equal(f->inside.count, 1);
	out = open_memstream(&text, &size);
	assert_int_equal(inside_print(out, &f->inside, &f->e), 0);
	fclose(out);
	assert_non_null(strstr(text, " nosev*  private 1.050 [1.0"));
	assert_non_null(strstr(text, "control: DIFFERS\n"));
	for (const char *c = text; *c; c++) {
		column = *c == '\n' ? 0 : column + 1;
		assert_true(column <= TABLE_WIDTH);
	}
	free(text);
}

static void without_shared_memory_nothing_is_said(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	FILE *out;

	put(f, "nosev", "kvm", "private", 1000);
	prepare(f);
	assert_int_equal(f->inside.count, 0);
	out = open_memstream(&text, &size);
	assert_int_equal(inside_print(out, &f->inside, &f->e), 0);
	fclose(out);
	assert_string_equal(text, "");
	free(text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_control_is_equal_and_encryption_costs),
	        T(a_control_that_differs_says_so),
	        T(without_shared_memory_nothing_is_said),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
