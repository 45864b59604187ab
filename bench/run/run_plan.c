/* SPDX-License-Identifier: MIT */
#include "bench/run/run_plan.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench/run/run_design.h"
#include "bench/run/run_memory.h"
#include "bench/run/run_resume.h"
#include "bench/run/run_say.h"
#include "bench/select/suite_time.h"
#include "harness/mem_available.h"
#include "harness/place_choose.h"
#include "harness/units.h"
#include "vmrun/system/home.h"

static unsigned most_threads(const struct suite *suite)
{
	unsigned most = 1;

	for (size_t i = 0; i < suite->count; i++) {
		if (suite->cells[i].cell.threads > most)
			most = suite->cells[i].cell.threads;
	}
	return most;
}

/* Where nobody said how much, too little memory for a guest is an inability, as any other. */
static bool lacks_memory(const struct run *run, struct run_target *target)
{
	uint64_t available = mem_available();
	char want[UNITS_TEXT], have[UNITS_TEXT];

	if (run->command || run->options->vm.memory || !available || run->vm.memory <= available)
		return false;
	target->launch = false;
	snprintf(target->reason, sizeof(target->reason),
	         "its guest needs %s of memory, and this machine has %s available: free some, or "
	         "give guests less (--memory)",
	         units_size(run->vm.memory, want), units_size(available, have));
	return true;
}

static int check_target(struct run *run, unsigned target, struct err *e)
{
	struct vm_spec spec = run_target_spec(&run->vm, target);

	if (lacks_memory(run, &run->targets[target]))
		return 0;
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
	    !run->targets[PLATFORM_SNP].launch || run->targets[PLATFORM_SNP].choice.emulated)
		return;
	check_target(run, target, &ignored);
	run->targets[target].wanted = run->targets[target].launch;
}

/* Which target this machine is: native, whatever carries it, unless its own word was asked for. */
static int find_here(struct run *run, struct err *e)
{
	struct run_target *target;
	struct sev_observation seen = {.platform = PLATFORM_NATIVE};
	int rc = run->options->here ? sev_observe(&seen, e) : 0;

	if (rc)
		return rc;
	target = &run->targets[seen.platform];
	target->here = true;
	target->wanted = run->options->here || run->options->target[PLATFORM_NATIVE];
	target->launch = target->wanted;
	target->choice.accel = seen.accel;
	snprintf(target->choice.why, sizeof(target->choice.why), "%s", seen.how);
	return 0;
}

static int check_each(struct run *run, struct err *e)
{
	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		int rc = 0;

		if (run->targets[t].here)
			continue;
		run->targets[t].wanted = run->options->target[t];
		if (run->targets[t].wanted)
			rc = check_target(run, t, e);
		if (rc)
			return rc;
	}
	return 0;
}

/* Where SEV is emulated the plain guests get the QEMU and the processor that it takes, to match. */
static int match_emulated(struct run *run, struct err *e)
{
	if (run->vm.emulate != VM_EMULATE_AUTO || !run_target_emulated(run->targets))
		return 0;
	run->vm.emulate = VM_EMULATE_MATCH;
	return check_each(run, e);
}

/* Which targets run here; a wrong request is an error, an inability is a reason in the rows. */
static int check_targets(struct run *run, struct err *e)
{
	int rc = find_here(run, e);

	if (!rc)
		rc = check_each(run, e);
	if (!rc)
		rc = match_emulated(run, e);
	if (rc)
		return rc;
	add_huge_nosev(run);
	run_target_firmware(run->targets, &run->vm);
	return 0;
}

static int take_suite(struct run *run, struct err *e)
{
	const struct run_options *o = run->options;
	int rc = run->command ? run_resume_suite(run, e)
	                      : suite_load(o->suite, o->vm.cpus, &run->suite, e);

	return !rc && o->kernels ? suite_filter(&run->suite, o->kernels, e) : rc;
}

static int find_programs(struct run *run, struct err *e)
{
	char folder[PATH_MAX];
	int rc = home_find("bin", folder, e);

	if (rc)
		return rc;
	run->programs = strdup(folder);
	if (!run->programs)
		return err_set(e, ENOMEM, "no memory for the plan");
	if (!home_linker(folder))
		return 0;
	run->linker = strdup(folder);
	return run->linker ? 0 : err_set(e, ENOMEM, "no memory for the plan");
}

static void plan_guests(struct run *run)
{
	run->vm = run->options->vm;
	run->vm.vcpus = most_threads(&run->suite);
	if (run->command)
		run_resume_memory(run);
	else
		run_memory_plan(&run->suite, mem_available(), &run->vm);
}

/* Cells that want more threads than there are CPUs are skipped: the others are placed. */
static int place_run(struct run *run, struct err *e)
{
	int rc = place_choose(run->vm.vcpus, run->options->vm.cpus, &run->place, e);

	while (rc && run->vm.vcpus > 1)
		rc = place_choose(--run->vm.vcpus, run->options->vm.cpus, &run->place, e);
	if (!rc && e)
		e->text[0] = '\0';
	return rc;
}

int run_plan(struct run *run, struct err *e)
{
	int rc = take_suite(run, e);

	if (!rc)
		rc = find_programs(run, e);
	if (rc)
		return rc;
	rc = run_design_begin(run, e);
	if (rc)
		return rc;
	run->order = calloc(run->suite.count, sizeof(*run->order));
	if (!run->order)
		return err_set(e, ENOMEM, "no memory for the plan");
	plan_guests(run);
	rc = place_run(run, e);
	if (!rc)
		rc = check_targets(run, e);
	return rc || !run->command ? rc : run_resume_check(run, e);
}

static void print_target(const struct run_target *target, const char *name)
{
	const struct vm_choice *choice = &target->choice;
	const char *doubt = choice->memory_doubt.text;
	const char *how = "";

	if (choice->emulated)
		how = ", emulated: nothing is encrypted, and its timings are no hardware costs";
	else if (choice->accel == ACCEL_TCG)
		how = ", emulated by software (TCG): its timings are no hardware costs";
	if (!target->launch)
		printf("  %-9s is skipped: %s\n", name, target->reason);
	else
		printf("  %-9s runs%s%s%s\n", name, how, doubt[0] ? "; " : "", doubt);
}

void run_plan_print(const struct run *run)
{
	char text[256], few[RUN_SAY_FEW], design[RUN_DESIGN_TEXT], memory[UNITS_TEXT],
	        time[SUITE_TIME_TEXT];

	printf("suite %s, %u rounds, guests with %u vCPUs and %s, of it %u huge pages of 2M and %u "
	       "of 1G\n",
	       run->suite.name, run->rounds, run->vm.vcpus, units_size(run->vm.memory, memory),
	       run->vm.huge_2m, run->vm.huge_1g);
	for (unsigned place = 0; place < TARGET_COUNT; place++) {
		unsigned p = target_at(place);

		if (run->targets[p].wanted)
			print_target(&run->targets[p], target_name(p));
	}
	printf("%zu cells x %u rounds on each, about %s a round where nothing is emulated\n",
	       run->suite.count, run->rounds, suite_time_text(suite_time_round(&run->suite), time));
	if (*run_design_text(run, design))
		printf("%s\n", design);
	if (*run_say_few(run, few))
		printf("%s\n", few);
	for (size_t i = 0; i < run->suite.count; i++) {
		cell_text(&run->suite.cells[i].cell, text, sizeof(text));
		printf("  %s\n", text);
	}
	for (size_t i = 0; i < run->suite.left_out_count; i++)
		printf("  %s\n", run->suite.left_out[i]);
}
