/* SPDX-License-Identifier: MIT */
#include "analysis/read/machine.h"

#include <errno.h>
#include <hwloc.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/json_file.h"
#include "harness/result.h"
#include "harness/units.h"

#define CPU_DIGITS 5 /* Linux knows 8192 CPUs at most (x86, CONFIG_NR_CPUS) */

static json_t *find(const struct machine *machine, const char *path)
{
	json_t *at = machine->manifest;
	char name[128];

	while (at && *path) {
		size_t length = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)length, path);
		at = json_object_get(at, name);
		path += length + (path[length] == '.');
	}
	return at;
}

const char *machine_text(const struct machine *machine, const char *path, char text[256])
{
	json_t *value = find(machine, path);

	text[0] = '\0';
	if (json_is_string(value))
		snprintf(text, 256, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, 256, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, 256, "%.6g", json_real_value(value));
	else if (json_is_boolean(value))
		snprintf(text, 256, "%s", json_is_true(value) ? "yes" : "no");
	return text;
}

size_t machine_count(const struct machine *machine, const char *path)
{
	return json_array_size(find(machine, path));
}

/* Does it name a CPU that no machine has? A set of all up to it would take all memory. */
static bool beyond_cpus(const char *list)
{
	for (size_t digits = 0; *list; list++) {
		digits = *list >= '0' && *list <= '9' ? digits + 1 : 0;
		if (digits > CPU_DIGITS)
			return true;
	}
	return false;
}

/* CPUs of a list as Linux writes it ("0-3,8"); 0: it is none. */
static unsigned count_cpus(const char *list)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int count = 0;

	if (set && list && !beyond_cpus(list) && !hwloc_bitmap_list_sscanf(set, list))
		count = hwloc_bitmap_weight(set);
	hwloc_bitmap_free(set);
	return count > 0 ? (unsigned)count : 0;
}

/* The manifest has the caches of one CPU: as many others have theirs as CPUs share this one. */
static unsigned count_caches(const struct machine *machine, const json_t *cache)
{
	char online[256];
	unsigned cpus = count_cpus(machine_text(machine, "environment.cpu.online", online));
	unsigned sharing = count_cpus(json_string_value(json_object_get(cache, "shared_cpu_list")));

	return sharing ? (cpus + sharing - 1) / sharing : 0;
}

static void take_caches(struct machine *machine)
{
	json_t *caches = find(machine, "environment.cpu.caches"), *cache;
	json_int_t last = 0;
	size_t i;

	json_array_foreach (caches, i, cache) {
		const char *type = json_string_value(json_object_get(cache, "type"));
		const char *size = json_string_value(json_object_get(cache, "size"));
		json_int_t level = json_integer_value(json_object_get(cache, "level"));
		struct machine_cache *c = &machine->caches[machine->cache_count];

		if (!type || !size || !strcmp(type, "Instruction") || level < 1 || level > 9 ||
		    machine->cache_count == sizeof(machine->caches) / sizeof(*c))
			continue;
		c->level = (unsigned)level;
		if (units_parse_size(size, &c->size, NULL))
			continue;
		machine->cache_count++;
		if (level > last)
			machine->last_caches = count_caches(machine, cache);
		last = level > last ? level : last;
	}
}

uint64_t machine_last_cache(const struct machine *machine)
{
	unsigned level = 0;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < machine->cache_count; i++) {
		if (machine->caches[i].level > level) {
			level = machine->caches[i].level;
			bytes = machine->caches[i].size;
		}
	}
	return bytes;
}

static void take_dram(struct machine *machine)
{
	json_t *peak = find(machine, "environment.memory.dram_peak_gbps");

	if (json_is_number(peak) && json_number_value(peak) > 0)
		machine->dram_gbps = json_number_value(peak);
	machine_text(machine, "environment.memory.dram_peak_source", machine->dram_source);
}

/* A manifest of a later version may mean something else by the same words. */
static int check_schema(const struct machine *machine, const char *path, struct err *e)
{
	const json_t *schema = json_object_get(machine->manifest, "schema");
	json_int_t version = json_integer_value(schema);

	if (!schema || (json_is_integer(schema) && version >= 1 && version <= RESULT_SCHEMA))
		return 0;
	if (version > RESULT_SCHEMA)
		return err_set(e, EINVAL,
		               "%s: schema %" JSON_INTEGER_FORMAT
		               " is newer than this program, which reads up to %d: use a newer "
		               "sevbench",
		               path, version, RESULT_SCHEMA);
	return err_set(e, EINVAL, "%s: its schema is no version", path);
}

int machine_read(struct machine *machine, const char *directory, struct err *e)
{
	struct err why = {""};
	char *path;
	int rc;

	*machine = (struct machine){0};
	if (asprintf(&path, "%s/manifest.json", directory) < 0)
		return err_set(e, ENOMEM, "no memory for the name of a manifest");
	rc = json_file_read(path, &machine->manifest, &why);
	if (rc == -ENOENT || rc == -ENOTDIR) /* of samples alone, which is no fault */
		rc = 0;
	else if (rc)
		err_set(e, -rc, "%s", why.text);
	else
		rc = check_schema(machine, path, e);
	if (rc)
		machine_free(machine);
	take_caches(machine);
	take_dram(machine);
	free(path);
	return rc;
}

void machine_free(struct machine *machine)
{
	json_decref(machine->manifest);
	*machine = (struct machine){0};
}
