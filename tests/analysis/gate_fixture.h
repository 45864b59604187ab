/* SPDX-License-Identifier: MIT */
/* Results of before and of now, and what a gate makes of them. */
#ifndef TESTS_ANALYSIS_GATE_FIXTURE_H
#define TESTS_ANALYSIS_GATE_FIXTURE_H

#include "analysis/decide/gate.h"
#include "tests/analysis/compare_fixture.h"

/* What is compared: five rounds of now and of before, unless a test says otherwise. */
struct pair {
	const char *variant;
	double before[5], now[5];
	unsigned before_rounds, now_rounds;
	const char *accel;
	unsigned failed; /* rounds now, beside those that did not */
};

static inline void put_failed(FILE *out, struct synth row, unsigned first, unsigned count)
{
	row.iterations = 0;
	row.status = "failed";
	row.reason = "it broke";
	for (row.round = first; row.round < first + count; row.round++)
		synth_row(out, &row);
}

/* Both directories, read, compared, and judged with a limit of 3 %. */
static inline struct gate judge(struct fixture *f, const struct pair *pairs, size_t count)
{
	struct synth row = guest();
	struct gate gate;
	char *old;
	FILE *out = synth_file(f->directory, "old.csv", &old);

	synth_header(out);
	row.iterations = 10000;
	for (size_t i = 0; i < count; i++) {
		row.variant = pairs[i].variant;
		row.accel = "kvm";
		put(out, row, pairs[i].before, pairs[i].before_rounds);
		row.accel = pairs[i].accel ? pairs[i].accel : "kvm";
		put(f->out, row, pairs[i].now, pairs[i].now_rounds);
		put_failed(f->out, row, pairs[i].now_rounds + 1, pairs[i].failed);
	}
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, old, 1, false, &f->e), 0);
	free(old);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	f->options.sides = true;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(gate_make(&f->compare, 0.03, &gate, &f->e), 0);
	return gate;
}

#define STEADY 1000, 1001, 999, 1000, 1001

#endif
