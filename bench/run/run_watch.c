/* SPDX-License-Identifier: MIT */
#include "bench/run/run_watch.h"

#include <math.h>

#define WAITS_IN_A_RUN 4 /* of the longest: a machine that is always busy is measured as it is */

static void say_wait(void *context, double others, double limit)
{
	struct run_launch *launch = context;

	progress_say(&launch->run->progress,
	             "%s, round %u: others use %.0f %% of its CPUs; waiting up to %.0f s for that "
	             "to end",
	             target_name(launch->target), launch->origin.round, others * 100, limit);
}

static json_t *percent(double share)
{
	return isnan(share) ? json_null() : json_real(round(share * 1e4) / 1e2);
}

static void cool_down(struct run_launch *launch)
{
	struct run *run = launch->run;
	double limit = run->options->cooldown;
	struct watch_wait wait = {
	        .limit = fmax(0, fmin(limit, WAITS_IN_A_RUN * limit - run->waited)),
	        .stop = run->stop,
	        .say = say_wait,
	        .context = launch};
	struct watch_outcome o;

	if (!run->options->cooldown)
		return;
	o = watch_wait("", &run->place, &wait);
	run->waited += o.waited;
	json_object_set_new(launch->json, "cooldown",
	                    json_pack("{s:f,s:o,s:o,s:b}", "waited_s", o.waited,
	                              "others_percent_before", percent(o.before), "others_percent",
	                              percent(o.now), "quiet", (int)o.quiet));
	if (o.waited > 0 && !o.quiet)
		progress_say(&run->progress,
		             "others still use %.0f %% of its CPUs: measuring all the same",
		             o.now * 100);
}

static void note_mhz(struct run_launch *launch, const char *key)
{
	struct watch_mhz mhz;

	watch_mhz("", &launch->run->place, &mhz);
	json_object_set_new(launch->json, key, watch_mhz_json(&mhz));
}

void run_watch_launch(struct run_launch *launch)
{
	cool_down(launch);
	note_mhz(launch, "mhz_begin");
	watch_read("", &launch->run->place, &launch->before);
}

void run_watch_launch_end(struct run_launch *launch)
{
	struct watch_reading after;

	watch_read("", &launch->run->place, &after);
	json_object_set_new(launch->json, "noise",
	                    watch_json(&launch->before, &after, &launch->run->place));
	note_mhz(launch, "mhz_end");
}

void run_watch_cell(const struct run_launch *launch, struct watch_reading *before)
{
	watch_read("", &launch->run->place, before);
}

void run_watch_cell_end(struct run_launch *launch, const struct cell *cell,
                        const struct watch_reading *before)
{
	struct run *run = launch->run;
	struct watch_reading after;
	char text[256], why[128];

	watch_read("", &run->place, &after);
	if (!watch_disturbed(before, &after, &run->place, run->targets[launch->target].here, why))
		return;
	run->disturbed++;
	cell_text(cell, text, sizeof(text));
	json_array_append_new(json_object_get(run->manifest, "disturbed"),
	                      json_pack("{s:s,s:i,s:s,s:s}", "platform",
	                                target_name(launch->target), "round",
	                                (int)launch->origin.round, "cell", text, "why", why));
}

void run_watch_say(const struct run *run)
{
	if (run->disturbed)
		fprintf(stderr,
		        "%lu of %zu cells were disturbed while they ran: others or the "
		        "hypervisor used their CPUs, or a quota stopped them. Nothing was dropped; "
		        "manifest.json names "
		        "them.\n",
		        run->disturbed, run->progress.done);
}
