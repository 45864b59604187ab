/* SPDX-License-Identifier: MIT */
/* What the tests of the reader share: a file in a directory of its own, and what is said of it. */
#ifndef TESTS_ANALYSIS_READER_FIXTURE_H
#define TESTS_ANALYSIS_READER_FIXTURE_H

#include <errno.h>

#include "analysis/reader.h"
#include "tests/analysis/synth.h"
#include "tests/cmocka.h"

struct fixture {
	char *directory, *path;
	FILE *out;
	struct samples samples;
	struct err e;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->directory = synth_directory();
	f->out = synth_file(f->directory, "samples.csv", &f->path);
	synth_header(f->out);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->out)
		fclose(f->out);
	samples_free(&f->samples);
	synth_remove(f->directory);
	free(f->path);
	free(f);
	return 0;
}

/* The header names the columns; the tests put bad values where they stand. */
static inline void put_good(struct fixture *f, unsigned count)
{
	struct synth row = synth_default;

	for (row.sample = 0; row.sample < count; row.sample++)
		synth_row(f->out, &row);
}

static inline int finish(struct fixture *f, bool partial)
{
	int rc;

	fclose(f->out);
	f->out = NULL;
	rc = reader_read(&f->samples, f->directory, 0, partial, &f->e);
	return rc ? rc : samples_sort(&f->samples, &f->e);
}

static inline void expect_says(const char *text, const char *needle)
{
	if (!strstr(text, needle))
		fail_msg("\"%s\" does not say \"%s\"", text, needle);
}

/* Refused with file, line and `needle`; with --partial the other rows are taken. */
static inline void expect_bad(struct fixture *f, const char *line, const char *needle,
                              unsigned good)
{
	char *again = f->path;

	assert_int_equal(finish(f, false), -EINVAL);
	expect_says(f->e.text, again);
	expect_says(f->e.text, line);
	expect_says(f->e.text, needle);
	samples_free(&f->samples);
	assert_int_equal(reader_read(&f->samples, f->path, 0, true, &f->e), 0);
	assert_int_equal(f->samples.sources[0].rows, good);
	expect_says(f->samples.sources[0].problem.text, line);
}

/* A second good row, but for one column. */
static inline void put_with(FILE *out, enum result_column column, const char *value)
{
	char *text = NULL, *field, *rest;
	size_t size = 0;
	FILE *line = open_memstream(&text, &size);
	struct synth row = synth_default;
	int i = 0;

	row.sample = 1;
	synth_row(line, &row);
	fclose(line);
	text[size - 1] = '\0';
	rest = text;
	while ((field = strsep(&rest, ","))) {
		fprintf(out, "%s%s", i ? "," : "", i == (int)column ? value : field);
		i++;
	}
	putc('\n', out);
	free(text);
}

#endif
