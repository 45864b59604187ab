/* SPDX-License-Identifier: MIT */
#include "harness/result.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/text.h"
#include "harness/units.h"

const char *result_column_name(enum result_column column)
{
#define NAME(name) #name,
	static const char *const names[] = {RESULT_COLUMNS(NAME)};
#undef NAME

	return names[column];
}

void result_put_text(FILE *out, const char *text)
{
	bool quoted = strpbrk(text, ",\"\r\n");

	if (quoted)
		putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text, out);
	}
	if (quoted)
		putc('"', out);
}

/* A point in every locale: the fraction is printed as an integer. */
static void put_milli(FILE *out, double value)
{
	uint64_t thousandths = (uint64_t)llround(value * 1000);

	fprintf(out, "%" PRIu64 ".%03" PRIu64, thousandths / 1000, thousandths % 1000);
}

static int written(FILE *out, const char *what, struct err *e)
{
	if (ferror(out))
		return err_errno(e, "cannot write %s", what);
	return 0;
}

int result_write_header(FILE *out, struct err *e)
{
	for (int i = 0; i < RESULT_COLUMN_COUNT; i++)
		fprintf(out, "%s%s", i ? "," : "", result_column_name((enum result_column)i));
	putc('\n', out);
	return written(out, "the header of the results", e);
}

/* schema to fill. Memory fields are empty for a kernel that has none. */
static void put_cell_key(FILE *out, const struct result_origin *o, const struct cell *cell)
{
	fprintf(out, "%d,", RESULT_SCHEMA);
	result_put_text(out, o->run ? o->run : "");
	putc(',', out);
	if (o->round)
		fprintf(out, "%u", o->round);
	fprintf(out, ",%s,%s,%s,%s,", platform_name(o->platform), accel_name(o->accel),
	        cell->kernel->name, cell->variant->name);
	if (cell->kernel->flags & KERNEL_MEMORY)
		fprintf(out, "%" PRIu64 ",%u,%s,%s,%s,", cell->size, cell->threads,
		        mem_pages_name(cell->pages), mem_backing_name(cell->backing),
		        mem_fill_name(cell->fill));
	else
		fprintf(out, ",%u,,,,", cell->threads);
}

static const char *unit_name(enum kernel_unit unit)
{
	return unit == UNIT_BANDWIDTH ? "bandwidth" : "latency";
}

static void put_count(FILE *out, bool known, uint64_t value)
{
	putc(',', out);
	if (known)
		fprintf(out, "%" PRIu64, value);
}

/* cpus to unit: the same in every row of a cell in one process. */
static void put_cell_tail(FILE *out, const struct setup *setup, const struct clock *clock,
                          const struct sampler_result *result)
{
	const struct cell_noise *n = &result->noise;
	bool measured = result->count > 0;
	char cpus[256];

	place_text(setup->place, cpus, sizeof(cpus));
	putc(',', out);
	result_put_text(out, cpus);
	putc(',', out);
	if (setup->node >= 0)
		fprintf(out, "%d", setup->node);
	fprintf(out, ",%d,", result->single_shot);
	put_milli(out, clock->hz);
	fprintf(out, ",%" PRIu64, clock->step);
	put_count(out, measured, n->page_faults);
	put_count(out, measured, n->involuntary);
	put_count(out, measured, n->migrations);
	put_count(out, measured && n->steal_known, n->steal_ns);
	for (int i = 0; i < COUNTER_EVENT_COUNT; i++)
		put_count(out, measured && n->counters.known[i], n->counters.value[i]);
	fprintf(out, ",%s", unit_name(setup->cell->kernel->unit));
}

/* series to reason for one sample; `s` is NULL for a cell without samples. */
static void put_sample(FILE *out, const struct sample *s, size_t index, const struct clock *clock,
                       const struct sampler_result *result)
{
	uint64_t moved = s && s->series == SERIES_OP ? s->iterations : 0;

	if (s) {
		fprintf(out, "%s,%zu,%" PRIu64 ",%" PRIu64 ",",
		        s->series == SERIES_OP ? "op" : "baseline", index, s->iterations, s->ticks);
		put_milli(out, clock_ns(clock, s->ticks));
		fprintf(out, ",%" PRIu64 ",%" PRIu64, moved * result->traffic.read,
		        moved * result->traffic.written);
	} else {
		fputs("op,,,,,,", out);
	}
	fprintf(out, ",%s,", cell_status_name(result->status));
	result_put_text(out, result->reason);
}

/* Under TCG nothing but an emulated processor can have SEV. */
static const char *sev_by(const struct result_origin *origin)
{
	if (!sev_traits(origin->platform)->sev)
		return "";
	return origin->accel == ACCEL_TCG ? "emulation" : "hardware";
}

int result_write_cell(FILE *out, const struct result_origin *origin, const struct setup *setup,
                      const struct clock *clock, const struct sampler_result *result, struct err *e)
{
	size_t rows = result->count ? result->count : 1;
	size_t index[2] = {0, 0};
	char params[256];

	cell_params(setup->cell, params, sizeof(params));
	if (result->slow > 0)
		text_add(params, sizeof(params), "%sslow_percent=%.0f", *params ? ";" : "",
		         result->slow * 100);
	for (size_t i = 0; i < rows; i++) {
		const struct sample *s = result->count ? &result->samples[i] : NULL;
		uint64_t moved = s && s->series == SERIES_OP ? s->iterations : 0;

		put_cell_key(out, origin, setup->cell);
		put_sample(out, s, s ? index[s->series]++ : 0, clock, result);
		putc(',', out);
		result_put_text(out, params);
		put_count(out, s != NULL, moved * result->traffic.allocate);
		put_cell_tail(out, setup, clock, result);
		put_count(out, s && s->interrupts_known, s ? s->interrupts : 0);
		fprintf(out, ",%s" RESULT_COUNTS_FIELDS ",%s\n", sev_by(origin),
		        origin->host_pages ? origin->host_pages : "");
	}
	return written(out, "the results of a cell", e);
}

int result_write_unrun(FILE *out, const struct result_origin *origin, const struct cell *cell,
                       enum cell_status status, const char *reason, struct err *e)
{
	char params[256];

	cell_params(cell, params, sizeof(params));
	put_cell_key(out, origin, cell);
	fprintf(out, "op,,,,,,,%s,", cell_status_name(status));
	result_put_text(out, reason);
	putc(',', out);
	result_put_text(out, params);
	for (int i = RESULT_params + 1; i <= RESULT_unit; i++)
		putc(',', out);
	fprintf(out, "%s,,%s" RESULT_COUNTS_FIELDS ",%s\n", unit_name(cell->kernel->unit),
	        origin->accel == ACCEL_UNKNOWN ? "" : sev_by(origin),
	        origin->host_pages ? origin->host_pages : "");
	return written(out, "the row of a cell that did not run", e);
}

int result_write_end(FILE *out, unsigned long rows, struct err *e)
{
	fprintf(out, RESULT_END_PREFIX "%lu\n", rows);
	return written(out, "the end mark of the results", e);
}

long result_end_rows(const char *line)
{
	const char *digits = line + strlen(RESULT_END_PREFIX);
	char *end;
	long rows;

	if (strncmp(line, RESULT_END_PREFIX, strlen(RESULT_END_PREFIX)) != 0 || *digits < '0' ||
	    *digits > '9')
		return -1;
	errno = 0;
	rows = strtol(digits, &end, 10);
	if (errno || (*end && *end != '\n'))
		return -1;
	return rows;
}

/* The bytes in which result_file_renew looks for its mark. */
#define MARK_BYTES 4096

/* Of a regular file; what came into its place meanwhile is no such file. */
static bool has_mark(int folder, const char *name, const char *mark)
{
	char head[MARK_BYTES + 1];
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t got = 0;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		got = pread(fd, head, MARK_BYTES, 0);
	close(fd);
	head[got > 0 ? got : 0] = '\0';
	return strstr(head, mark) != NULL;
}

/* What may be replaced. */
struct over {
	bool force;       /* any regular file */
	const char *mark; /* one that has this among its first bytes, or NULL: none */
	const char *kind;
};

/* Nothing is at the name, or what may be replaced; -EEXIST for anything else. `path` is how
 * sentences call it. */
static int check_free(int folder, const char *name, const char *path, const struct over *over,
                      struct err *e)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0; /* opening it will say what is wrong, if anything is */
	if (S_ISLNK(st.st_mode) && stat(path, &st) != 0)
		return err_set(e, EEXIST, "%s is a symbolic link to nothing: remove it first",
		               path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, EEXIST, "%s is a directory: name a file in it", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EEXIST, "%s exists already, and is no file that can be written",
		               path);
	if (over->force)
		return 0;
	if (!over->mark)
		return err_set(e, EEXIST, "%s exists already, and results are never overwritten",
		               path);
	if (!has_mark(folder, name, over->mark))
		return err_set(e, EEXIST,
		               "%s exists already, and is not %s of sevbench: name another file, "
		               "or move it away",
		               path, over->kind);
	return 0;
}
/* What is written into as it is. */
static bool is_stream(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode));
}

static int open_stream(struct result_file *file, struct err *e)
{
	file->partial = strdup(file->path);
	if (!file->partial)
		return err_set(e, ENOMEM, "no memory for the name of %s", file->path);
	file->out = fopen(file->path, "we");
	return file->out ? 0 : err_errno(e, "cannot write to %s", file->path);
}

/* The last part of a path. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What a writer that may be repeated has left, when it did not end, is no reason to stop another.
 */
static void remove_left(const struct result_file *file, const struct over *over)
{
	const char *name = name_of(file->partial);
	struct stat st;

	if (fstatat(file->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	    (over->force ||
	     (over->mark && (!st.st_size || has_mark(file->folder, name, over->mark)))))
		unlinkat(file->folder, name, 0);
}

/* `in`: the directory, or NULL for that of the path. It is held until the file has its name. */
static int hold_folder(struct result_file *file, const struct folder *in, struct err *e)
{
	size_t length = (size_t)(name_of(file->path) - file->path);
	char *parent;

	if (in) {
		file->folder = fcntl(in->fd, F_DUPFD_CLOEXEC, 0);
	} else {
		parent = length ? strndup(file->path, length) : strdup(".");
		if (!parent)
			return err_set(e, ENOMEM, "no memory for the name of %s", file->path);
		file->folder = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
		free(parent);
	}
	file->held = file->folder >= 0;
	return file->held ? 0 : err_errno(e, "cannot create %s", file->path);
}

static int name_partial(struct result_file *file, struct err *e)
{
	if (asprintf(&file->partial, "%s.partial", file->path) >= 0)
		return 0;
	file->partial = NULL;
	return err_set(e, ENOMEM, "no memory for the name of %s", file->path);
}

static int open_partial(struct result_file *file, const struct over *over, struct err *e)
{
	int fd, rc;

	remove_left(file, over);
	fd = openat(file->folder, name_of(file->partial),
	            O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd >= 0)
		file->out = fdopen(fd, "w");
	if (file->out)
		return 0;
	if (fd < 0 && errno == EEXIST)
		return err_set(e, EEXIST,
		               "%s is left from a run that did not end: move it away first",
		               file->partial);
	rc = err_errno(e, "cannot create %s", file->partial);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int open_regular(const struct folder *in, const struct over *over, struct result_file *file,
                        struct err *e)
{
	int rc = hold_folder(file, in, e);

	if (!rc)
		rc = check_free(file->folder, name_of(file->path), file->path, over, e);
	if (!rc)
		rc = name_partial(file, e);
	return rc ? rc : open_partial(file, over, e);
}

static int open_file(const char *path, const struct over *over, struct result_file *file,
                     struct err *e)
{
	bool stream = is_stream(path);
	int rc;

	memset(file, 0, sizeof(*file));
	file->replaces = over->force || over->mark;
	/* Where a link leads to what is replaced, the link stays. */
	file->path = file->replaces && !stream ? realpath(path, NULL) : NULL;
	if (!file->path)
		file->path = strdup(path);
	if (!file->path)
		return err_set(e, ENOMEM, "no memory for the name of %s", path);
	rc = stream ? open_stream(file, e) : open_regular(NULL, over, file, e);
	if (rc)
		result_file_abandon(file);
	return rc;
}

/* `name` in a directory in which a link may lead anywhere. */
static int name_in(const struct folder *in, const char *name, struct result_file *file,
                   struct err *e)
{
	memset(file, 0, sizeof(*file));
	if (asprintf(&file->path, "%s/%s", in->path, name) >= 0)
		return 0;
	file->path = NULL;
	return err_set(e, ENOMEM, "no memory for the name of %s", name);
}

static int open_in(const struct folder *in, const char *name, const struct over *over,
                   struct result_file *file, struct err *e)
{
	struct stat st;
	int rc = name_in(in, name, file, e);

	if (rc)
		return rc;
	file->replaces = over->force || over->mark;
	if (!fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
		rc = err_set(e, ELOOP, "%s is a symbolic link, and is not followed: remove it",
		             file->path);
	else
		rc = open_regular(in, over, file, e);
	if (rc)
		result_file_abandon(file);
	return rc;
}

int result_file_open(const char *path, struct result_file *file, struct err *e)
{
	return open_file(path, &(struct over){0}, file, e);
}

int result_file_open_in(const struct folder *in, const char *name, struct result_file *file,
                        struct err *e)
{
	return open_in(in, name, &(struct over){0}, file, e);
}

int result_file_replace(const char *path, bool force, struct result_file *file, struct err *e)
{
	return open_file(path, &(struct over){.force = force}, file, e);
}

int result_file_replace_in(const struct folder *in, const char *name, struct result_file *file,
                           struct err *e)
{
	return open_in(in, name, &(struct over){.force = true}, file, e);
}

int result_file_renew(const char *path, const char *mark, const char *kind,
                      struct result_file *file, struct err *e)
{
	return open_file(path, &(struct over){.mark = mark, .kind = kind}, file, e);
}

int result_file_renew_in(const struct folder *in, const char *name, const char *mark,
                         const char *kind, struct result_file *file, struct err *e)
{
	return open_in(in, name, &(struct over){.mark = mark, .kind = kind}, file, e);
}

/* What a run has left, opened. */
static int open_left(const struct folder *in, struct result_file *file, struct err *e)
{
	int fd = folder_file(in, name_of(file->partial), O_RDWR, e), rc = 0;

	if (fd < 0)
		return fd;
	file->out = fdopen(fd, "r+");
	if (!file->out) {
		rc = err_errno(e, "cannot open %s", file->partial);
		close(fd);
	}
	return rc;
}

int result_file_resume(const struct folder *in, const char *name, struct result_file *file,
                       struct err *e)
{
	int rc = name_in(in, name, file, e);

	if (rc)
		return rc;
	rc = hold_folder(file, in, e);
	if (!rc)
		rc = name_partial(file, e);
	if (!rc)
		rc = open_left(in, file, e);
	if (rc)
		result_file_abandon(file);
	return rc;
}

int result_file_check(const char *path, bool force, struct err *e)
{
	return is_stream(path)
	               ? 0
	               : check_free(AT_FDCWD, path, path, &(struct over){.force = force}, e);
}

static bool is_in_place(const struct result_file *file)
{
	return !strcmp(file->partial, file->path);
}

/* To the name that it is to have, where nothing has come into being meanwhile. */
static int take_name(const struct result_file *file, struct err *e)
{
	const char *from = name_of(file->partial), *to = name_of(file->path);
	struct stat st;
	int rc, at = file->folder;

	if (file->replaces && fstatat(at, to, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		rc = renameat(at, from, at, to);
	else
		rc = renameat2(at, from, at, to, RENAME_NOREPLACE);
	if (rc && errno == EINVAL) { /* a file system that knows no such renaming */
		rc = linkat(at, from, at, to, 0);
		if (!rc)
			unlinkat(at, from, 0);
	}
	if (rc && errno == EEXIST)
		return err_set(e, EEXIST,
		               "%s came into being meanwhile, and is not overwritten: the results "
		               "are in %s",
		               file->path, file->partial);
	return rc ? err_errno(e, "cannot rename %s to %s", file->partial, file->path) : 0;
}

int result_file_commit(struct result_file *file, struct err *e)
{
	bool in_place = is_in_place(file);
	int rc = 0;

	if (fflush(file->out) || (!in_place && fsync(fileno(file->out))))
		rc = err_errno(e, "cannot finish %s", file->partial);
	if (fclose(file->out) && !rc)
		rc = err_errno(e, "cannot close %s", file->partial);
	file->out = NULL;
	if (!rc && !in_place)
		rc = take_name(file, e);
	result_file_abandon(file);
	return rc;
}

void result_file_abandon(struct result_file *file)
{
	if (file->out)
		fclose(file->out);
	if (file->held)
		close(file->folder);
	free(file->path);
	free(file->partial);
	memset(file, 0, sizeof(*file));
}

int result_file_end(struct result_file *file, int rc, struct err *e)
{
	if (!rc && (fflush(file->out) || ferror(file->out)))
		rc = err_errno(e, "cannot write %s", file->partial);
	if (!rc)
		return result_file_commit(file, e);
	if (!is_in_place(file))
		unlinkat(file->folder, name_of(file->partial), 0);
	result_file_abandon(file);
	return rc;
}
