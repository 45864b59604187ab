/* SPDX-License-Identifier: MIT */
#include "bench/run/run_rounds.h"

#include <errno.h>

#include "bench/run/manifest.h"
#include "bench/run/run_design.h"
#include "bench/run/run_guest.h"
#include "bench/run/run_native.h"
#include "bench/run/run_order.h"
#include "bench/run/run_say.h"
#include "bench/run/run_watch.h"

/* Behind those of the targets, whose numbers are the streams of their cells' orders. */
enum { STREAM_LAUNCHES = 62, STREAM_FILL, STREAM_COUNT };

/* Seeds of independent streams from one: round and target pick the stream. */
static uint64_t derive_seed(const struct run *run, unsigned round, unsigned stream)
{
	return run->options->seed +
	       0x9e3779b97f4a7c15ULL * ((uint64_t)round * STREAM_COUNT + stream);
}

/* The order of all cells, less those that do not get this round, or were measured before the run
 * was interrupted. */
static void plan_launch(struct run *run, unsigned round, unsigned target)
{
	size_t pending = 0;

	run_order_cells(&run->suite, derive_seed(run, round, target), run->order);
	for (size_t i = 0; i < run->suite.count; i++) {
		if (run_design_wants(run, round, target, run->order[i]) &&
		    !journal_has(&run->journal, round, target, run->order[i]))
			run->order[pending++] = run->order[i];
	}
	run->pending = pending;
}

/* What is worth a word beside a platform's name. */
static const char *accel_text(enum accel accel)
{
	return accel == ACCEL_NONE || accel == ACCEL_UNKNOWN ? "" : accel_name(accel);
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
	                   .host_pages = p->here ? NULL : run_target_host_pages(&run->vm, target)},
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
	progress_launch(&run->progress, round, target, accel_text(p->choice.accel));
	run_watch_launch(&launch);
	rc = p->here ? run_native(&launch, e) : run_guest(&launch, e);
	run_watch_launch_end(&launch);
	manifest_time(now);
	run_design_note(run);
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
		                               .host_pages = run_target_host_pages(&run->vm, p)};

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

static void begin_progress(struct run *run)
{
	size_t planned[TARGET_COUNT] = {0};

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		for (unsigned round = 1; run->targets[t].launch && round <= run->rounds; round++) {
			plan_launch(run, round, t);
			planned[t] += run->pending;
		}
	}
	progress_begin(&run->progress, stderr, run->rounds, planned);
	run_say_begin(run, planned);
}

static int measure_round(struct run *run, unsigned round, struct err *e)
{
	size_t order[TARGET_COUNT];
	int rc = 0;

	run_order(order, TARGET_COUNT, derive_seed(run, round, STREAM_LAUNCHES));
	for (size_t i = 0; !rc && i < TARGET_COUNT; i++) {
		if (*run->stop)
			rc = err_set(e, EINTR, "interrupted");
		else if (run->targets[order[i]].launch)
			rc = launch_target(run, round, (unsigned)order[i], e);
	}
	return rc;
}

int run_rounds(struct run *run, struct err *e)
{
	int rc;

	begin_progress(run);
	rc = skip_targets(run, e);
	for (unsigned round = 1; !rc && round <= run->rounds; round++) {
		if (run_design_staged(run) && round > DESIGN_PILOT && !run_design_in_time(run))
			break;
		rc = measure_round(run, round, e);
		if (!rc && run_design_staged(run) && round == DESIGN_PILOT)
			rc = run_design_settle(run, e);
	}
	progress_end(&run->progress);
	run_watch_say(run);
	return rc;
}
