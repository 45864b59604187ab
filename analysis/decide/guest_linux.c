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

/* The first two Linuxes, by version and patch level, of encrypted guests. */
static void note_mixed(struct summary *summary, char first[32], const json_t *launch)
{
	const char *name = json_string_value(json_object_get(launch, "platform"));
	char release[32];
	size_t size;
	unsigned target;

	if (*summary->mixed_linux || !name || target_parse(name, &target, NULL) ||
	    !sev_traits(target_platform(target))->memory_encrypted)
		return;
	guest_linux_release(launch, release);
	size = strspn(release, "0123456789");
	if (release[size] == '.')
		size += 1 + strspn(release + size + 1, "0123456789");
	release[size] = '\0';
	if (!*first)
		memcpy(first, release, sizeof(release));
	else if (*release && strcmp(first, release) != 0)
		snprintf(summary->mixed_linux, sizeof(summary->mixed_linux), "%s and %s", first,
		         release);
}

/*
 * Linux 6.1 converts a block of 2 MiB page by page, in 6 exits and with 1024 PVALIDATE a round
 * trip, where 6.12 has 2 exits and 2 PVALIDATE; and of as many pages that are no block 6.1 asks for
 * 253 in one exit, 6.12 for 64 (counted in emulated SNP guests, tests/bench/guest_paths.sh). Rows
 * without parameters are older than the number of pages: "2m" was always a block.
 */
static bool converts_a_block(const char *variant, const char *params)
{
	return *params ? !strcmp(params, "pages_converted=512") : !strncmp(variant, "2m", 2);
}

bool guest_linux_apart(const struct summary *summary, const struct summary_row *row, char why[256])
{
	const struct samples *s = summary->samples;
	const struct samples_cell_key *key = &s->cells[row->cell].key;

	if (!*summary->mixed_linux || strcmp(samples_text(s, key->kernel), "convert") != 0 ||
	    !converts_a_block(samples_text(s, key->variant), samples_text(s, key->params)))
		return false;
	snprintf(
	        why, 256,
	        "not comparable: encrypted guests ran Linux %s, and converting 2 MiB is other work "
	        "on each (other pieces on 6.1)",
	        summary->mixed_linux);
	return true;
}

int guest_linux_apply(struct summary *summary, const struct machine *machines, size_t count,
                      struct err *e)
{
	struct switches switches;
	char first[32] = "";
	int rc = switches_load(&switches, e);

	summary->other_linux[0] = summary->mixed_linux[0] = '\0';
	for (size_t m = 0; m < count && !rc; m++) {
		const json_t *launches = json_object_get(machines[m].manifest, "launches");
		json_t *launch;
		size_t i;

		json_array_foreach (launches, i, launch) {
			check_launch(summary, &switches, launch);
			note_mixed(summary, first, launch);
		}
	}
	switches_free(&switches);
	return rc;
}
