/* SPDX-License-Identifier: MIT */
#include "analysis/read/reader.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/read/row.h"
#include "analysis/read/row_line.h"
#include "harness/result.h"
#include "harness/text.h"

#define CHUNK (256U << 10)

struct reader {
	struct samples_source *source;
	struct samples *samples;
	struct row row;
	struct csv_parser csv;
	bool partial;
	bool in_directory; /* and so a file of results, no pipe that somebody has named */

	uint64_t line;     /* being parsed, from 1 */
	uint64_t row_line; /* where the row began */
	bool in_row;
	bool header_done;
	bool ended; /* an end mark has been seen */
	bool mark;  /* this row is it */
	char mark_text[64];
	uint64_t rows; /* of data, good or bad */

	int rc; /* why reading stops */
	struct err *e;
};

/* Reading stops with what stands in r->e, which is about `line`. */
static void stop(struct reader *r, int rc, uint64_t line)
{
	if (!r->rc)
		r->rc = err_wrap(r->e, rc, "%s: line %" PRIu64, r->source->path, line);
}

/* A row that cannot be used: the end, or with --partial one row less. */
static void reject(struct reader *r, int rc, const struct err *why)
{
	if (r->rc)
		return;
	if (!r->partial || rc == -ENOMEM || rc == -EPROTONOSUPPORT) {
		*r->e = *why;
		stop(r, rc, r->row_line);
		return;
	}
	r->source->bad_rows++;
	if (!*r->source->problem.text)
		err_set(&r->source->problem, EINVAL, "line %" PRIu64 ": %s", r->row_line,
		        why->text);
}

static void on_field(void *text, size_t size, void *context)
{
	struct reader *r = context;

	if (r->rc)
		return;
	if (!r->in_row) {
		r->in_row = true;
		r->row_line = r->line;
		row_begin(&r->row);
		r->mark = r->header_done && size && *(const char *)text == '#';
		r->mark_text[0] = '\0';
	}
	if (r->mark) {
		/* The mark holds one comma, so it comes as two fields. */
		text_add(r->mark_text, sizeof(r->mark_text), "%s%s", *r->mark_text ? "," : "",
		         (const char *)text);
		return;
	}
	r->line += row_field(&r->row, text, size);
}

static void take_mark(struct reader *r)
{
	long rows = result_end_rows(r->mark_text);
	struct err why;

	if (rows < 0) {
		reject(r, err_set(&why, EINVAL, "a line that begins with # but is no end mark"),
		       &why);
	} else if ((uint64_t)rows != r->rows) {
		reject(r,
		       err_set(&why, EINVAL,
		               "the end mark counts %ld rows, but %" PRIu64
		               " are there: some are lost",
		               rows, r->rows),
		       &why);
	}
	r->ended = true;
}

static void take_row(struct reader *r)
{
	struct err why = {""};
	int rc;

	if (r->mark) {
		take_mark(r);
		return;
	}
	if (!r->header_done) {
		rc = row_header_done(&r->row, r->e);
		if (rc)
			stop(r, rc, r->row_line);
		r->header_done = true;
		return;
	}
	r->rows++;
	rc = r->ended ? err_set(&why, EINVAL, "a row behind the end mark") : 0;
	if (!rc)
		rc = row_done(&r->row, &why);
	if (!rc)
		rc = samples_add(r->samples, &r->row.sample, &why);
	if (rc)
		reject(r, rc, &why);
	else
		r->source->rows++;
}

/* `terminator` is the byte that ended the row, or -1 at the end of the file. */
static void on_row(int terminator, void *context)
{
	struct reader *r = context;

	if (!r->rc && r->in_row) {
		if (terminator < 0 && !r->mark) {
			struct err why;

			r->source->cut = true;
			reject(r, err_set(&why, EINVAL, "the file ends in the middle of this line"),
			       &why);
		} else {
			take_row(r);
		}
	}
	r->in_row = false;
	if (terminator == '\n')
		r->line++;
}

/* What libcsv refuses: a quote in the middle of a field, or one that is never closed. */
static void parse_failed(struct reader *r)
{
	struct err why;

	if (!r->in_row)
		r->row_line = r->line;
	if (csv_error(&r->csv) == CSV_ENOMEM) {
		reject(r, err_set(&why, ENOMEM, "no memory for a field"), &why);
		return;
	}
	r->source->cut = true;
	reject(r, err_set(&why, EINVAL, "a quote that does not belong there, or is not closed"),
	       &why);
}

static void parse_chunk(struct reader *r, const char *bytes, size_t size)
{
	if (csv_parse(&r->csv, bytes, size, on_field, on_row, r) != size) {
		parse_failed(r);
		if (!r->rc)
			r->rc = 1; /* nothing behind it can be told apart */
		return;
	}
	if (!r->rc && csv_get_buffer_size(&r->csv) > READER_FIELD_MAX + CHUNK) {
		err_set(r->e, EINVAL,
		        "a field of more than %u bytes: no samples.csv, or a quote that is not "
		        "closed",
		        READER_FIELD_MAX);
		stop(r, -EINVAL, r->in_row ? r->row_line : r->line);
	}
}

static int read_bytes(struct reader *r, int fd, mode_t mode, uint64_t *total)
{
	char *buffer = malloc(CHUNK);
	ssize_t got = 0;
	bool first = true;

	if (!buffer)
		return err_set(r->e, ENOMEM, "no memory to read %s", r->source->path);
	while (!r->rc && (got = read(fd, buffer, CHUNK)) > 0) {
		/* A spreadsheet may have put a byte order mark in front. */
		size_t skip = first && got >= 3 && !memcmp(buffer, "\xef\xbb\xbf", 3) ? 3 : 0;

		*total += (uint64_t)got;
		first = false;
		parse_chunk(r, buffer + skip, (size_t)got - skip);
	}
	if (got < 0)
		r->rc = err_errno(r->e, "cannot read %s", r->source->path);
	free(buffer);
	if (!r->rc && csv_fini(&r->csv, on_field, on_row, r))
		parse_failed(r);
	if (r->rc > 0)
		r->rc = 0;
	if (!r->rc && !*total && S_ISFIFO(mode))
		r->rc = err_set(r->e, EINVAL, "%s is a pipe into which nobody writes",
		                r->source->path);
	if (!r->rc && !r->header_done)
		r->rc = err_set(r->e, EINVAL, "%s: line 1: the file is empty", r->source->path);
	return r->rc;
}

/* Was the file the same all the time? Only of regular files can that be said. */
static int check_unchanged(struct reader *r, int fd, const struct stat *before, uint64_t total)
{
	struct stat after;

	if (!S_ISREG(before->st_mode))
		return 0;
	if (fstat(fd, &after))
		return err_errno(r->e, "cannot look at %s", r->source->path);
	if ((uint64_t)before->st_size == total && after.st_size == before->st_size &&
	    after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	    after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
		return 0;
	return err_set(r->e, EAGAIN,
	               "%s: line %" PRIu64 ": the file was changed while it was read: wait for "
	               "the run to end",
	               r->source->path, r->line);
}

/* What has no end, or may never say a word, is not read. */
static int check_kind(struct reader *r, const struct stat *st)
{
	if (S_ISREG(st->st_mode) || (S_ISFIFO(st->st_mode) && !r->in_directory))
		return 0;
	return err_set(r->e, S_ISDIR(st->st_mode) ? EISDIR : EINVAL,
	               "%s is %s, and no file of results", r->source->path,
	               S_ISDIR(st->st_mode)    ? "a directory"
	               : S_ISFIFO(st->st_mode) ? "a pipe"
	                                       : "a device");
}

static int read_file(struct reader *r, int fd)
{
	struct stat st;
	uint64_t total = 0;
	int rc;

	if (fstat(fd, &st))
		return err_errno(r->e, "cannot look at %s", r->source->path);
	rc = check_kind(r, &st);
	if (rc)
		return rc;
	r->source->device = st.st_dev;
	r->source->inode = st.st_ino;
	for (size_t i = 0; i + 1 < r->samples->source_count; i++) {
		const struct samples_source *other = &r->samples->sources[i];

		if (other->device == st.st_dev && other->inode == st.st_ino)
			return err_set(r->e, EINVAL, "%s and %s are the same file", other->path,
			               r->source->path);
	}
	if (csv_init(&r->csv, ROW_LINE_CSV))
		return err_set(r->e, ENOMEM, "cannot set up the CSV parser");
	csv_set_blk_size(&r->csv, 4096);
	rc = read_bytes(r, fd, st.st_mode, &total);
	csv_free(&r->csv);
	return rc ? rc : check_unchanged(r, fd, &st, total);
}

/* A pipe to which nobody writes yet is not waited for: nobody may ever. */
static int open_now(const char *name)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

/* The file behind `path`, opened; its name goes into *name. */
static int open_samples(const char *path, bool partial, bool directory, char **name, struct err *e)
{
	int fd;

	if (asprintf(name, "%s%s", path, directory ? "/samples.csv" : "") < 0) {
		*name = NULL;
		return err_set(e, ENOMEM, "no memory for the name of %s", path);
	}
	fd = open_now(*name);
	if (fd < 0 && errno == ENOENT && directory) {
		char *rest = NULL;

		if (asprintf(&rest, "%s.partial", *name) < 0)
			return err_set(e, ENOMEM, "no memory for the name of %s", path);
		if (access(rest, F_OK)) {
			errno = ENOENT;
		} else if (!partial) {
			free(rest);
			return err_set(e, ENODATA,
			               "%s holds only samples.csv.partial, of a run that did not "
			               "end: --partial analyses what is there",
			               path);
		} else {
			free(*name);
			*name = rest;
			rest = NULL;
			fd = open_now(*name);
		}
		free(rest);
	}
	return fd < 0 ? err_errno(e, "cannot open %s", *name) : fd;
}

int reader_read(struct samples *s, const char *path, unsigned side, bool partial, struct err *e)
{
	struct stat st;
	bool directory = !stat(path, &st) && S_ISDIR(st.st_mode);
	struct samples_source *sources;
	struct reader *r;
	char *name = NULL;
	int fd, rc;

	fd = open_samples(path, partial, directory, &name, e);
	if (fd < 0) {
		free(name);
		return fd;
	}
	r = calloc(1, sizeof(*r));
	sources = realloc(s->sources, (s->source_count + 1) * sizeof(*sources));
	if (sources)
		s->sources = sources;
	if (!r || !sources) {
		rc = err_set(e, ENOMEM, "no memory to read %s", name);
		free(name);
		goto out;
	}
	sources[s->source_count] = (struct samples_source){.path = name, .side = side};
	r->source = &sources[s->source_count++];
	r->samples = s;
	r->partial = partial;
	r->in_directory = directory;
	r->line = 1;
	r->e = e;
	rc = row_init(&r->row, s, (uint32_t)s->source_count - 1, e);
	if (!rc)
		rc = read_file(r, fd);
out:
	free(r);
	close(fd);
	return rc;
}
