/* SPDX-License-Identifier: MIT */
#include "analysis/decide/unlike.h"

#include <stdio.h>
#include <string.h>

#include "harness/text.h"

#define FACT 96

/* Where the manifest says it: at a path of itself, or of the launches of its guests. */
static const struct fact {
	const char *name, *path;
	bool launch;
} facts[] = {
        {"processor", "environment.cpu.model_name", false},
        {"stepping of the processor", "environment.cpu.stepping", false},
        {"microcode", "environment.cpu.microcode", false},
        {"version of sevbench", "sevbench", false},
        {"Linux of the host", "environment.linux.release", false},
        {"version of that Linux", "environment.linux.version", false},
        {"BIOS", "environment.linux.firmware_version", false},
        {"C library", "environment.libc.version", false},
        {"QEMU", "guest.qemu.version", true},
        {"Linux of the guests", "environment.linux.release", true},
        {"version of that Linux", "environment.linux.version", true},
        {"firmware of the guests", "environment.linux.firmware_version", true},
        {"C library of the guests", "environment.libc.version", true},
        {"processor of the guests", "environment.cpu.model_name", true},
};

/* The text at a path of an object, or "". */
static const char *text_at(const json_t *object, const char *path, char text[FACT])
{
	char key[FACT];

	text[0] = '\0';
	while (object && *path) {
		size_t size = strcspn(path, ".");

		snprintf(key, sizeof(key), "%.*s", (int)size, path);
		object = json_object_get(object, key);
		path += size + (path[size] == '.');
	}
	if (json_is_string(object))
		snprintf(text, FACT, "%s", json_string_value(object));
	else if (json_is_integer(object))
		snprintf(text, FACT, "%lld", (long long)json_integer_value(object));
	return text;
}

/* The first launch of a platform. */
static const json_t *launch_of(const json_t *manifest, const char *platform)
{
	const json_t *launches = json_object_get(manifest, "launches");
	const char *name;
	json_t *launch;
	size_t i;

	json_array_foreach (launches, i, launch) {
		name = json_string_value(json_object_get(launch, "platform"));
		if (name && platform && !strcmp(name, platform))
			return launch;
	}
	return NULL;
}

/* Do both say it, and not the same? */
static bool differs(const json_t *a, const json_t *b, const char *path, char one[FACT],
                    char other[FACT])
{
	return *text_at(a, path, one) && *text_at(b, path, other) && strcmp(one, other) != 0;
}

/* Of launches those of the same platform are compared. */
static bool fact_differs(const struct fact *fact, const json_t *a, const json_t *b, char one[FACT],
                         char other[FACT])
{
	const json_t *launches = json_object_get(a, "launches");
	json_t *launch;
	size_t i;

	if (!fact->launch)
		return differs(a, b, fact->path, one, other);
	json_array_foreach (launches, i, launch) {
		const char *name = json_string_value(json_object_get(launch, "platform"));

		if (differs(launch, launch_of(b, name), fact->path, one, other))
			return true;
	}
	return false;
}

/* The first pair of results that a fact tells apart: on sides of their own if there is one. */
static bool find_pair(const struct summary *summary, const struct fact *fact,
                      const struct machine *machines, size_t count, bool sides, size_t pair[2],
                      char one[FACT], char other[FACT])
{
	const struct samples_source *sources = summary->samples->sources;

	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count; k++) {
			if (machines[i].snp_off || machines[k].snp_off ||
			    (sources[i].side != sources[k].side) != sides)
				continue;
			pair[0] = i;
			pair[1] = k;
			if (fact_differs(fact, machines[i].manifest, machines[k].manifest, one,
			                 other))
				return true;
		}
	return false;
}

/* " (X before, Y now)" of sides, " (X in PATH, Y in PATH)" of results that are rounds of one. */
static void add_fact(char *text, const struct summary *summary, const struct machine *machines,
                     bool sides, const size_t pair[2], const char *const values[2])
{
	for (int i = 0; i < 2; i++) {
		const char *before = i ? ", " : " (";

		if (sides)
			text_add(text, SUMMARY_UNLIKE, "%s%.48s %s", before, values[i],
			         summary->samples->sources[pair[i]].side ? "before" : "now");
		else
			text_add(text, SUMMARY_UNLIKE, "%s%.48s in %.60s", before, values[i],
			         machines[pair[i]].path);
	}
	text_add(text, SUMMARY_UNLIKE, ")");
}

/* One sentence: of what is compared with one another, or of what counts as rounds of one thing. */
static void tell(struct summary *summary, const struct machine *machines, size_t count, bool sides)
{
	const char *before = sides ? "Before and now differ in more than time: "
	                           : "These results were not all measured on the same: ";
	size_t length = strlen(summary->unlike);
	char one[FACT], other[FACT];
	size_t pair[2];

	if (length)
		text_add(summary->unlike, SUMMARY_UNLIKE, " ");
	for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
		if (!find_pair(summary, &facts[i], machines, count, sides, pair, one, other))
			continue;
		text_add(summary->unlike, SUMMARY_UNLIKE, "%s%s", before, facts[i].name);
		add_fact(summary->unlike, summary, machines, sides, pair,
		         (const char *const[]){one, other});
		before = ", ";
	}
	if (*before == ',')
		text_add(summary->unlike, SUMMARY_UNLIKE,
		         ". A difference between them may be of that.");
	else
		summary->unlike[length] = '\0';
}

void unlike_apply(struct summary *summary, const struct machine *machines, size_t count)
{
	summary->unlike[0] = '\0';
	tell(summary, machines, count, true);
	tell(summary, machines, count, false);
}
