/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/exits.h"

#include <string.h>

/* KVM's words for what is counted. */
static const struct {
	const char *name;
	enum counts_name counts;
} counters[] = {
        {"exits", COUNTS_EXITS},           {"io_exits", COUNTS_EXITS_IO},
        {"mmio_exits", COUNTS_EXITS_MMIO}, {"irq_exits", COUNTS_EXITS_IRQ},
        {"halt_exits", COUNTS_EXITS_HALT},
};

static void add_stat(const json_t *stat, struct counts *counts)
{
	const char *name = json_string_value(json_object_get(stat, "name"));
	const json_t *value = json_object_get(stat, "value");

	if (!name || !json_is_integer(value))
		return;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		if (!strcmp(name, counters[i].name))
			counts->of[counters[i].counts] += (uint64_t)json_integer_value(value);
	}
}

/* [{"provider": "kvm", "qom-path": ..., "stats": [{"name": "exits", "value": 7}, ...]}, ...] */
void exits_read(const json_t *stats, struct counts *counts)
{
	*counts = (struct counts){COUNTS_NOBODY, {0}};
	for (size_t i = 0; i < json_array_size(stats); i++) {
		const json_t *list = json_object_get(json_array_get(stats, i), "stats");

		for (size_t j = 0; j < json_array_size(list); j++)
			add_stat(json_array_get(list, j), counts);
	}
	if (counts->of[COUNTS_EXITS] > 0)
		counts->by = COUNTS_KVM;
}
