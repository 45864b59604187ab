/* SPDX-License-Identifier: MIT */
#include "bench/run/run_manifest.h"

#include <errno.h>

#include "bench/run/manifest.h"
#include "bench/run/run_design.h"
#include "harness/threats.h"
#include "harness/utf8.h"
#include "harness/version.h"

/* The speed of the memory that the command line states, in the place of what was found. */
static void put_peak(json_t *environment, double gbps)
{
	json_t *memory = json_object_get(environment, "memory");
	json_t *unknown = json_object_get(environment, "unknown");

	json_object_set_new(memory, "dram_peak_gbps", json_real(gbps));
	json_object_set_new(memory, "dram_peak_source", json_string("--dram-peak"));
	json_object_del(unknown, "memory.dram_peak_gbps");
	json_object_del(unknown, "memory.dram_peak_source");
}

/* The lines of the suite that this machine cannot size, and why. */
static void put_left_out(struct run *run)
{
	json_t *lines = json_array();

	for (size_t i = 0; i < run->suite.left_out_count; i++)
		json_array_append_new(lines, utf8_json(run->suite.left_out[i]));
	json_object_set_new(json_object_get(run->manifest, "suite"), "left_out", lines);
}

int run_manifest_begin(struct run *run, struct err *e)
{
	char now[32];
	json_t *environment;
	json_error_t why;
	int rc;

	if (run->manifest) /* that of the run which goes on */
		return 0;
	rc = manifest_environment(&environment, e);
	if (rc)
		return rc;
	if (run->options->dram_peak > 0)
		put_peak(environment, run->options->dram_peak);
	manifest_time(now);
	run->manifest = json_pack_ex(
	        &why, 0,
	        "{s:i,s:s,s:o,s:s,s:s,s:o,s:{s:o,s:s,s:i},s:I,s:i,s:o,s:{s:I,s:i,s:i},s:o,s:[],"
	        "s:[],s:[]}",
	        "schema", RESULT_SCHEMA, "sevbench", SEVBENCH_VERSION, "run", utf8_json(run->name),
	        "begun", now, "state", "running", "command", manifest_command(run->argc, run->argv),
	        "suite", "name", utf8_json(run->suite.name), "text", run->suite.text, "cells",
	        (int)run->suite.count, "seed", (json_int_t)run->options->seed, "rounds",
	        (int)run->rounds, "platforms", run_target_describe(run->targets), "guests",
	        "memory_bytes", (json_int_t)run->vm.memory, "huge_2m", (int)run->vm.huge_2m,
	        "huge_1g", (int)run->vm.huge_1g, "environment", environment, "launches", "failures",
	        "disturbed");
	if (!run->manifest)
		return err_set(e, EINVAL, "cannot make a manifest of the run: %s", why.text);
	json_object_set_new(run->manifest, "threats", threats_find("", &run->place));
	put_left_out(run);
	run_design_note(run);
	return manifest_write(run->directory, run->manifest, e);
}

int run_manifest_end(struct run *run, int rc, const struct err *why, struct err *e)
{
	char now[32];

	manifest_time(now);
	json_object_set_new(run->manifest, "ended", json_string(now));
	json_object_set_new(run->manifest, "state",
	                    json_string(!rc            ? "complete"
	                                : rc == -EINTR ? "interrupted"
	                                               : "failed"));
	json_object_set_new(run->manifest, "rows", json_integer((json_int_t)run->collect.rows));
	if (rc)
		json_object_set_new(run->manifest, "error", utf8_json(why->text));
	return manifest_write(run->directory, run->manifest, e);
}
