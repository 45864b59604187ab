/* SPDX-License-Identifier: MIT */
#include "bench/cmd/beside_results.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/decide/neighbours.h"
#include "analysis/read/json_file.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "bench/cmd/beside.h"

/* Guests that ran side by side for less of their time than this say little of neighbours. */
#define TOGETHER_LEAST 0.9

_Static_assert(NEIGHBOURS_MAX >= VM_GUESTS_MAX, "a guest without a place");

/* A file of rows, where it is there. */
static int add(struct beside_results *r, const char *folder, unsigned side, struct err *e)
{
	struct load_path *more;
	char *path;

	if (asprintf(&path, "%s/output", folder) < 0)
		return err_set(e, ENOMEM, "no memory for the names of results");
	if (access(path, F_OK)) {
		free(path);
		return 0;
	}
	more = realloc(r->paths, (r->count + 1) * sizeof(*more));
	if (!more) {
		free(path);
		return err_set(e, ENOMEM, "no memory for the names of results");
	}
	r->paths = more;
	r->paths[r->count++] = (struct load_path){.path = path, .side = side};
	return 0;
}

/* Guests that were not at it at the same time are no neighbours: a report says how long they were.
 */
static void add_meeting(struct beside_results *r, const char *folder)
{
	char path[PATH_MAX + 32];
	json_t *report;
	const json_t *cells;

	snprintf(path, sizeof(path), "%s/guest0/report.json", folder);
	if (json_file_read(path, &report, NULL))
		return;
	cells = json_object_get(json_object_get(report, "guests"), "cells_together");
	for (size_t i = 0; i < json_array_size(cells); i++) {
		double together = json_number_value(json_array_get(cells, i));

		r->cells++;
		r->apart += together < TOGETHER_LEAST;
		r->least = together < r->least ? together : r->least;
	}
	json_decref(report);
}

static int add_launches(struct beside_results *r, const char *directory, unsigned round,
                        unsigned target, struct err *e)
{
	char path[PATH_MAX], folder[PATH_MAX + 32];
	int rc = beside_path(path, directory, round, target, "alone", e);

	if (!rc)
		rc = add(r, path, NEIGHBOURS_ALONE, e);
	if (!rc)
		rc = beside_path(path, directory, round, target, "beside", e);
	if (rc)
		return rc;
	for (unsigned g = 0; g < r->guests && !rc; g++) {
		snprintf(folder, sizeof(folder), "%s/guest%u", path, g);
		rc = add(r, folder, g, e);
	}
	add_meeting(r, path);
	return rc;
}

static int read_manifest(const char *directory, struct beside_results *r, struct err *e)
{
	char path[PATH_MAX];
	json_int_t guests, rounds;

	snprintf(path, sizeof(path), "%s/manifest.json", directory);
	if (json_file_read(path, &r->manifest, e) == -EINVAL)
		return -EINVAL;
	guests = json_integer_value(json_object_get(r->manifest, "guests"));
	rounds = json_integer_value(json_object_get(r->manifest, "rounds"));
	if (json_integer_value(json_object_get(r->manifest, "neighbours")) != BESIDE_SCHEMA ||
	    guests < 2 || guests > VM_GUESTS_MAX || rounds < 1 || rounds > 1000)
		return err_set(e, EINVAL,
		               "%s is no directory that `sevbench neighbours --guests N` wrote (by "
		               "its manifest.json); to measure, say how many guests by --guests",
		               directory);
	r->guests = (unsigned)guests;
	r->rounds = (unsigned)rounds;
	return 0;
}

int beside_results_open(const char *directory, struct beside_results *r, struct err *e)
{
	int rc;

	*r = (struct beside_results){.least = 1};
	rc = read_manifest(directory, r, e);
	for (unsigned round = 1; !rc && round <= r->rounds; round++) {
		for (unsigned t = 0; !rc && t < TARGET_COUNT; t++)
			rc = add_launches(r, directory, round, t, e);
	}
	if (!rc && !r->count)
		rc = err_set(e, ENODATA, "%s holds no launch that ended well", directory);
	if (rc)
		beside_results_free(r);
	return rc;
}

void beside_results_free(struct beside_results *r)
{
	for (size_t i = 0; i < r->count; i++)
		free((char *)r->paths[i].path);
	free(r->paths);
	json_decref(r->manifest);
	*r = (struct beside_results){0};
}

/* A line of its own, as wide as the tables. */
static void say(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(FILE *out, const char *fmt, ...)
{
	char text[1280];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	notes_wrap(out, text, 0, 2, TABLE_WIDTH);
}

static void say_state(const struct beside_results *r, FILE *out)
{
	const char *state = json_string_value(json_object_get(r->manifest, "state"));
	json_t *platforms = json_object_get(r->manifest, "platforms"), *platform;
	const char *name;

	if (state && strcmp(state, "complete") != 0)
		say(out, "The measurement is not complete (%s): what is whole is shown.",
		    strcmp(state, "running") != 0 ? state : "it runs, or was killed");
	json_object_foreach (platforms, name, platform) {
		const char *reason = json_string_value(json_object_get(platform, "reason"));

		if (reason)
			say(out, "%s was not measured: %s.", name, reason);
	}
}

/* Launches that ended well while others used the CPUs. */
static void say_disturbed(const struct beside_results *r, FILE *out)
{
	const json_t *launches = json_object_get(r->manifest, "launches"), *launch;
	size_t disturbed = 0, whole = 0;

	for (size_t i = 0; i < json_array_size(launches); i++) {
		launch = json_array_get(launches, i);
		if (!json_is_true(json_object_get(launch, "whole")))
			continue;
		whole++;
		disturbed += json_object_get(launch, "disturbed") != NULL;
	}
	if (disturbed)
		say(out,
		    "%zu of %zu launches were disturbed: others, or the hypervisor, used their "
		    "CPUs. Nothing was dropped; manifest.json names them.",
		    disturbed, whole);
}

void beside_results_say(const struct beside_results *r, FILE *out)
{
	say_state(r, out);
	say_disturbed(r, out);
	if (!r->cells)
		say(out, "Nothing says how long the guests ran side by side: the figures may be "
		         "of guests alone.");
	else if (r->apart)
		say(out,
		    "In %zu of %zu cells and rounds the guests ran side by side for less than "
		    "%.0f %% of the time, in the worst for %.0f %%: their figures are partly of "
		    "guests alone.",
		    r->apart, r->cells, TOGETHER_LEAST * 100, r->least * 100);
	else
		say(out,
		    "The guests ran side by side for at least %.0f %% of the time of every "
		    "cell.",
		    r->least * 100);
}
