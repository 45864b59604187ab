/* SPDX-License-Identifier: MIT */
/* Rounds that are compared, and all that is said of them. */
#ifndef TESTS_ANALYSIS_COMPARE_FIXTURE_H
#define TESTS_ANALYSIS_COMPARE_FIXTURE_H

#include "analysis/show/compare_out.h"
#include "tests/analysis/fixture.h"

#define ROUNDS(...) (double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double)

/* Rounds whose medians are these times; samples spread 1 % around them. */
static inline void put(FILE *out, struct synth row, const double *ns, unsigned rounds)
{
	static const double spread[] = {-0.01, 0.004, 0, 0.01, -0.004};

	for (row.round = 1; row.round <= rounds; row.round++)
		for (row.sample = 0; row.sample < 5; row.sample++) {
			row.ns = ns[row.round - 1] * (1 + spread[row.sample]) *
			         (double)row.iterations;
			synth_row(out, &row);
		}
}

static inline int finish(struct fixture *f)
{
	fixture_summarise(f);
	return compare_make(&f->summary, &f->options, &f->compare, &f->e);
}

static inline struct synth guest(void)
{
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	return row;
}

/* How many cells a gate finds slower by more than that. */
static inline size_t slower_by(const struct fixture *f, double limit)
{
	struct gate gate;
	struct err e;
	size_t slower;

	assert_int_equal(gate_make(&f->compare, limit, &gate, &e), 0);
	slower = gate.slower;
	gate_free(&gate);
	return slower;
}

/* The comparison as bytes: what both outputs say. */
static inline char *bytes_of(const struct summary *summary, const struct compare_options *options,
                             const char *directory)
{
	struct compare compare;
	struct err e;
	char *text = NULL, *path = synth_path(directory, "c.csv"), line[4096];
	size_t size;
	FILE *page = open_memstream(&text, &size), *csv;

	assert_int_equal(compare_make(summary, options, &compare, &e), 0);
	assert_int_equal(compare_out_print(page, &compare, &e), 0);
	assert_int_equal(compare_out_write(&compare, NULL, path, false, &e), 0);
	csv = fopen(path, "r");
	while (fgets(line, sizeof(line), csv))
		fputs(line, page);
	fclose(csv);
	fclose(page);
	assert_int_equal(unlink(path), 0);
	free(path);
	compare_free(&compare);
	return text;
}

#endif
