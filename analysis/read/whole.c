/* SPDX-License-Identifier: MIT */
#include "analysis/read/whole.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "harness/target.h"

static bool has_launch(const struct samples *s, uint32_t source, unsigned target, unsigned round)
{
	for (size_t i = 0; i < s->group_count; i++) {
		const struct samples_group_key *key = &s->groups[i].key;

		if (key->source == source && key->round == round &&
		    target_platform(key->platform) == target_platform(target))
			return true;
	}
	return false;
}

/* ": nothing is there of snp, round 3, and of 2 more launches"; "" where something is of all. */
static void say_launches(const struct samples *s, uint32_t source, const struct machine *machine,
                         char *text, size_t size)
{
	const json_t *launches = json_object_get(machine->manifest, "launches"), *launch;
	size_t missing = 0, i;
	char first[64] = "";

	json_array_foreach (launches, i, launch) {
		const char *name = json_string_value(json_object_get(launch, "platform"));
		unsigned round = (unsigned)json_integer_value(json_object_get(launch, "round"));
		unsigned target;

		if (!name || target_parse(name, &target, NULL) ||
		    has_launch(s, source, target, round))
			continue;
		if (!missing++)
			snprintf(first, sizeof(first), ", nothing is there of %s, round %u",
			         target_name(target), round);
	}
	if (missing > 1)
		snprintf(text, size, "%s, and of %zu more launches", first, missing - 1);
	else
		snprintf(text, size, "%s", first);
}

int whole_check(const struct samples *s, uint32_t source, const struct machine *machine,
                struct err *e)
{
	const json_t *rows = json_object_get(machine->manifest, "rows");
	uint64_t counted = (uint64_t)json_integer_value(rows);
	uint64_t there = s->sources[source].rows + s->sources[source].bad_rows;
	const char *path = s->sources[source].path;
	char launches[128];

	if (!json_is_integer(rows) || counted == there)
		return 0;
	if (counted < there)
		return err_set(e, ENODATA,
		               "%s holds %" PRIu64 " rows, %" PRIu64
		               " more than its manifest.json counts: they are not of that run",
		               path, there, there - counted);
	say_launches(s, source, machine, launches, sizeof(launches));
	return err_set(e, ENODATA,
	               "%s holds %" PRIu64 " of the %" PRIu64
	               " rows that its manifest.json counts%s: it was cut, or copied in part",
	               path, there, counted, launches);
}
