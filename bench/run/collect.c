/* SPDX-License-Identifier: MIT */
#include "bench/run/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES (1U << 20) /* no row is longer: a stream that claims so is broken */

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

	for (long long i = 0; i < bytes; i++) {
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

/* A point in every locale: a fraction of nine digits, for cells of thousands of millions. */
static void put_per_operation(FILE *out, uint64_t count, uint64_t operations)
{
	uint64_t nano = (uint64_t)llround((double)count * 1e9 / (double)operations);

	fprintf(out, ",%" PRIu64 ".%09" PRIu64, nano / 1000000000, nano % 1000000000);
}

int collect_counts(struct collect_stream *s, const struct counts_cell *cell, struct err *e)
{
	size_t size;
	FILE *out;

	free(s->counts);
	s->counts = NULL;
	if (!cell->operations)
		return 0;
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

/* The row as it came, but for the fields that are the host's. */
static int put_row(struct collect *c, const struct collect_stream *s)
{
	size_t length = strlen(s->line), empty = strlen(RESULT_HOST_FIELDS);

	if (length >= empty && !strcmp(s->line + length - empty, RESULT_HOST_FIELDS))
		return fprintf(c->file.out, "%.*s%s,%s\n", (int)(length - empty), s->line,
		               s->counts ? s->counts : RESULT_COUNTS_FIELDS,
		               s->host_pages ? s->host_pages : "");
	return fprintf(c->file.out, "%s\n", s->line);
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
	s->rows++;
	c->rows++;
	if (put_row(c, s) < 0)
		return err_errno(e, "cannot write %s", c->file.partial);
	return 0;
}

static int append(struct collect_stream *s, char byte, struct err *e)
{
	if (s->fill + 1 >= s->room) {
		size_t room = s->room ? 2 * s->room : 1024;
		char *more = room > LINE_MAX_BYTES ? NULL : realloc(s->line, room);

		if (!more)
			return err_set(e, EPROTO, "a row of the results is longer than %zu bytes",
			               s->room);
		s->line = more;
		s->room = room;
	}
	s->line[s->fill++] = byte;
	s->line[s->fill] = '\0';
	return 0;
}

int collect_bytes(struct collect *c, struct collect_stream *s, const void *bytes, size_t length,
                  struct err *e)
{
	const char *at = bytes;

	for (size_t i = 0; i < length; i++) {
		char byte = at[i];
		int rc;

		if (!byte)
			byte = '?';
		if (byte != '\n') {
			rc = append(s, byte, e);
		} else {
			rc = s->line ? take_line(c, s, e)
			             : err_set(e, EPROTO, "the results begin with an empty line");
			s->fill = 0;
		}
		if (rc)
			return rc;
	}
	return 0;
}

int collect_check(const struct collect_stream *s, struct err *e)
{
	if (!s->header)
		return err_set(e, EPROTO, "no results came");
	if (!s->ended)
		return err_set(e, EPROTO, "the results are cut off after %lu rows", s->rows);
	if (s->declared != (long)s->rows)
		return err_set(e, EPROTO, "%lu rows came where the end mark counts %ld", s->rows,
		               s->declared);
	return 0;
}

void collect_stream_free(struct collect_stream *s)
{
	free(s->line);
	free(s->counts);
	memset(s, 0, sizeof(*s));
}
