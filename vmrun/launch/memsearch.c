/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/memsearch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/units.h"
#include "vmrun/system/deadline.h"

#define PAGE        4096ULL
#define CHUNK_PAGES 256
#define CHUNK       (CHUNK_PAGES * PAGE)

/* Linux, Documentation/admin-guide/mm/pagemap.rst: bit 63 page present, bit 62 page swapped. */
#define PAGEMAP_THERE (3ULL << 62)

struct search {
	const struct memsearch_source *source;
	int cancel;
	struct memsearch_pattern *patterns;
	size_t count;
	size_t longest;
	uint8_t *buffer; /* the end of what came before, then the chunk */
	size_t carried;  /* bytes of the former */
	struct memsearch *result;
};

size_t memsearch_ranges(FILE *maps, uint64_t size, struct memsearch_range *ranges)
{
	struct memsearch_range group = {0};
	char line[PATH_MAX + 128], file[PATH_MAX + 64], last[PATH_MAX + 64] = "";
	size_t count = 0;

	while (fgets(line, sizeof(line), maps) && count < MEMSEARCH_RANGES) {
		struct memsearch_range r;
		char readable, writable;

		file[0] = '\0';
		/* address, permissions, offset, device and inode, name: proc(5) */
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %c%c%*s %*s %[^\n]", &r.from, &r.to,
		           &readable, &writable, file) < 4)
			continue;
		if (readable != 'r' || writable != 'w') {
			last[0] = '\0';
			continue;
		}
		if (r.to - r.from == size) {
			ranges[count++] = r;
			last[0] = '\0';
			continue;
		}
		if (r.from == group.to && !strcmp(file, last))
			group.to = r.to;
		else
			group = r;
		snprintf(last, sizeof(last), "%s", file);
		if (group.to - group.from == size)
			ranges[count++] = group;
	}
	return count;
}

static int open_at(pid_t pid, const char *name, struct err *e)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 ? fd : err_errno(e, "cannot read the memory of QEMU (%s)", path);
}

static int find_ranges(pid_t pid, uint64_t size, struct memsearch_range *ranges, size_t *count,
                       struct err *e)
{
	char text[UNITS_TEXT];
	int fd = open_at(pid, "maps", e);
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");

	if (!maps)
		return fd < 0 ? fd : err_errno(e, "fdopen");
	*count = memsearch_ranges(maps, size, ranges);
	fclose(maps);
	if (*count)
		return 0;
	return err_set(e, ENOENT, "process %d has no mapping of %s that could be guest memory",
	               (int)pid, units_size(size, text));
}

/* Every occurrence in `length` new bytes behind the carried ones, those across the border too. */
static void look(struct search *s, size_t length)
{
	const uint8_t *end = s->buffer + s->longest + length;

	for (size_t i = 0; i < s->count; i++) {
		struct memsearch_pattern *p = &s->patterns[i];
		size_t back = p->length - 1 < s->carried ? p->length - 1 : s->carried;
		const uint8_t *at = s->buffer + s->longest - back;

		while ((at = memmem(at, (size_t)(end - at), p->bytes, p->length))) {
			p->found++;
			at++;
		}
	}
}

/* The last bytes become the carried ones, which stand right before the next. */
static void carry(struct search *s, size_t length)
{
	size_t total = s->carried + length;
	size_t keep = total < s->longest ? total : s->longest;

	memmove(s->buffer + s->longest - keep, s->buffer + s->longest + length - keep, keep);
	s->carried = keep;
}

/* Read `length` bytes and look at them; what cannot be read is left out page by page. */
static void take(struct search *s, uint64_t from, size_t length)
{
	while (length > 0) {
		ssize_t n = pread(s->source->mem, s->buffer + s->longest, length, (off_t)from);

		if (n <= 0) {
			n = length < PAGE ? (ssize_t)length : (ssize_t)PAGE;
			s->result->unreadable += (uint64_t)n;
			s->carried = 0;
		} else {
			look(s, (size_t)n);
			carry(s, (size_t)n);
			s->result->searched += (uint64_t)n;
		}
		from += (uint64_t)n;
		length -= (size_t)n;
	}
}

/* One chunk: the pages that are there, run by run. */
static int take_chunk(struct search *s, uint64_t from, size_t length, struct err *e)
{
	uint64_t entries[CHUNK_PAGES];
	size_t pages = length / PAGE, i = 0;
	ssize_t want = (ssize_t)(pages * sizeof(entries[0]));

	if (pread(s->source->pagemap, entries, (size_t)want,
	          (off_t)(from / PAGE * sizeof(entries[0]))) != want)
		return err_errno(e, "cannot read which pages of the guest are there");
	while (i < pages) {
		size_t first = i;
		bool there = entries[i] & PAGEMAP_THERE;

		while (i < pages && !(entries[i] & PAGEMAP_THERE) == !there)
			i++;
		if (there) {
			take(s, from + first * PAGE, (i - first) * PAGE);
		} else {
			s->result->absent += (i - first) * PAGE;
			s->carried = 0;
		}
	}
	return 0;
}

static bool is_enough(const struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!s->patterns[i].enough || s->patterns[i].found < s->patterns[i].enough)
			return false;
	}
	return true;
}

static int search_range(struct search *s, const struct memsearch_range *range, struct err *e)
{
	int rc = 0;

	s->carried = 0;
	for (uint64_t from = range->from; !rc && from < range->to && !is_enough(s); from += CHUNK) {
		uint64_t left = range->to - from;
		struct pollfd cancel = {.fd = s->cancel, .events = POLLIN};

		rc = take_chunk(s, from, left < CHUNK ? left : CHUNK, e);
		if (!rc && s->cancel >= 0 && poll(&cancel, 1, 0) > 0)
			rc = err_set(e, EINTR, "interrupted");
	}
	return rc;
}

int memsearch_source(const struct memsearch_source *source, const struct memsearch_range *ranges,
                     size_t range_count, struct memsearch_pattern *patterns, size_t count,
                     int cancel, struct memsearch *result, struct err *e)
{
	struct search s = {.source = source,
	                   .cancel = cancel,
	                   .patterns = patterns,
	                   .count = count,
	                   .result = result};
	double started = deadline_now();
	int rc = 0;

	memset(result, 0, sizeof(*result));
	for (size_t i = 0; i < count; i++) {
		patterns[i].found = 0;
		if (patterns[i].length > s.longest)
			s.longest = patterns[i].length;
	}
	s.buffer = malloc(s.longest + CHUNK);
	if (!s.buffer)
		return err_set(e, ENOMEM, "no memory to search the guest");
	for (size_t i = 0; !rc && i < range_count; i++)
		rc = search_range(&s, &ranges[i], e);
	free(s.buffer);
	result->seconds = deadline_now() - started;
	return rc;
}

int memsearch(pid_t pid, uint64_t size, struct memsearch_pattern *patterns, size_t count,
              int cancel, struct memsearch *result, struct err *e)
{
	struct memsearch_source source = {-1, -1};
	struct memsearch_range ranges[MEMSEARCH_RANGES];
	size_t range_count = 0;
	int rc = find_ranges(pid, size, ranges, &range_count, e);

	memset(result, 0, sizeof(*result));
	if (rc)
		return rc;
	source.mem = open_at(pid, "mem", e);
	if (source.mem < 0)
		return source.mem;
	source.pagemap = open_at(pid, "pagemap", e);
	rc = source.pagemap < 0 ? source.pagemap
	                        : memsearch_source(&source, ranges, range_count, patterns, count,
	                                           cancel, result, e);
	close(source.mem);
	if (source.pagemap >= 0)
		close(source.pagemap);
	return rc;
}
