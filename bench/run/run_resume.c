/* SPDX-License-Identifier: MIT */
#include "bench/run/run_resume.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/json_file.h"
#include "bench/run/manifest.h"
#include "harness/version.h"

/* The words of the first command line; they live as long as the manifest. */
static int take_command(struct run *run, struct run_options *o, struct err *e)
{
	const json_t *words = json_object_get(run->manifest, "command");
	size_t count = json_array_size(words);

	run->command = calloc(count + 1, sizeof(*run->command));
	if (!run->command)
		return err_set(e, ENOMEM, "no memory for the command line");
	for (size_t i = 0; i < count; i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (!word)
			return err_set(e, EINVAL, "the manifest holds no command line");
		run->command[i] = (char *)word;
	}
	if (!count)
		return err_set(e, EINVAL, "the manifest holds no command line");
	return run_options_parse((int)count, run->command, o, e);
}

static int check_manifest(const json_t *manifest, struct err *e)
{
	const char *version = json_string_value(json_object_get(manifest, "sevbench"));
	const char *state = json_string_value(json_object_get(manifest, "state"));

	if (!version || !state || !json_is_integer(json_object_get(manifest, "seed")))
		return err_set(e, EINVAL, "its manifest.json is none of a run");
	if (strcmp(version, SEVBENCH_VERSION) != 0)
		return err_set(
		        e, EINVAL,
		        "it was begun by sevbench %s, and this is %s: rows of two versions do "
		        "not mix",
		        version, SEVBENCH_VERSION);
	if (json_integer_value(json_object_get(manifest, "schema")) != RESULT_SCHEMA)
		return err_set(e, EINVAL,
		               "its rows are of schema %" JSON_INTEGER_FORMAT
		               ", and this program writes %d: rows of two schemas do not mix",
		               json_integer_value(json_object_get(manifest, "schema")),
		               RESULT_SCHEMA);
	if (!strcmp(state, "complete"))
		return err_set(e, EINVAL, "it is complete: there is nothing to go on with");
	return 0;
}

int run_resume_options(struct run *run, struct run_options *o, struct err *e)
{
	const char *directory = o->resume;
	char path[PATH_MAX], now[32];
	int rc;

	snprintf(path, sizeof(path), "%s/manifest.json", directory);
	if (json_file_read(path, &run->manifest, e))
		return err_wrap(e, -EINVAL, "cannot go on with %s", directory);
	rc = check_manifest(run->manifest, e);
	if (!rc)
		rc = take_command(run, o, e);
	if (rc)
		return err_wrap(e, rc, "cannot go on with %s", directory);
	o->out = directory;
	o->seed = (uint64_t)json_integer_value(json_object_get(run->manifest, "seed"));
	manifest_time(now);
	json_object_set_new(run->manifest, "state", json_string("running"));
	json_object_del(run->manifest, "error");
	if (!json_object_get(run->manifest, "resumed"))
		json_object_set_new(run->manifest, "resumed", json_array());
	json_array_append_new(json_object_get(run->manifest, "resumed"), json_string(now));
	return 0;
}

int run_resume_suite(struct run *run, struct err *e)
{
	const json_t *suite = json_object_get(run->manifest, "suite");
	const char *name = json_string_value(json_object_get(suite, "name"));
	const char *text = json_string_value(json_object_get(suite, "text"));

	if (!name || !text)
		return err_set(e, EINVAL, "the manifest of %s holds no suite", run->options->out);
	return suite_from_text(name, text, run->options->vm.cpus, &run->suite, e);
}

int run_resume_check(const struct run *run, struct err *e)
{
	const json_t *platforms = json_object_get(run->manifest, "platforms");

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		const json_t *before = json_object_get(platforms, target_name(t));

		if (run->targets[t].here && run->targets[t].wanted && !before)
			return err_set(e, EINVAL,
			               "cannot go on with %s: this machine shows itself as %s, and "
			               "what began the run showed itself as something else",
			               run->options->out, target_name(t));
		if (run->targets[t].wanted && !run->targets[t].launch &&
		    json_is_true(json_object_get(before, "launched")))
			return err_set(e, EINVAL,
			               "cannot go on with %s: %s could be measured when the run "
			               "began, and now it cannot: %s",
			               run->options->out, target_name(t), run->targets[t].reason);
	}
	return 0;
}

/* They are planned like cells that never ran. */
void run_resume_say(struct run *run)
{
	size_t cells = run->journal.dropped;
	json_int_t before = json_integer_value(json_object_get(run->manifest, "cells_dropped"));

	if (!cells)
		return;
	progress_say(&run->progress,
	             "%zu cells are measured again: the run was killed before the pages of their "
	             "guest's memory were looked at",
	             cells);
	json_object_set_new(run->manifest, "cells_dropped",
	                    json_integer(before + (json_int_t)cells));
}

/* As it was: what the host has to spare may be something else by now. */
void run_resume_memory(struct run *run)
{
	const json_t *guests = json_object_get(run->manifest, "guests");

	run->vm.memory = (uint64_t)json_integer_value(json_object_get(guests, "memory_bytes"));
	run->vm.huge_2m = (unsigned)json_integer_value(json_object_get(guests, "huge_2m"));
	run->vm.huge_1g = (unsigned)json_integer_value(json_object_get(guests, "huge_1g"));
}
