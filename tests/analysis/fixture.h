/* SPDX-License-Identifier: MIT */
/* A made-up samples.csv and what analysis makes of it: the state of most tests of this folder. */
#ifndef TESTS_ANALYSIS_FIXTURE_H
#define TESTS_ANALYSIS_FIXTURE_H

#include "analysis/compare.h"
#include "analysis/inside.h"
#include "analysis/machine.h"
#include "analysis/parts.h"
#include "analysis/reader.h"
#include "tests/analysis/synth.h"

/* What a test does not make stays all zero, and is freed as such. */
struct fixture {
	char *directory, *path;
	FILE *out; /* the open samples.csv, its header written; NULL once the test has closed it */
	char *text;
	struct samples samples;
	struct summary summary;
	struct machine machine;
	struct compare compare;
	struct compare_options options;
	struct parts parts;
	struct inside inside;
	struct err e;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = synth_directory();
	f->out = synth_file(f->directory, "samples.csv", &f->path);
	synth_header(f->out);
	f->options = (struct compare_options)COMPARE_DEFAULTS;
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->out)
		fclose(f->out);
	inside_free(&f->inside);
	parts_free(&f->parts);
	compare_free(&f->compare);
	summary_free(&f->summary);
	samples_free(&f->samples);
	synth_remove(f->directory);
	free(f->text);
	free(f->path);
	free(f);
	return 0;
}

#endif
