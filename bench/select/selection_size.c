/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_size.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/place.h"
#include "harness/place_choose.h"
#include "harness/units.h"

#define TIMES_MAX 1024 /* of a cache: more would be a slip of the finger */

static int refuse(const char *text, struct err *e)
{
	return err_set(e, EINVAL,
	               "\"%s\" is no multiple of a cache: write 4xLLC, 1/4xL2 or the like, with "
	               "L1, L2, L3 or LLC, the last level there is",
	               text);
}

/* "4", "1/4" in `length` bytes. */
static int parse_factor(const char *text, size_t length, struct selection_size *size)
{
	char factor[32], *slash;
	uint64_t times = 0, parts = 1;

	if (length >= sizeof(factor))
		return -EINVAL;
	memcpy(factor, text, length);
	factor[length] = '\0';
	slash = strchr(factor, '/');
	if (slash)
		*slash = '\0';
	if (units_parse_number("", factor, 1, TIMES_MAX, &times, NULL) ||
	    (slash && units_parse_number("", slash + 1, 1, TIMES_MAX, &parts, NULL)))
		return -EINVAL;
	size->times = (unsigned)times;
	size->parts = (unsigned)parts;
	return 0;
}

int selection_size_parse(const char *text, struct selection_size *size, struct err *e)
{
	static const char *const levels[] = {"LLC", "L1", "L2", "L3"};
	size_t x = strcspn(text, "xX");

	memset(size, 0, sizeof(*size));
	if (!text[x])
		return units_parse_size(text, &size->bytes, e);
	if (parse_factor(text, x, size))
		return refuse(text, e);
	for (unsigned i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!strcasecmp(text + x + 1, levels[i])) {
			size->level = i;
			return 0;
		}
	}
	return refuse(text, e);
}

int selection_size_bytes(const struct selection_size *size, unsigned threads, const char *cpus,
                         uint64_t *bytes, struct err *e)
{
	struct place place;
	uint64_t caches = 0;
	int rc = 0;

	*bytes = size->bytes;
	if (size->bytes)
		return 0;
	rc = place_choose(threads, cpus, &place, e);
	if (!rc)
		rc = place_cache_bytes(&place, size->level, &caches, e);
	if (!rc && caches > UINT64_MAX / TIMES_MAX)
		rc = err_set(e, ENOTSUP, "caches of %llu bytes cannot be", /* nothing so large is */
		             (unsigned long long)caches);
	*bytes = (caches * size->times + size->parts - 1) / (size->parts ? size->parts : 1);
	return rc;
}

int selection_size_round(struct cell *cell, uint64_t bytes, struct err *e)
{
	const uint64_t steps[] = {(uint64_t)cell->threads * mem_page_bytes(MEM_4K),
	                          (uint64_t)cell->threads * mem_page_bytes(cell->pages)};
	int rc = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		cell->size = (bytes + steps[i] - 1) / steps[i] * steps[i];
		rc = cell->kernel->check ? cell->kernel->check(cell, e) : 0;
		if (!rc)
			break;
	}
	return rc;
}
