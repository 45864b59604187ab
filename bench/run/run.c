/* SPDX-License-Identifier: MIT */
#include "bench/run/run.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/cmd/cmd.h"
#include "bench/run/manifest.h"
#include "bench/run/show.h"
#include "bench/select/suite_time.h"
#include "harness/mem_available.h"
#include "harness/place_choose.h"
#include "harness/threats.h"
#include "harness/units.h"
#include "harness/version.h"
#include "vmrun/system/home.h"

/* --- before anything starts ------------------------------------------------------------------ */

static unsigned most_threads(const struct suite *suite)
{
	unsigned most = 1;

	for (size_t i = 0; i < suite->count; i++) {
		if (suite->cells[i].cell.threads > most)
			most = suite->cells[i].cell.threads;
	}
	return most;
}

static int check_native(struct run *run, struct err *e)
{
	return place_choose(most_threads(&run->suite), run->options->vm.cpus, &run->place, e);
}

struct vm_spec run_guest_spec(const struct run *run, unsigned target)
{
	struct vm_spec spec = run->vm;

	spec.platform = target_platform(target);
	target_pages(target, &spec.backing);
	return spec;
}

/* The host pages of a target's rows: SNP's private memory has 4 KiB ones whatever backs it. */
static const char *host_pages(const struct run *run, unsigned target)
{
	struct vm_spec spec = run_guest_spec(run, target);

	if (spec.platform == PLATFORM_NATIVE)
		return NULL;
	return mem_pages_name(spec.platform == PLATFORM_SNP ? MEM_4K : spec.backing);
}

static int check_target(struct run *run, unsigned target, struct err *e)
{
	struct vm_spec spec = run_guest_spec(run, target);

	return run_target_check(&spec, &run->targets[target], e);
}

/*
 * SNP memory is mapped with 4 KiB pages while a plain guest may sit on huge ones: where SNP is
 * measured and nobody chose, the plain guest is measured on both, so that the difference between
 * pages does not pass for one of encryption.
 */
static void add_huge_nosev(struct run *run)
{
	const unsigned target = target_on(PLATFORM_NOSEV, MEM_THP);
	struct err ignored;

	if (run->options->targets_given || run->vm.backing != MEM_4K ||
	    !run->targets[PLATFORM_SNP].launch)
		return;
	check_target(run, target, &ignored);
	run->targets[target].wanted = run->targets[target].launch;
}

/* Which targets run here; a wrong request is an error, an inability is a reason in the rows. */
static int check_targets(struct run *run, struct err *e)
{
	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		int rc = 0;

		run->targets[t].wanted = run->options->target[t];
		if (t == PLATFORM_NATIVE)
			run->targets[t].launch = run->targets[t].wanted;
		else if (run->targets[t].wanted)
			rc = check_target(run, t, e);
		if (rc)
			return rc;
	}
	add_huge_nosev(run);
	run_target_firmware(run->targets, &run->vm);
	return 0;
}

static int prepare(struct run *run, struct err *e)
{
	const struct run_options *o = run->options;
	char folder[PATH_MAX];
	int rc = run->command ? run_resume_suite(run, e)
	                      : suite_load(o->suite, o->vm.cpus, &run->suite, e);

	if (!rc && o->kernels)
		rc = suite_filter(&run->suite, o->kernels, e);
	if (rc)
		return rc;
	run->rounds = o->rounds ? o->rounds : run->suite.rounds;
	run->order = calloc(run->suite.count, sizeof(*run->order));
	rc = home_find("bin", folder, e);
	if (rc)
		return rc;
	run->programs = strdup(folder);
	if (!run->order || !run->programs)
		return err_set(e, ENOMEM, "no memory for the plan");
	run->vm = o->vm;
	run->vm.vcpus = most_threads(&run->suite);
	if (run->command)
		run_resume_memory(run);
	else
		run_memory_plan(&run->suite, mem_available(), &run->vm);
	rc = check_native(run, e);
	return rc ? rc : check_targets(run, e);
}

/* --- the manifest ------------------------------------------------------------------------------
 */

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
		json_array_append_new(lines, json_string(run->suite.left_out[i]));
	json_object_set_new(json_object_get(run->manifest, "suite"), "left_out", lines);
}

static int begin_manifest(struct run *run, struct err *e)
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
	        "{s:i,s:s,s:s,s:s,s:s,s:o,s:{s:s,s:s,s:i},s:I,s:i,s:o,s:{s:I,s:i,s:i},s:o,s:[],"
	        "s:[],s:[]}",
	        "schema", RESULT_SCHEMA, "sevbench", SEVBENCH_VERSION, "run", run->name, "begun",
	        now, "state", "running", "command", manifest_command(run->argc, run->argv), "suite",
	        "name", run->suite.name, "text", run->suite.text, "cells", (int)run->suite.count,
	        "seed", (json_int_t)run->options->seed, "rounds", (int)run->rounds, "platforms",
	        run_target_describe(run->targets), "guests", "memory_bytes",
	        (json_int_t)run->vm.memory, "huge_2m", (int)run->vm.huge_2m, "huge_1g",
	        (int)run->vm.huge_1g, "environment", environment, "launches", "failures",
	        "disturbed");
	if (!run->manifest)
		return err_set(e, EINVAL, "cannot make a manifest of the run: %s", why.text);
	json_object_set_new(run->manifest, "threats", threats_find("", &run->place));
	put_left_out(run);
	return manifest_write(run->directory, run->manifest, e);
}

void run_fail(struct run_launch *launch, const char *what)
{
	const char *platform = target_name(launch->target);

	progress_say(&launch->run->progress, "%s, round %u: %s", platform, launch->origin.round,
	             what);
	json_array_append_new(json_object_get(launch->run->manifest, "failures"),
	                      json_pack("{s:s,s:i,s:s}", "platform", platform, "round",
	                                (int)launch->origin.round, "what", what));
	launch->run->failed++;
}

/* --- the rounds --------------------------------------------------------------------------------
 */

/* Behind those of the targets, whose numbers are the streams of their cells' orders. */
enum { STREAM_LAUNCHES = 62, STREAM_FILL, STREAM_COUNT };

/* Seeds of independent streams from one: round and target pick the stream. */
static uint64_t derive_seed(const struct run *run, unsigned round, unsigned stream)
{
	return run->options->seed +
	       0x9e3779b97f4a7c15ULL * ((uint64_t)round * STREAM_COUNT + stream);
}

/* The order of all cells, less those that were measured before the run was interrupted. */
static void plan_launch(struct run *run, unsigned round, unsigned target)
{
	size_t pending = 0;

	run_order_cells(&run->suite, derive_seed(run, round, target), run->order);
	for (size_t i = 0; i < run->suite.count; i++) {
		if (!journal_has(&run->journal, round, target, run->order[i]))
			run->order[pending++] = run->order[i];
	}
	run->pending = pending;
}

static int launch_target(struct run *run, unsigned round, unsigned target, struct err *e)
{
	const struct run_target *p = &run->targets[target];
	struct run_launch launch = {
	        .run = run,
	        .target = target,
	        .origin = {.run = run->name,
	                   .round = round,
	                   .platform = target_platform(target),
	                   .accel = p->choice.accel,
	                   .host_pages = host_pages(run, target)},
	        .seed = derive_seed(run, round, STREAM_FILL),
	};
	char now[32];
	int rc;

	plan_launch(run, round, target);
	if (!run->pending)
		return 0;
	manifest_time(now);
	launch.json = json_pack("{s:s,s:i,s:s}", "platform", target_name(target), "round",
	                        (int)round, "begun", now);
	if (!launch.json)
		return err_set(e, ENOMEM, "no memory for the manifest");
	json_array_append_new(json_object_get(run->manifest, "launches"), launch.json);
	progress_launch(&run->progress, round, target,
	                target == PLATFORM_NATIVE ? "" : accel_name(p->choice.accel));
	run_watch_launch(&launch);
	rc = target == PLATFORM_NATIVE ? run_native(&launch, e) : run_guest(&launch, e);
	run_watch_launch_end(&launch);
	manifest_time(now);
	json_object_set_new(launch.json, "ended", json_string(now));
	if (rc)
		return rc;
	rc = manifest_write(run->directory, run->manifest, e);
	return rc ? rc : journal_seal(&run->journal, e);
}

static int skip_targets(struct run *run, struct err *e)
{
	int rc = 0;

	for (unsigned p = 0; p < TARGET_COUNT; p++) {
		struct result_origin origin = {.run = run->name,
		                               .platform = target_platform(p),
		                               .accel = ACCEL_UNKNOWN,
		                               .host_pages = host_pages(run, p)};

		if (!run->targets[p].wanted || run->targets[p].launch)
			continue;
		progress_say(&run->progress, "%s is skipped: %s", target_name(p),
		             run->targets[p].reason);
		for (size_t i = 0; !run->command && i < run->suite.count; i++) {
			rc = collect_unrun(&run->collect, &origin, &run->suite.cells[i].cell,
			                   CELL_SKIPPED, run->targets[p].reason, e);

			if (rc)
				return rc;
		}
	}
	rc = collect_flush(&run->collect, e);
	return rc ? rc
	          : journal_add(&run->journal, 0, PLATFORM_NATIVE, 0,
	                        collect_bytes_written(&run->collect), false, e);
}

/* Emulation that nobody asked for is said once, before it costs time. */
static void say_emulation(struct run *run)
{
	const struct vm_choice *choice = &run->targets[PLATFORM_NOSEV].choice;

	if (run->targets[PLATFORM_NOSEV].launch && choice->accel == ACCEL_TCG &&
	    run->vm.accel == ACCEL_NONE)
		progress_say(&run->progress,
		             "%s; the guest is emulated by software (TCG), and its timings are no "
		             "hardware costs",
		             choice->why);
}

/* The same for all guests of a run: their vCPUs are on the same CPUs. */
static void say_unlike(struct run *run)
{
	unsigned p = 0;

	while (p < TARGET_COUNT && !(run->targets[p].launch && run->targets[p].choice.unlike[0]))
		p++;
	if (p < TARGET_COUNT)
		progress_say(&run->progress, "%s", run->targets[p].choice.unlike);
}

/* What lies ahead, before the first cell tells better. */
static void say_length(struct run *run, const size_t planned[TARGET_COUNT])
{
	double seconds = suite_time_round(&run->suite) / (double)run->suite.count;
	char time[SUITE_TIME_TEXT];
	size_t cells = 0;
	bool emulated = false;

	for (unsigned p = 0; p < TARGET_COUNT; p++) {
		cells += planned[p];
		emulated |= run->targets[p].launch && run->targets[p].choice.accel == ACCEL_TCG;
	}
	progress_say(&run->progress,
	             "suite %s: %zu cells x %u rounds, %zu on all platforms: about %s%s",
	             run->suite.name, run->suite.count, run->rounds, cells,
	             suite_time_text(seconds * (double)cells, time),
	             emulated ? ", and more for what is emulated" : "");
	for (size_t i = 0; i < run->suite.left_out_count; i++)
		progress_say(&run->progress, "%s", run->suite.left_out[i]);
}

/* What the machine is set to, one line each, while something can be done about it. */
static void say_threats(struct run *run)
{
	const json_t *threats = json_object_get(run->manifest, "threats");

	for (size_t i = 0; i < json_array_size(threats); i++)
		progress_say(&run->progress, "%s", json_string_value(json_array_get(threats, i)));
}

static int run_rounds(struct run *run, struct err *e)
{
	size_t planned[TARGET_COUNT] = {0}, order[TARGET_COUNT], count = 0;
	int rc;

	for (unsigned p = 0; p < TARGET_COUNT; p++) {
		for (unsigned round = 1; run->targets[p].launch && round <= run->rounds; round++) {
			plan_launch(run, round, p);
			planned[p] += run->pending;
		}
	}
	progress_begin(&run->progress, stderr, run->rounds, planned);
	say_length(run, planned);
	say_threats(run);
	run_resume_say(run);
	say_emulation(run);
	say_unlike(run);
	rc = skip_targets(run, e);
	for (unsigned round = 1; !rc && round <= run->rounds; round++) {
		run_order(order, TARGET_COUNT, derive_seed(run, round, STREAM_LAUNCHES));
		for (count = 0; !rc && count < TARGET_COUNT; count++) {
			if (*run->stop)
				rc = err_set(e, EINTR, "interrupted");
			else if (run->targets[order[count]].launch)
				rc = launch_target(run, round, (unsigned)order[count], e);
		}
	}
	progress_end(&run->progress);
	run_watch_say(run);
	return rc;
}

/* --- the end ------------------------------------------------------------------------------------
 */

/* What became of the run, for its manifest. */
static int end_manifest(struct run *run, int rc, const struct err *why, struct err *e)
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
		json_object_set_new(run->manifest, "error", json_string(why->text));
	return manifest_write(run->directory, run->manifest, e);
}

/* The samples get their final name only when every round is in them. */
static int finish(struct run *run, int rc, struct err *e)
{
	struct err lost = {""};
	int written = 0;

	if (rc)
		collect_abandon(&run->collect);
	else
		rc = collect_commit(&run->collect, e);
	manifest_release(run->directory);
	if (run->manifest)
		written = end_manifest(run, rc, e, &lost);
	if (!written)
		written = journal_seal(&run->journal, &lost);
	journal_close(&run->journal, !rc);
	if (written)
		fprintf(stderr, "sevbench: %s\n", lost.text);
	return rc ? rc : written;
}

/* Something was measured, now or before it was resumed. */
static bool has_table(const struct run *run)
{
	return run->ok || run->command;
}

/* Again and at the end: what was said while it ran is far above by now. */
static void say_failures(const struct run *run)
{
	const json_t *launches = json_object_get(run->manifest, "failures");
	unsigned long cells = run->failed - json_array_size(launches);

	for (size_t i = 0; i < json_array_size(launches); i++) {
		const json_t *f = json_array_get(launches, i);

		fprintf(stderr, "sevbench: %s, round %d: %s\n",
		        json_string_value(json_object_get(f, "platform")),
		        (int)json_integer_value(json_object_get(f, "round")),
		        json_string_value(json_object_get(f, "what")));
	}
	if (cells)
		fprintf(stderr, "sevbench: %lu cell%s failed: %s why\n", cells,
		        cells == 1 ? "" : "s",
		        has_table(run) ? "the notes below the table say" : "samples.csv says");
}

static int status_of(const struct run *run, int rc)
{
	if (run->timed_out)
		return CMD_TIMED_OUT;
	if (rc || run->failed)
		return CMD_FAILED;
	return has_table(run) ? CMD_DONE : CMD_NOTHING_RAN;
}

/* What `sevbench report` makes of it. A machine without gnuplot has its results all the same. */
static bool make_report(const struct run *run)
{
	char name[] = "report";
	char *argv[] = {name, run->directory, NULL};

	return cmd_report(2, argv) == CMD_DONE;
}

/* The table, and where everything is. What cannot be shown has been measured all the same. */
static int show(const struct run *run, struct err *e)
{
	bool measured = has_table(run), reported = false;
	int rc = measured ? show_run(run->directory, stdout, e) : 0;

	if (rc)
		fprintf(stderr, "sevbench: %s\n", e->text);
	else if (measured)
		reported = make_report(run);
	printf("\nResults: %s (samples.csv, %s%smanifest.json, logs)\n", run->directory,
	       measured && !rc ? "summary.csv, " : "", reported ? "report.html, plots, " : "");
	return rc;
}

static int measure(struct run *run)
{
	struct err e = {""};
	int rc = begin_manifest(run, &e);

	if (!rc) {
		run->stop = run_stop();
		rc = run_rounds(run, &e);
	}
	rc = finish(run, rc, &e);
	if (rc)
		fprintf(stderr, "sevbench: %s\n", e.text);
	if (rc && run->manifest)
		fprintf(stderr,
		        "sevbench: what was measured is in %s/samples.csv.partial; "
		        "`sevbench run --resume %s` goes on\n",
		        run->directory, run->directory);
	if (!rc)
		rc = show(run, &e);
	say_failures(run);
	return status_of(run, rc);
}

static void print_plan(const struct run *run)
{
	char text[256], memory[UNITS_TEXT], time[SUITE_TIME_TEXT];

	printf("suite %s, %u rounds, guests with %u vCPUs and %s, of it %u huge pages of 2M and %u "
	       "of 1G\n",
	       run->suite.name, run->rounds, run->vm.vcpus, units_size(run->vm.memory, memory),
	       run->vm.huge_2m, run->vm.huge_1g);
	for (unsigned place = 0; place < TARGET_COUNT; place++) {
		unsigned p = target_at(place);

		if (run->targets[p].wanted)
			printf("  %-9s %s%s\n", target_name(p),
			       run->targets[p].launch ? "runs" : "is skipped: ",
			       run->targets[p].reason);
	}
	printf("%zu cells x %u rounds on each, about %s a round where nothing is emulated\n",
	       run->suite.count, run->rounds, suite_time_text(suite_time_round(&run->suite), time));
	for (size_t i = 0; i < run->suite.count; i++) {
		cell_text(&run->suite.cells[i].cell, text, sizeof(text));
		printf("  %s\n", text);
	}
	for (size_t i = 0; i < run->suite.left_out_count; i++)
		printf("  %s\n", run->suite.left_out[i]);
}

static void run_free(struct run *run)
{
	suite_free(&run->suite);
	json_decref(run->manifest);
	free(run->name);
	free(run->directory);
	free(run->logs);
	free(run->programs);
	free(run->order);
	free(run->command);
	if (run->native_log > 0)
		close(run->native_log);
}

int cmd_run(int argc, char **argv)
{
	struct run_options options;
	struct run run = {.options = &options, .argc = argc, .argv = argv};
	struct err e = {""};
	int status, rc = run_options_parse(argc, argv, &options, &e);

	if (!rc && options.help) {
		fputs(run_options_help, stdout);
		return CMD_DONE;
	}
	if (!rc && options.resume)
		rc = run_resume_options(&run, &options, &e);
	if (!rc)
		rc = prepare(&run, &e);
	if (!rc && !options.dry_run)
		rc = run.command ? run_resume_directory(&run, &e) : run_make_directory(&run, &e);
	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		status = CMD_USAGE;
	} else if (options.dry_run) {
		print_plan(&run);
		status = CMD_DONE;
	} else {
		status = measure(&run);
	}
	run_free(&run);
	return status;
}
