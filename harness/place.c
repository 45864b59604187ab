/* SPDX-License-Identifier: MIT */
#include "harness/place.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

int place_pin(unsigned cpu, struct err *e)
{
	cpu_set_t *set = CPU_ALLOC(cpu + 1);
	size_t size = CPU_ALLOC_SIZE(cpu + 1);
	int rc = 0;

	if (!set)
		return err_set(e, ENOMEM, "no memory to pin a thread");
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	if (sched_setaffinity(0, size, set) != 0)
		rc = err_errno(e, "cannot pin a thread to CPU %u", cpu);
	CPU_FREE(set);
	if (!rc && sched_getcpu() != (int)cpu)
		rc = err_set(e, EIO, "a thread pinned to CPU %u runs on CPU %d", cpu,
		             sched_getcpu());
	return rc;
}

void place_text(const struct place *place, char *text, unsigned size)
{
	unsigned used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < place->count; i++) {
		char number[16];
		int n = snprintf(number, sizeof(number), "%s%u", i ? ";" : "", place->cpu[i]);

		if (used + (unsigned)n >= size)
			return;
		memcpy(text + used, number, (unsigned)n + 1);
		used += (unsigned)n;
	}
}

/* Read the next range of a list as sysfs writes it ("0-3,8"), and step over it. */
static bool next_range(const char **list, int *first, int *last)
{
	int used;

	if (**list == ',')
		(*list)++;
	if (sscanf(*list, "%d%n", first, &used) != 1)
		return false;
	*list += used;
	*last = *first;
	if (**list == '-' && sscanf(*list, "-%d%n", last, &used) == 1)
		*list += used;
	return true;
}

/* The NUMA nodes that have memory, as sysfs lists them; "" where Linux has none. */
static void read_nodes(char *list, int size)
{
	FILE *f = fopen("/sys/devices/system/node/has_memory", "re");

	list[0] = '\0';
	if (!f)
		return;
	if (!fgets(list, size, f))
		list[0] = '\0';
	fclose(f);
}

bool place_node_exists(int node)
{
	const char *rest;
	char list[4096];
	int first;
	int last;

	if (node < 0 || node >= PLACE_NODES)
		return false;
	read_nodes(list, sizeof(list));
	for (rest = list; next_range(&rest, &first, &last);)
		if (node >= first && node <= last)
			return true;
	return false;
}

unsigned place_node_count(void)
{
	unsigned count = 0;
	const char *rest;
	char list[4096];
	int first;
	int last;

	read_nodes(list, sizeof(list));
	for (rest = list; next_range(&rest, &first, &last);)
		count += (unsigned)(last - first + 1);
	return count;
}
