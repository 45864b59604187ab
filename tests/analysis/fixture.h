/* SPDX-License-Identifier: MIT */
/* A made-up samples.csv and what analysis makes of it: the state of most tests of this folder. */
#ifndef TESTS_ANALYSIS_FIXTURE_H
#define TESTS_ANALYSIS_FIXTURE_H

#include "analysis/decide/compare.h"
#include "analysis/decide/inside.h"
#include "analysis/decide/parts.h"
#include "analysis/read/machine.h"
#include "analysis/read/reader.h"
#include "analysis/show/table.h"
#include "tests/analysis/synth.h"
#include "tests/cmocka.h"

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
	f->options = COMPARE_DEFAULTS;
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->out)
		fclose(f->out);
	machine_free(&f->machine);
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

static inline void fixture_close(struct fixture *f)
{
	fclose(f->out);
	f->out = NULL;
}

/* What was put is read, put in order and summarised: the rows of the summary. */
static inline const struct summary_row *fixture_summarise(struct fixture *f)
{
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	return f->summary.rows;
}

/* What is written there is f->text once it is closed. */
static inline FILE *fixture_page(struct fixture *f)
{
	static size_t size;

	free(f->text);
	f->text = NULL;
	return open_memstream(&f->text, &size);
}

/* f->text fits on a terminal of TABLE_WIDTH columns, whatever the locale. */
static inline void expect_narrow_ascii(const struct fixture *f)
{
	size_t column = 0;

	for (const char *c = f->text; *c; c++) {
		column = *c == '\n' ? 0 : column + 1;
		if (column > TABLE_WIDTH)
			fail_msg("a line of more than %d columns:\n%s", TABLE_WIDTH, f->text);
		if (*c != '\n' && ((unsigned char)*c >= 0x7f || *c < ' '))
			fail_msg("a byte %d in the table", *c);
	}
}

#endif
