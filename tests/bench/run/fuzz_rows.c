/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: what a guest may send as the rows of a cell. What comes is of records: the first byte
 * of each says which. Whatever it was, the file of samples can be read afterwards, and has rows of
 * that cell alone, with the host's columns as the host has them.
 */
#include <stdbool.h>
#include <unistd.h>

#include "analysis/read/reader.h"
#include "bench/run/collect.h"
#include "tests/bench/run/answered.h"
#include "tests/fuzz.h"

#define ROWS  4u
#define MOST  8u  /* fields that one row is given */
#define FIELD 64u /* bytes of a field */

enum { WHOLE_ROW, CHANGED_ROW, HEADER, END_MARK, BYTES, RECORDS };

struct stream {
	struct collect collect;
	struct collect_stream stream;
	const char *row[ROWS]; /* as a program writes them, each with its line break */
	char *rows, *header;
	char path[64];
	bool over;
	struct err e;
};

static void feed(struct stream *s, const void *bytes, size_t length)
{
	if (s->over || !length)
		return;
	s->over = collect_bytes(&s->collect, &s->stream, bytes, length, &s->e);
	must(!s->over || *s->e.text);
}

static void feed_text(struct stream *s, const char *text)
{
	feed(s, text, strlen(text));
}

static const char *row_at(const struct stream *s, unsigned n, size_t *length)
{
	const char *row = s->row[n % ROWS];

	*length = strcspn(row, "\n") + 1;
	return row;
}

/* A row in which some fields hold anything: how many, and of each its column and its text. */
static void feed_changed(struct stream *s, struct fuzz *f)
{
	size_t length;
	const char *row = row_at(s, fuzz_byte(f), &length);
	char *text = strndup(row, length);

	must(text);
	for (unsigned left = fuzz_byte(f) % MOST; left; left--) {
		enum result_column column = fuzz_byte(f) % RESULT_COLUMN_COUNT;
		char field[FIELD + 1] = "", *changed;
		size_t size = fuzz_byte(f) % FIELD;

		fuzz_take(f, field, size < f->left ? size : f->left);
		/* One that is still a row: what breaks it is for BYTES. */
		for (char *c = field; *c; c++)
			if (strchr(",\"\n\r", *c))
				*c = '_';
		changed = answered_with(text, column, field);
		free(text);
		text = changed;
	}
	feed(s, text, strcspn(text, "\n"));
	feed(s, "\n", 1);
	free(text);
}

static void feed_record(struct stream *s, struct fuzz *f)
{
	uint8_t what = fuzz_byte(f), number;
	char mark[32];
	size_t length;
	const char *row;

	switch (what % RECORDS) {
	case WHOLE_ROW:
		row = row_at(s, what / RECORDS, &length);
		feed(s, row, length);
		break;
	case CHANGED_ROW:
		feed_changed(s, f);
		break;
	case HEADER:
		feed_text(s, s->header);
		break;
	case END_MARK:
		snprintf(mark, sizeof(mark), "#end,rows=%u\n", fuzz_byte(f));
		feed_text(s, mark);
		break;
	default:
		number = fuzz_byte(f);
		length = number < f->left ? number : f->left;
		feed(s, f->data, length);
		f->data += length;
		f->left -= length;
	}
}

static void open_stream(struct stream *s)
{
	size_t length;
	FILE *out = open_memstream(&s->header, &length);

	must(out && !result_write_header(out, NULL) && !fclose(out));
	s->rows = answered_rows(&answered_origin, CELL_OK, "", ROWS);
	s->row[0] = s->rows;
	for (unsigned i = 1; i < ROWS; i++)
		s->row[i] = strchr(s->row[i - 1], '\n') + 1;
	snprintf(s->path, sizeof(s->path), "/tmp/fuzz_rows-%d.csv", (int)getpid());
	unlink(s->path);
	must(!collect_open(&s->collect, s->path, &s->e));
	must(!collect_begin(&s->stream, &answered_origin, &answered_cell, &answered_plan, &s->e));
}

/* All of it is of the cell that was asked for. */
static void must_be_of_the_cell(const struct stream *s)
{
	struct samples samples = {0};
	struct err e = {""};

	if (reader_read(&samples, s->path, 0, false, &e)) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	must(!samples_sort(&samples, &e) && samples.cell_count <= 1 && samples.group_count <= 1);
	for (size_t i = 0; i < samples.group_count; i++) {
		must(samples.groups[i].key.platform == PLATFORM_NOSEV);
		must(samples.groups[i].key.accel == ACCEL_TCG && samples.groups[i].key.round == 2);
	}
	samples_free(&samples);
}

static void close_stream(struct stream *s)
{
	/* As the run does: a cell without a whole answer has failed. */
	if (collect_end(&s->collect, &s->stream, CELL_OK, &s->e)) {
		must(*s->e.text);
		must(!collect_unrun(&s->collect, &answered_origin, &answered_cell, CELL_FAILED,
		                    s->e.text, &s->e));
	}
	collect_stream_free(&s->stream);
	must(!collect_commit(&s->collect, &s->e));
	must_be_of_the_cell(s);
	unlink(s->path);
	free(s->rows);
	free(s->header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	struct stream s = {.over = false};

	open_stream(&s);
	while (f.left)
		feed_record(&s, &f);
	close_stream(&s);
	return 0;
}
