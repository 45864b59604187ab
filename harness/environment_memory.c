/* SPDX-License-Identifier: MIT */
/* Section "memory": how much, on which nodes, in which pages, and who may move or merge them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cpu.h"
#include "harness/dram.h"
#include "harness/environment_reader.h"
#include "harness/mem_available.h"
#include "harness/place.h"
#include "harness/utf8.h"

#define NODES "/sys/devices/system/node"
#define THP   "/sys/kernel/mm/transparent_hugepage"
#define POOLS "/sys/kernel/mm/hugepages"

/* "Name:   123 kB" in a text like /proc/meminfo, in bytes; -1 where it is not. */
static json_int_t field_bytes(const char *text, const char *field)
{
	const char *p = text ? strstr(text, field) : NULL;
	uint64_t kib;

	if (!p || sscanf(p + strlen(field), ": %" SCNu64 " kB", &kib) != 1)
		return -1;
	return (json_int_t)kib * 1024;
}

static void put_bytes(const struct environment_section *s, const char *key, const char *text,
                      const char *field, const char *path)
{
	json_int_t bytes = field_bytes(text, field);

	if (text)
		environment_put(s, key, bytes >= 0 ? json_integer(bytes) : NULL,
		                "%s has no line \"%s\"", path, field);
	else
		environment_put(s, key, NULL, "cannot read %s", path);
}

static void put_amounts(const struct environment_section *s)
{
	static const char path[] = "/proc/meminfo";
	char *text = environment_read(s->reader, path);

	put_bytes(s, "total_bytes", text, "MemTotal", path);
	put_bytes(s, "available_bytes", text, "MemAvailable", path);
	put_bytes(s, "swap_bytes", text, "SwapTotal", path);
	free(text);
}

static void put_nodes(const struct environment_section *s)
{
	unsigned numbers[PLACE_NODES];
	size_t count = environment_entries(s->reader, NODES, "node", numbers, PLACE_NODES);
	json_t *nodes = json_array();

	for (size_t i = 0; i < count; i++) {
		struct environment_section node = {.reader = s->reader, .object = json_object()};
		char name[32];
		char path[96];
		char *text;

		snprintf(name, sizeof(name), "memory.nodes.%u", numbers[i]);
		node.name = name;
		json_object_set_new(node.object, "node", json_integer(numbers[i]));
		snprintf(path, sizeof(path), NODES "/node%u/cpulist", numbers[i]);
		environment_text(&node, "cpus", path);
		snprintf(path, sizeof(path), NODES "/node%u/distance", numbers[i]);
		environment_text(&node, "distance", path);
		snprintf(path, sizeof(path), NODES "/node%u/meminfo", numbers[i]);
		text = environment_read(s->reader, path);
		put_bytes(&node, "total_bytes", text, "MemTotal", path);
		put_bytes(&node, "free_bytes", text, "MemFree", path);
		free(text);
		json_array_append_new(nodes, node.object);
	}
	if (!count) {
		json_decref(nodes);
		nodes = NULL;
	}
	environment_put(s, "nodes", nodes, "Linux shows no NUMA nodes in " NODES);
}

/* Where they do not add up, as in some virtual machines, no node's figure can be relied on. */
static void put_doubt(const struct environment_section *s)
{
	struct mem_totals totals = mem_totals_at(s->reader->root);
	char text[160];

	if (!totals.nodes || mem_totals_agree(&totals))
		return;
	snprintf(text, sizeof(text),
	         "the nodes have %" PRIu64 " MiB together, and Linux has %" PRIu64
	         ": no node's figure is relied on",
	         totals.nodes >> 20, totals.linux_bytes >> 20);
	environment_put(s, "nodes_doubt", utf8_json(text), "%s", "");
}

/* The pools of huge pages: how many there are and how many are free. */
static void put_pools(const struct environment_section *s)
{
	static const unsigned sizes_kib[] = {2048, 1048576};

	for (size_t i = 0; i < sizeof(sizes_kib) / sizeof(sizes_kib[0]); i++) {
		char key[32];
		char path[96];

		snprintf(key, sizeof(key), "hugetlb_%uk_total", sizes_kib[i]);
		snprintf(path, sizeof(path), POOLS "/hugepages-%ukB/nr_hugepages", sizes_kib[i]);
		environment_number(s, key, path);
		snprintf(key, sizeof(key), "hugetlb_%uk_free", sizes_kib[i]);
		snprintf(path, sizeof(path), POOLS "/hugepages-%ukB/free_hugepages", sizes_kib[i]);
		environment_number(s, key, path);
	}
}

/* What the memory can move in theory. A hypervisor's firmware tells of modules that are not there.
 */
static void put_peak(const struct environment_section *s)
{
	struct err e = {""};
	struct dram dram;
	int rc;

	if (cpu_has_at(s->reader->cpu, CPU_HYPERVISOR))
		rc = err_set(&e, ENOTSUP,
		             "this machine is a guest: its firmware does not know the real memory "
		             "modules");
	else
		rc = dram_read(s->reader->root, &dram, &e);
	environment_put(s, "dram_peak_gbps", rc ? NULL : json_real(dram.gbps), "%s", e.text);
	environment_put(s, "dram_peak_source", rc ? NULL : utf8_json(dram.source), "%s", e.text);
}

void environment_memory(const struct environment_section *s)
{
	put_amounts(s);
	put_nodes(s);
	put_doubt(s);
	put_pools(s);
	put_peak(s);
	environment_choice(s, "thp_enabled", THP "/enabled");
	environment_choice(s, "thp_defrag", THP "/defrag");
	environment_number(s, "khugepaged_scan_ms", THP "/khugepaged/scan_sleep_millisecs");
	environment_number(s, "ksm_run", "/sys/kernel/mm/ksm/run");
	environment_number(s, "numa_balancing", "/proc/sys/kernel/numa_balancing");
	environment_number(s, "swappiness", "/proc/sys/vm/swappiness");
	environment_number(s, "compaction_proactiveness", "/proc/sys/vm/compaction_proactiveness");
}
