/* SPDX-License-Identifier: MIT */
#include "bench/run/run_say.h"

#include <string.h>

#include "analysis/decide/estimate.h"
#include "bench/run/run_design.h"
#include "bench/run/run_resume.h"
#include "bench/select/suite_time.h"

/* Emulation that nobody asked for is said once, before it costs time. */
static void say_emulation(struct run *run)
{
	const struct vm_choice *choice = &run->targets[PLATFORM_NOSEV].choice;

	if (run->targets[PLATFORM_NOSEV].launch && !run->targets[PLATFORM_NOSEV].here &&
	    choice->accel == ACCEL_TCG && run->vm.accel == ACCEL_NONE)
		progress_say(&run->progress,
		             "%s; the guest is emulated by software (TCG), and its timings are no "
		             "hardware costs",
		             choice->why);
}

/* What the rows will be called, and why. */
static void say_here(struct run *run)
{
	for (unsigned p = 0; p < PLATFORM_COUNT; p++)
		if (run->options->here && run->targets[p].here)
			progress_say(
			        &run->progress, "this machine shows itself as %s: %s%s",
			        target_name(p), run->targets[p].choice.why,
			        run->targets[p].choice.accel == ACCEL_TCG
			                ? "; it is emulated by software (TCG), and its timings "
			                  "are no hardware costs"
			                : "");
}

static void say_hint(struct run *run)
{
	const char *hint = run_target_hint(run->targets);

	if (hint[0])
		progress_say(&run->progress, "%s", hint);
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

/* SNP's guests alone may take more than their memory. */
static void say_memory(struct run *run)
{
	const struct run_target *snp = &run->targets[PLATFORM_SNP];

	if (snp->launch && snp->choice.memory_doubt.text[0])
		progress_say(&run->progress, "%s", snp->choice.memory_doubt.text);
}

const char *run_say_few(const struct run *run, char text[RUN_SAY_FEW])
{
	text[0] = '\0';
	if (run->rounds < ESTIMATE_BELIEVED)
		snprintf(text, RUN_SAY_FEW,
		         "%u round%s: intervals may be believed from %d rounds on (docs/trust.md)",
		         run->rounds, run->rounds == 1 ? "" : "s", ESTIMATE_BELIEVED);
	return text;
}

/* What lies ahead, before the first cell tells better. */
static void say_length(struct run *run, const size_t planned[TARGET_COUNT])
{
	double seconds = suite_time_round(&run->suite) / (double)run->suite.count;
	char time[SUITE_TIME_TEXT], few[RUN_SAY_FEW], design[RUN_DESIGN_TEXT];
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
	if (*run_design_text(run, design))
		progress_say(&run->progress, "%s", design);
	if (*run_say_few(run, few))
		progress_say(&run->progress, "%s", few);
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

/* A peak that the firmware leaves open, and the command line can state. */
static void say_peak(struct run *run)
{
	const json_t *unknown =
	        json_object_get(json_object_get(run->manifest, "environment"), "unknown");
	const char *why = json_string_value(json_object_get(unknown, "memory.dram_peak_gbps"));

	if (why && strstr(why, "--dram-peak"))
		progress_say(&run->progress, "%s", why);
}

void run_say_begin(struct run *run, const size_t planned[TARGET_COUNT])
{
	say_length(run, planned);
	say_threats(run);
	say_peak(run);
	run_resume_say(run);
	say_here(run);
	say_emulation(run);
	say_hint(run);
	say_unlike(run);
	say_memory(run);
}

/* A resumed run's manifest may have been in other hands. */
static const char *text_of(const json_t *text)
{
	return json_is_string(text) ? json_string_value(text) : "(not said)";
}

void run_say_failures(const struct run *run, bool whole)
{
	const json_t *launches = json_object_get(run->manifest, "failures");
	unsigned long cells = run->failed - json_array_size(launches);

	for (size_t i = 0; i < json_array_size(launches); i++) {
		const json_t *f = json_array_get(launches, i);

		fprintf(stderr, "sevbench: %s, round %d: %s\n",
		        text_of(json_object_get(f, "platform")),
		        (int)json_integer_value(json_object_get(f, "round")),
		        text_of(json_object_get(f, "what")));
	}
	if (cells)
		fprintf(stderr, "sevbench: %lu cell%s failed: %s why\n", cells,
		        cells == 1 ? "" : "s",
		        !whole                 ? "samples.csv.partial says"
		        : run_has_samples(run) ? "the notes below the table say"
		                               : "samples.csv says");
}
