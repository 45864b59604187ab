/* SPDX-License-Identifier: MIT */
#include "bench/run/run_resume.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/json_file.h"
#include "bench/run/manifest.h"
#include "harness/folder.h"
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

/*
 * What is started, booted or loaded. A manifest may come from anywhere: it says what a run was
 * begun with, and never what is run. That is named by the command line, or found by this host's own
 * search as without the option.
 */
static const struct program {
	const char *option;
	size_t at;        /* in the spec of a guest: a string */
	const char *word; /* stands for what this host has, and is no file */
} programs[] = {
        {"--qemu", offsetof(struct vm_spec, qemu), NULL},
        {"--firmware", offsetof(struct vm_spec, firmware), "default"},
        {"--guest-kernel", offsetof(struct vm_spec, kernel), "auto"},
        {"--guest-modules", offsetof(struct vm_spec, modules), NULL},
};

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

/* NULL: not named, or by the word that is no file. */
static const char *named(const struct vm_spec *vm, const struct program *p)
{
	const char *name;

	memcpy(&name, (const char *)vm + p->at, sizeof(name));
	return name && p->word && !strcmp(name, p->word) ? NULL : name;
}

static bool is_same(const char *a, const char *b)
{
	char whole[2][PATH_MAX];

	return !strcmp(a, b) ||
	       (realpath(a, whole[0]) && realpath(b, whole[1]) && !strcmp(whole[0], whole[1]));
}

/* `vm` is as the manifest has it, `now` as this command line has it, which takes its place. */
static int check_programs(const char *directory, const struct vm_spec *now, struct vm_spec *vm,
                          struct err *e)
{
	for (size_t i = 0; i < PROGRAMS; i++) {
		const struct program *p = &programs[i];
		const char *then = named(vm, p), *here = named(now, p);

		if (!then && !here)
			continue;
		if (!here)
			return err_set(e, EINVAL,
			               "its manifest names %s %.200s, and what a manifest names is "
			               "not run: name it yourself, 'sevbench run --resume %s %s "
			               "%.200s'",
			               p->option, then, directory, p->option, then);
		if (!then)
			return err_set(e, EINVAL, "it was begun without %s: leave it out",
			               p->option);
		if (!is_same(then, here))
			return err_set(e, EINVAL,
			               "it was begun with %s %.200s, and not with %.200s: rows of "
			               "both do not mix",
			               p->option, then, here);
		memcpy((char *)vm + p->at, &here, sizeof(here));
	}
	return 0;
}

void run_resume_put_command(const struct run_options *o, const char *directory, FILE *out)
{
	fprintf(out, "sevbench run --resume %s", directory);
	for (size_t i = 0; i < PROGRAMS; i++) {
		const char *name = named(&o->vm, &programs[i]);

		if (name)
			fprintf(out, " %s %s", programs[i].option, name);
	}
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
	const struct vm_spec here = o->vm; /* the rest of `o` becomes the manifest's */
	char path[PATH_MAX], now[32];
	int rc;

	snprintf(path, sizeof(path), "%s/manifest.json", directory);
	rc = folder_check_own(directory, e);
	if (rc)
		return err_wrap(e, rc, "cannot go on with %s", directory);
	if (json_file_read(path, &run->manifest, e))
		return err_wrap(e, -EINVAL, "cannot go on with %s", directory);
	rc = check_manifest(run->manifest, e);
	if (!rc)
		rc = take_command(run, o, e);
	if (!rc)
		rc = check_programs(directory, &here, &o->vm, e);
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
