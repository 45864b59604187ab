/* SPDX-License-Identifier: MIT */
#include "bench/run/run_design.h"

#include <errno.h>
#include <time.h>

#include "analysis/read/reader.h"
#include "bench/run/manifest.h"
#include "harness/text.h"

#define SHORTS_SAID 8 /* cells; the manifest has all of them */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds, also those before the run was interrupted. */
static double spent(const struct run *run)
{
	return run->spent_before + now() - run->began;
}

bool run_design_staged(const struct run *run)
{
	return run->design.margin > 0;
}

unsigned run_design_most(const struct run *run)
{
	return run_design_staged(run) ? run->design.most : run->rounds;
}

static int resume(struct run *run, struct err *e)
{
	const json_t *design = json_object_get(run->manifest, "design");
	const json_t *further = json_object_get(design, "further");
	int rc;

	run->spent_before = json_number_value(json_object_get(design, "spent_s"));
	if (!(run->spent_before >= 0))
		run->spent_before = 0;
	if (!json_is_array(further))
		return 0;
	rc = design_read(&run->design, &run->suite, further, e);
	return rc ? err_wrap(e, rc, "cannot go on with %s", run->options->out) : 0;
}

int run_design_begin(struct run *run, struct err *e)
{
	const struct run_options *o = run->options;
	int rc = 0;

	run->began = now();
	run->rounds = o->rounds ? o->rounds : run->suite.rounds;
	if (!(o->margin > 0))
		return 0;
	run->design = (struct design){.margin = o->margin,
	                              .power = o->power,
	                              .most = o->rounds ? o->rounds : DESIGN_MOST};
	if (run->command)
		rc = resume(run, e);
	run->rounds = design_last(&run->design);
	return rc;
}

bool run_design_wants(const struct run *run, unsigned round, unsigned target, size_t cell)
{
	return !run_design_staged(run) || round <= design_rounds(&run->design, target, cell);
}

void run_design_note(struct run *run)
{
	json_t *design = json_object_get(run->manifest, "design");

	if (!run_design_staged(run))
		return;
	if (!design) {
		design = json_pack("{s:i,s:f,s:f,s:i,s:i}", "pilot", DESIGN_PILOT, "margin",
		                   run->design.margin, "power", run->design.power, "most",
		                   (int)run->design.most, "time_limit_s",
		                   (int)run->options->time_limit);
		json_object_set_new(run->manifest, "design", design);
	}
	json_object_set_new(design, "spent_s", json_real(spent(run)));
}

/* How many launches and cells there are more; in all and by target. */
static size_t count_further(const struct run *run, size_t more[TARGET_COUNT])
{
	size_t all = 0;

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		more[t] = 0;
		for (size_t i = 0; run->targets[t].launch && i < run->suite.count; i++)
			more[t] += design_rounds(&run->design, t, i) - DESIGN_PILOT;
		all += more[t];
	}
	return all;
}

static void say_short(struct run *run, const json_t *cell)
{
	const json_t *wanted = json_object_get(cell, "wanted");
	char rounds[64] = "";

	if (json_is_integer(wanted))
		snprintf(rounds, sizeof(rounds), ", for which %" JSON_INTEGER_FORMAT " would do",
		         json_integer_value(wanted));
	progress_say(&run->progress, "  %s on %s: %s%s",
	             json_string_value(json_object_get(cell, "cell")),
	             json_string_value(json_object_get(cell, "platform")),
	             json_string_value(json_object_get(cell, "why")), rounds);
}

static bool is_emulated(const struct run *run)
{
	bool emulated = false;

	for (unsigned t = 0; t < TARGET_COUNT; t++)
		emulated |= run->targets[t].launch && run->targets[t].choice.accel == ACCEL_TCG;
	return emulated;
}

/* What comes next, and which cells it does not bring to the margin. */
static void say(struct run *run, const json_t *shorts)
{
	size_t more[TARGET_COUNT], all = count_further(run, more), count = json_array_size(shorts);

	progress_more(&run->progress, run->rounds, more);
	progress_say(
	        &run->progress,
	        "%d rounds of every cell are measured; to find a difference of %g %%, %zu more "
	        "measurements of cells are planned%s",
	        DESIGN_PILOT, run->design.margin * 100, all,
	        is_emulated(run) ? ", and none of what is emulated" : "");
	if (count)
		progress_say(&run->progress,
		             "%u rounds do not bring %zu cell%s to it:", run->design.most, count,
		             count == 1 ? "" : "s");
	for (size_t i = 0; i < count && i < SHORTS_SAID; i++)
		say_short(run, json_array_get(shorts, i));
	if (count > SHORTS_SAID)
		progress_say(&run->progress, "  ... and %zu more: manifest.json names them",
		             count - SHORTS_SAID);
}

static int settle(struct run *run, json_t *shorts, struct err *e)
{
	struct samples samples = {0};
	int rc = collect_flush(&run->collect, e);

	if (!rc)
		rc = reader_read(&samples, run->directory, 0, true, e);
	if (!rc)
		rc = samples_sort(&samples, e);
	if (!rc)
		rc = design_settle(&run->design, &run->suite, &samples, shorts, e);
	samples_free(&samples);
	return rc ? err_wrap(e, rc, "cannot plan further rounds") : 0;
}

int run_design_settle(struct run *run, struct err *e)
{
	json_t *design, *shorts;
	int rc;

	if (run->design.rounds)
		return 0;
	shorts = json_array();
	rc = settle(run, shorts, e);
	if (rc) {
		json_decref(shorts);
		return rc;
	}
	run->rounds = design_last(&run->design);
	say(run, shorts);
	run_design_note(run);
	design = json_object_get(run->manifest, "design");
	json_object_set_new(design, "further", design_further(&run->design, &run->suite));
	json_object_set_new(design, "short", shorts);
	json_object_set_new(run->manifest, "rounds", json_integer(run->rounds));
	return manifest_write(run->directory, run->manifest, e);
}

bool run_design_in_time(struct run *run)
{
	unsigned limit = run->options->time_limit;

	if (!limit || spent(run) < limit)
		return true;
	progress_say(&run->progress,
	             "%u seconds have passed (--time-limit): no further round begins", limit);
	json_object_set_new(json_object_get(run->manifest, "design"), "cut", json_true());
	return false;
}

const char *run_design_text(const struct run *run, char text[RUN_DESIGN_TEXT])
{
	text[0] = '\0';
	if (!run_design_staged(run))
		return text;
	snprintf(text, RUN_DESIGN_TEXT,
	         "then as many rounds more of each cell as find a difference of %g %% with power "
	         "%g %%, by how it scattered in those: up to %u in all",
	         run->design.margin * 100, run->design.power * 100, run->design.most);
	if (run->options->time_limit)
		text_add(text, RUN_DESIGN_TEXT, ", none of which begins after %u s",
		         run->options->time_limit);
	return text;
}
