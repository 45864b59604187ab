/* SPDX-License-Identifier: MIT */
#include "analysis/decide/guest_linux.h"

#include <stdio.h>
#include <string.h>

#include "analysis/decide/switches.h"

const char *guest_linux_release(const json_t *launch, char release[32])
{
	const json_t *system = json_object_get(json_object_get(launch, "environment"), "linux");
	const char *text = json_string_value(json_object_get(system, "release"));
	const char *version = json_string_value(json_object_get(system, "version"));
	const char *debian = version ? strstr(version, "Debian ") : NULL;

	if (debian)
		text = debian + strlen("Debian ");
	snprintf(release, 32, "%.*s", text ? (int)strcspn(text, " ") : 0, text ? text : "");
	return release;
}

static bool ran(const struct summary *summary, const char *kernel, unsigned target)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->rounds && row->platform == target &&
		    !strcmp(samples_text(s, s->cells[row->cell].key.kernel), kernel))
			return true;
	}
	return false;
}

static void check_launch(struct summary *summary, const struct switches *switches,
                         const json_t *launch)
{
	const char *name = json_string_value(json_object_get(launch, "platform"));
	char release[32];
	unsigned target;

	if (!name || target_parse(name, &target, NULL) || !sev_traits(target_platform(target))->vc)
		return;
	guest_linux_release(launch, release);
	for (size_t i = 0; i < switches->count && !*summary->other_linux; i++) {
		const struct switches_row *row = &switches->rows[i];

		if (!switches_read_for(row, release) && ran(summary, row->kernel, target))
			snprintf(
			        summary->other_linux, sizeof(summary->other_linux),
			        "%s ran Linux %s, and what is expected of %s there was read for "
			        "%s (analysis/reference/switches.csv): its exits and its parts may "
			        "be others.",
			        name, release, row->kernel, row->releases);
	}
}

int guest_linux_apply(struct summary *summary, const struct machine *machines, size_t count,
                      struct err *e)
{
	struct switches switches;
	int rc = switches_load(&switches, e);

	summary->other_linux[0] = '\0';
	for (size_t m = 0; m < count && !rc; m++) {
		const json_t *launches = json_object_get(machines[m].manifest, "launches");
		json_t *launch;
		size_t i;

		json_array_foreach (launches, i, launch) {
			check_launch(summary, &switches, launch);
		}
	}
	switches_free(&switches);
	return rc;
}
