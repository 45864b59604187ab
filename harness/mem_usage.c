/* SPDX-License-Identifier: MIT */
#include "harness/mem_usage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "559a0000-559a2000 rw-p 00000000 00:00 0": a mapping's first line. */
static bool is_mapping(const char *line, uint64_t *begin, uint64_t *end)
{
	return sscanf(line, "%" SCNx64 "-%" SCNx64 " ", begin, end) == 2;
}

static void add_field(struct mem_usage *usage, const char *line)
{
	char name[32];
	uint64_t value;

	if (sscanf(line, "%31[^:]: %" SCNu64, name, &value) != 2)
		return;
	if (strcmp(name, "THPeligible") == 0) {
		usage->eligible = value != 0;
		return;
	}
	value *= 1024;
	if (strcmp(name, "KernelPageSize") == 0 && value > usage->page)
		usage->page = value;
	else if (strcmp(name, "Rss") == 0)
		usage->resident += value;
	else if (strcmp(name, "Anonymous") == 0)
		usage->anonymous += value;
	else if (strcmp(name, "AnonHugePages") == 0)
		usage->huge += value;
	else if (strcmp(name, "Private_Hugetlb") == 0 || strcmp(name, "Shared_Hugetlb") == 0)
		usage->hugetlb += value;
}

int mem_usage_read(const char *smaps, const void *base, size_t bytes, struct mem_usage *usage,
                   struct err *e)
{
	uint64_t first = (uintptr_t)base;
	uint64_t begin;
	uint64_t end;
	char line[4352]; /* a path of PATH_MAX and the numbers before it */
	bool inside = false;
	FILE *f = fopen(smaps, "re");

	memset(usage, 0, sizeof(*usage));
	if (!f)
		return err_errno(e, "cannot read %s", smaps);
	while (fgets(line, sizeof(line), f)) {
		if (is_mapping(line, &begin, &end)) {
			if (begin >= first + bytes)
				break; /* they are in order of address */
			inside = begin >= first;
			if (inside)
				usage->mapped += end - begin;
		} else if (inside) {
			add_field(usage, line);
		}
	}
	fclose(f);
	if (!usage->mapped)
		return err_set(e, ENODATA, "%s shows no mapping at %p", smaps, base);
	return 0;
}
