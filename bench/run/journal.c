/* SPDX-License-Identifier: MIT */
#include "bench/run/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SEAL   "sealed\n"
#define FAILED " failed"

static size_t index_of(const struct journal *j, unsigned round, unsigned target, size_t cell)
{
	return ((size_t)round * TARGET_COUNT + target) * j->cells + cell;
}

static int make_room(struct journal *j, const struct folder *in, size_t cells, unsigned rounds,
                     struct err *e)
{
	memset(j, 0, sizeof(*j));
	j->cells = cells;
	j->rounds = rounds;
	j->done = calloc(((size_t)rounds + 1) * TARGET_COUNT * cells, sizeof(*j->done));
	if (asprintf(&j->path, "%s/" JOURNAL_NAME, in->path) < 0)
		j->path = NULL;
	if (j->done && j->path)
		return 0;
	journal_close(j, false);
	return err_set(e, ENOMEM, "no memory for the journal of %zu cells", cells);
}

/* One process writes it, until it ends, however it does. */
static int claim(const struct journal *j, struct err *e)
{
	if (!flock(fileno(j->out), LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return err_set(e, EBUSY,
		               "%s is being written by another sevbench, which still runs",
		               j->path);
	return err_errno(e, "cannot lock %s", j->path);
}

/* The file, opened with these flags, as j->out. */
static int open_in(struct journal *j, const struct folder *in, int flags, const char *mode,
                   struct err *e)
{
	int fd = folder_file(in, JOURNAL_NAME, flags, e), rc;

	if (fd < 0)
		return fd;
	j->out = fdopen(fd, mode);
	if (j->out)
		return claim(j, e);
	rc = err_errno(e, "cannot open %s", j->path);
	close(fd);
	return rc;
}

int journal_create(struct journal *j, const struct folder *in, size_t cells, unsigned rounds,
                   struct err *e)
{
	int rc = make_room(j, in, cells, rounds, e);

	if (rc)
		return rc;
	rc = open_in(j, in, O_RDWR | O_CREAT | O_EXCL, "w", e);
	if (rc)
		journal_close(j, false);
	return rc;
}

static int take_line(struct journal *j, const char *line, struct err *e)
{
	unsigned round;
	char name[16];
	unsigned target;
	size_t cell;
	long long end;

	if (sscanf(line, "%u %15s %zu %lld", &round, name, &cell, &end) != 4 ||
	    target_parse(name, &target, NULL) || round > j->rounds || cell >= j->cells ||
	    end < j->end)
		return err_set(e, EINVAL, "%s is not the journal of this run: \"%.40s\"", j->path,
		               line);
	j->done[index_of(j, round, target, cell)] = true;
	j->end = end;
	j->failed += strstr(line, FAILED) != NULL;
	return 0;
}

/* The lines in the first `limit` bytes. *sealed: where those that count end. */
static int read_lines(struct journal *j, long limit, long *sealed, struct err *e)
{
	char line[128];

	*sealed = 0;
	while (ftell(j->out) < limit && fgets(line, sizeof(line), j->out) && strchr(line, '\n')) {
		bool seal = !strcmp(line, SEAL);
		int rc = seal ? 0 : take_line(j, line, e);

		if (rc)
			return rc;
		j->dropped++;
		if (seal || strstr(line, " native ")) {
			j->dropped = 0;
			*sealed = ftell(j->out);
		}
	}
	return 0;
}

int journal_resume(struct journal *j, const struct folder *in, size_t cells, unsigned rounds,
                   struct err *e)
{
	long sealed = 0;
	size_t dropped;
	int rc = make_room(j, in, cells, rounds, e);

	if (rc)
		return rc;
	rc = open_in(j, in, O_RDWR, "r+", e);
	if (!rc)
		rc = read_lines(j, LONG_MAX, &sealed, e);
	dropped = j->dropped;
	if (!rc && dropped) { /* once more, without them */
		memset(j->done, 0, ((size_t)rounds + 1) * TARGET_COUNT * cells * sizeof(*j->done));
		j->end = 0;
		j->failed = 0;
		rewind(j->out);
		rc = read_lines(j, sealed, &sealed, e);
		j->dropped = dropped;
	}
	/* What comes next overwrites what does not count, and a line that was cut. */
	if (!rc && (fseek(j->out, sealed, SEEK_SET) || ftruncate(fileno(j->out), sealed)))
		rc = err_errno(e, "cannot continue %s", j->path);
	if (rc)
		journal_close(j, false);
	return rc;
}

int journal_add(struct journal *j, unsigned round, unsigned target, size_t cell, long long end,
                bool failed, struct err *e)
{
	j->done[index_of(j, round, target, cell)] = true;
	j->end = end;
	if (fprintf(j->out, "%u %s %zu %lld%s\n", round, target_name(target), cell, end,
	            failed ? FAILED : "") < 0 ||
	    fflush(j->out))
		return err_errno(e, "cannot write %s", j->path);
	return 0;
}

int journal_seal(struct journal *j, struct err *e)
{
	return fputs(SEAL, j->out) < 0 || fflush(j->out) ? err_errno(e, "cannot write %s", j->path)
	                                                 : 0;
}

bool journal_has(const struct journal *j, unsigned round, unsigned target, size_t cell)
{
	return j->done[index_of(j, round, target, cell)];
}

void journal_close(struct journal *j, bool remove)
{
	if (j->out)
		fclose(j->out);
	if (remove && j->path)
		unlink(j->path);
	free(j->path);
	free(j->done);
	memset(j, 0, sizeof(*j));
}
