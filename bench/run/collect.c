/* SPDX-License-Identifier: MIT */
#include "bench/run/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of one operation: beyond, with its nine digits behind the point it would fit no integer. */
#define COUNT_MAX 9e9

int collect_open(struct collect *c, const char *path, struct err *e)
{
	int rc;

	memset(c, 0, sizeof(*c));
	rc = result_file_open(path, &c->file, e);
	if (rc)
		return rc;
	rc = result_write_header(c->file.out, e);
	return rc ? rc : collect_flush(c, e);
}

static int count_rows(struct collect *c, long long bytes)
{
	int byte = 0;

	for (long long i = 0; i < bytes && byte != EOF; i++) {
		byte = getc(c->file.out);
		c->rows += byte == '\n';
	}
	if (byte != '\n' || !c->rows)
		return -1; /* the file is shorter, or its rows end elsewhere */
	c->rows--;         /* the header */
	return 0;
}

int collect_resume(struct collect *c, const struct folder *in, const char *name, long long bytes,
                   struct err *e)
{
	int rc;

	memset(c, 0, sizeof(*c));
	rc = result_file_resume(in, name, &c->file, e);
	if (rc)
		return rc;
	if (count_rows(c, bytes) || fseeko(c->file.out, (off_t)bytes, SEEK_SET) ||
	    ftruncate(fileno(c->file.out), (off_t)bytes)) {
		rc = err_set(e, EINVAL, "%s does not hold the rows of the cells that were measured",
		             c->file.partial);
		result_file_abandon(&c->file);
	}
	return rc;
}

long long collect_bytes_written(const struct collect *c)
{
	return ftello(c->file.out);
}

int collect_flush(struct collect *c, struct err *e)
{
	if (!fflush(c->file.out) && !ferror(c->file.out))
		return 0;
	return err_errno(e, "cannot write %s", c->file.partial);
}

int collect_commit(struct collect *c, struct err *e)
{
	int rc = collect_flush(c, e);

	if (!rc)
		return result_file_commit(&c->file, e);
	collect_abandon(c);
	return rc;
}

/* Half a row would make the whole file unreadable: cut it behind its last line break. */
static int cut_half_row(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char byte = '\0';

	while (end > 0 && (pread(fd, &byte, 1, end - 1) != 1 || byte != '\n'))
		end--;
	return end < 0 ? -1 : ftruncate(fd, end);
}

void collect_abandon(struct collect *c)
{
	int fd;

	if (!c->file.out)
		return;
	fd = dup(fileno(c->file.out));
	result_file_abandon(&c->file); /* writes what it can of what is still buffered */
	if (fd < 0 || cut_half_row(fd))
		fprintf(stderr, "sevbench: the last row of the samples may be cut: %s\n",
		        strerror(errno));
	if (fd >= 0)
		close(fd);
}

int collect_unrun(struct collect *c, const struct result_origin *origin, const struct cell *cell,
                  enum cell_status status, const char *reason, struct err *e)
{
	int rc = result_write_unrun(c->file.out, origin, cell, status, reason, e);

	if (!rc)
		c->rows++;
	return rc;
}

static bool is_header(const char *line)
{
	for (int i = 0; i < RESULT_COLUMN_COUNT; i++) {
		const char *name = result_column_name((enum result_column)i);
		size_t length = strlen(name);

		if (i && *line++ != ',')
			return false;
		if (strncmp(line, name, length) != 0)
			return false;
		line += length;
	}
	return *line == '\0';
}

int collect_begin(struct collect_stream *s, const struct result_origin *origin,
                  const struct cell *cell, const struct sampler_plan *plan, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->host_pages = origin->host_pages;
	cell_text(cell, s->name, sizeof(s->name));
	s->line = malloc(ANSWER_LINE_MAX);
	if (!s->line)
		return err_set(e, ENOMEM, "no memory for a row");
	return answer_open(&s->answer, origin, cell, plan, e);
}

/* A point in every locale: a fraction of nine digits, for cells of thousands of millions. How many
 * operations there were, the guest says: what that makes too large for the file is not known. */
static void put_per_operation(FILE *out, uint64_t count, uint64_t operations)
{
	double each = (double)count / (double)operations;
	uint64_t nano;

	putc(',', out);
	if (each >= COUNT_MAX)
		return;
	nano = (uint64_t)llround(each * 1e9);
	fprintf(out, "%" PRIu64 ".%09" PRIu64, nano / 1000000000, nano % 1000000000);
}

int collect_counts(struct collect_stream *s, const struct counts_cell *cell, struct err *e)
{
	size_t size;
	FILE *out;

	if (s->counts || strcmp(cell->name, s->name) != 0)
		return err_set(e, EPROTO, "its marks are of \"%.60s\"%s", cell->name,
		               s->counts ? " once more" : "");
	if (!cell->operations)
		return 0;
	s->operations = cell->operations;
	out = open_memstream(&s->counts, &size);
	for (int i = 0; out && i < COUNTS_COUNT; i++) {
		if (counts_known(cell->sum.by, (enum counts_name)i))
			put_per_operation(out, cell->sum.of[i], cell->operations);
		else
			putc(',', out);
	}
	if (!out || fclose(out)) {
		free(s->counts);
		s->counts = NULL;
		return err_set(e, ENOMEM, "no memory for the counts of a cell");
	}
	return 0;
}

static void put_row(const struct collect_stream *s, FILE *out)
{
	answer_put(&s->answer, out, s->counts ? s->counts : RESULT_COUNTS_FIELDS,
	           s->host_pages ? s->host_pages : "");
}

/* It is written when the stream is known to be whole. */
static int hold_row(struct collect_stream *s, struct err *e)
{
	size_t size;
	FILE *out = open_memstream(&s->held, &size);

	if (out)
		put_row(s, out);
	return out && !fclose(out) ? 0 : err_set(e, ENOMEM, "no memory for a row");
}

static int take_row(struct collect *c, struct collect_stream *s, struct err *e)
{
	int rc = answer_take(&s->answer, s->line, s->fill, e);

	if (rc)
		return rc;
	s->rows++;
	if (s->answer.unrun)
		return hold_row(s, e);
	put_row(s, c->file.out);
	c->rows++;
	return ferror(c->file.out) ? err_errno(e, "cannot write %s", c->file.partial) : 0;
}

static int take_line(struct collect *c, struct collect_stream *s, struct err *e)
{
	if (s->ended)
		return err_set(e, EPROTO, "the results go on behind their end mark");
	if (!s->header) {
		s->header = is_header(s->line);
		return s->header ? 0
		                 : err_set(e, EPROTO,
		                           "the results begin with \"%.60s\", not with the "
		                           "header of schema %d",
		                           s->line, RESULT_SCHEMA);
	}
	s->declared = result_end_rows(s->line);
	if (s->declared >= 0) {
		s->ended = true;
		return 0;
	}
	return take_row(c, s, e);
}

static int take_byte(struct collect *c, struct collect_stream *s, char byte, struct err *e)
{
	int rc;

	if (byte == '\n') {
		s->line[s->fill] = '\0';
		rc = take_line(c, s, e);
		s->fill = 0;
		return rc;
	}
	if (!byte)
		return err_set(e, EPROTO, "the results hold a NUL byte");
	if (s->fill == ANSWER_LINE_MAX - 1)
		return err_set(e, EPROTO, "a row of the results is longer than %d bytes",
		               ANSWER_LINE_MAX - 1);
	s->line[s->fill++] = byte;
	return 0;
}

int collect_bytes(struct collect *c, struct collect_stream *s, const void *bytes, size_t length,
                  struct err *e)
{
	const char *at = bytes;
	int rc = 0;

	for (size_t i = 0; !rc && i < length; i++)
		rc = take_byte(c, s, at[i], e);
	return rc;
}

static int check_whole(const struct collect_stream *s, enum cell_status said, struct err *e)
{
	if (!s->header)
		return err_set(e, EPROTO, "no results came");
	if (!s->ended)
		return err_set(e, EPROTO, "the results are cut off after %lu rows", s->rows);
	if (s->declared != (long)s->rows)
		return err_set(e, EPROTO, "%lu rows came where the end mark counts %ld", s->rows,
		               s->declared);
	if (!s->rows)
		return err_set(e, EPROTO, "the results have no row");
	if (s->counts && s->answer.operations > s->operations)
		return err_set(e, EPROTO,
		               "its rows are of %" PRIu64 " operations, its marks of %" PRIu64,
		               s->answer.operations, s->operations);
	if (s->answer.status != said)
		return err_set(e, EPROTO, "its rows say %s, and its exit status %s",
		               cell_status_name(s->answer.status), cell_status_name(said));
	return 0;
}

int collect_end(struct collect *c, struct collect_stream *s, enum cell_status said, struct err *e)
{
	int rc = check_whole(s, said, e);

	if (rc || !s->held)
		return rc;
	c->rows++;
	if (fputs(s->held, c->file.out) < 0)
		return err_errno(e, "cannot write %s", c->file.partial);
	return 0;
}

void collect_stream_free(struct collect_stream *s)
{
	answer_close(&s->answer);
	free(s->line);
	free(s->held);
	free(s->counts);
	memset(s, 0, sizeof(*s));
}
