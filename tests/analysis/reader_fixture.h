/* SPDX-License-Identifier: MIT */
/* What the tests of the reader share beside the fixture: bad rows, and what is said of them. */
#ifndef TESTS_ANALYSIS_READER_FIXTURE_H
#define TESTS_ANALYSIS_READER_FIXTURE_H

#include <errno.h>

#include "tests/analysis/fixture.h"

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

	fixture_close(f);
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
