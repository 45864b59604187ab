/* SPDX-License-Identifier: MIT */
#include "analysis/decide/libc_ways.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/text.h"

/* The section "libc" of an environment in one line. */
static void describe(const json_t *libc, char text[LIBC_WAYS_TEXT])
{
	const char *version = json_string_value(json_object_get(libc, "version"));
	json_t *thresholds = json_object_get(libc, "thresholds"), *value;
	const char *key, *before = " (";

	if (!version)
		return;
	snprintf(text, LIBC_WAYS_TEXT, "glibc %.16s", version);
	json_object_foreach (thresholds, key, value) {
		text_add(text, LIBC_WAYS_TEXT, "%s%.*s ", before,
		         (int)(strstr(key, "_threshold") ? strstr(key, "_threshold") - key : 32),
		         key);
		if (json_is_integer(value))
			text_add(text, LIBC_WAYS_TEXT, "%lld",
			         (long long)json_integer_value(value));
		else
			text_add(text, LIBC_WAYS_TEXT, "never");
		before = ", ";
	}
	if (*before == ',')
		text_add(text, LIBC_WAYS_TEXT, ")");
}

/* A launch without an environment of its own is of the machine itself. */
static void take_launches(const json_t *manifest, struct libc_ways *ways)
{
	const json_t *launches = json_object_get(manifest, "launches"), *launch;
	size_t i;

	json_array_foreach (launches, i, launch) {
		const char *name = json_string_value(json_object_get(launch, "platform"));
		const json_t *environment = json_object_get(launch, "environment");
		unsigned target;

		if (!environment)
			environment = json_object_get(manifest, "environment");
		if (name && !target_parse(name, &target, NULL) && !ways->text[target][0])
			describe(json_object_get(environment, "libc"), ways->text[target]);
	}
}

int libc_ways_apply(struct summary *summary, const struct machine *machines, size_t count,
                    struct err *e)
{
	struct libc_ways *ways = calloc(count + 1, sizeof(*ways));

	if (!ways)
		return err_set(e, ENOMEM, "no memory for the C libraries of %zu results", count);
	for (size_t i = 0; i < count; i++)
		take_launches(machines[i].manifest, &ways[i]);
	free(summary->libc);
	summary->libc = ways;
	summary->libc_count = count;
	return 0;
}

/* The first way in the sources of `row` that is known and not `first`, which is set where it is
 * NULL; NULL: there is none. */
static const char *find_other(const struct summary *summary, const struct summary_row *row,
                              const char **first)
{
	for (size_t i = 0; i < row->group_count; i++) {
		uint32_t source = summary->samples->groups[row->first_group + i].key.source;
		const char *text;

		if (source >= summary->libc_count)
			continue;
		text = summary->libc[source].text[row->platform];
		if (!*first && *text)
			*first = text;
		else if (*text && strcmp(*first, text) != 0)
			return text;
	}
	return NULL;
}

bool libc_ways_apart(const struct summary *summary, const struct summary_row *row,
                     const struct summary_row *reference, char why[256])
{
	const struct samples *s = summary->samples;
	const char *first = NULL, *other;

	if (strncmp(samples_text(s, s->cells[row->cell].key.variant), "libc", 4) != 0)
		return false;
	other = find_other(summary, reference, &first);
	if (!other)
		other = find_other(summary, row, &first);
	if (other)
		snprintf(why, 256, "not comparable: libc goes other ways, by %.100s and by %.100s",
		         first, other);
	return other != NULL;
}
