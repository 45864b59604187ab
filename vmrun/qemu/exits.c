/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/exits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/mark.h"

const char *exits_name(enum exits_counter counter)
{
	static const char *const names[EXITS_COUNT] = {"exits", "io_exits", "mmio_exits",
	                                               "irq_exits", "halt_exits"};

	return names[counter];
}

static void add_stat(const json_t *stat, uint64_t sum[EXITS_COUNT])
{
	const char *name = json_string_value(json_object_get(stat, "name"));
	const json_t *value = json_object_get(stat, "value");

	for (int i = 0; name && json_is_integer(value) && i < EXITS_COUNT; i++) {
		if (!strcmp(name, exits_name((enum exits_counter)i)))
			sum[i] += (uint64_t)json_integer_value(value);
	}
}

/* [{"provider": "kvm", "qom-path": ..., "stats": [{"name": "exits", "value": 7}, ...]}, ...] */
static bool read_stats(const json_t *stats, uint64_t sum[EXITS_COUNT])
{
	memset(sum, 0, EXITS_COUNT * sizeof(*sum));
	for (size_t i = 0; i < json_array_size(stats); i++) {
		const json_t *list = json_object_get(json_array_get(stats, i), "stats");

		for (size_t j = 0; j < json_array_size(list); j++)
			add_stat(json_array_get(list, j), sum);
	}
	return sum[EXITS_ALL] > 0;
}

bool exits_mark(struct exits *x, const char *line, const json_t *stats, struct exits_cell *cell)
{
	bool end = !strncmp(line, MARK_END " ", strlen(MARK_END " "));
	bool was_open = x->open;
	uint64_t now[EXITS_COUNT];
	char *rest;

	x->open = false;
	if (!stats || !read_stats(stats, now))
		return false;
	if (!strcmp(line, MARK_BEGIN)) {
		memcpy(x->begin, now, sizeof(now));
		x->open = true;
		return false;
	}
	if (!end || !was_open)
		return false;
	cell->operations = strtoull(line + strlen(MARK_END " "), &rest, 10);
	if (*rest != ' ')
		return false;
	snprintf(cell->name, sizeof(cell->name), "%s", rest + 1);
	for (int i = 0; i < EXITS_COUNT; i++)
		cell->sum[i] = now[i] - x->begin[i];
	return true;
}

void exits_text(const struct exits_cell *cell, char *text, size_t size)
{
	double n = cell->operations ? (double)cell->operations : 1;

	snprintf(text, size,
	         "%s: %.3f exits per operation (ports %.3f, MMIO to QEMU %.3f, interrupts %.3f), "
	         "%" PRIu64 " operations",
	         cell->name, (double)cell->sum[EXITS_ALL] / n, (double)cell->sum[EXITS_IO] / n,
	         (double)cell->sum[EXITS_MMIO] / n, (double)cell->sum[EXITS_IRQ] / n,
	         cell->operations);
}
