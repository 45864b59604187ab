/* SPDX-License-Identifier: MIT */
#include "bench/run/run_say.h"

#include <unistd.h>

#include "tests/cmocka.h"

/* What is said of these failures, in `text`. */
static void say(json_t *failures, char text[256])
{
	struct run run = {.manifest = json_pack("{s:o}", "failures", failures), .failed = 1};
	int before = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	size_t size;

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	run_say_failures(&run, true);
	dup2(before, STDERR_FILENO);
	close(before);
	rewind(file);
	size = fread(text, 1, 255, file);
	text[size] = '\0';
	fclose(file);
	json_decref(run.manifest);
}

static void a_failure_has_its_sentence(void **state)
{
	char text[256];

	(void)state;
	say(json_pack("[{s:s,s:i,s:s}]", "platform", "snp", "round", 2, "what", "it is gone"),
	    text);
	assert_string_equal(text, "sevbench: snp, round 2: it is gone\n");
}

/* The manifest of a run that is resumed is a file like any other. */
static void what_is_missing_is_not_made_up(void **state)
{
	char text[256];

	(void)state;
	say(json_pack("[{s:i,s:i}]", "platform", 3, "round", 1), text);
	assert_string_equal(text, "sevbench: (not said), round 1: (not said)\n");
}

/* What is said at the beginning of a run. */
static void say_begin(struct run *run, char text[1024])
{
	static const size_t planned[TARGET_COUNT];
	static const struct kernel kernel = {.name = "made up", .flags = KERNEL_SINGLE_SHOT};
	struct suite_cell cell = {.cell = {.kernel = &kernel}};
	char name[] = "made up";
	static const struct run_options options;
	FILE *out = fmemopen(text, 1024, "w");

	assert_non_null(out);
	run->options = &options;
	run->suite = (struct suite){.name = name, .cells = &cell, .count = 1};
	run->rounds = 1;
	run->progress.out = out;
	run_say_begin(run, planned);
	fclose(out);
}

/* ... on a machine whose peak is not known for that reason. */
static void say_begin_without_peak(const char *reason, char text[1024])
{
	struct run run = {.manifest = json_pack("{s:{s:{s:s}}}", "environment", "unknown",
	                                        "memory.dram_peak_gbps", reason)};

	say_begin(&run, text);
	json_decref(run.manifest);
}

static void a_peak_that_can_be_stated_is_asked_for(void **state)
{
	char text[1024];

	(void)state;
	say_begin_without_peak("modules are called alike: state the peak with --dram-peak", text);
	assert_non_null(strstr(text, "state the peak with --dram-peak\n"));
	say_begin_without_peak("cannot read the table: Permission denied", text);
	assert_null(strstr(text, "Permission"));
}

static void few_rounds_are_said(void **state)
{
	char text[RUN_SAY_FEW];
	struct run run = {.rounds = 4};

	(void)state;
	assert_string_equal(run_say_few(&run, text),
	                    "4 rounds: intervals may be believed from 5 rounds on (docs/trust.md)");
	run.rounds = 5;
	assert_string_equal(run_say_few(&run, text), "");
	run.rounds = 1;
	assert_non_null(strstr(run_say_few(&run, text), "1 round: "));
}

static void little_memory_for_snp_is_said(void **state)
{
	static struct run run;
	char text[1024];

	(void)state;
	err_set(&run.targets[PLATFORM_SNP].choice.memory_doubt, 1, "it may take 8G");
	say_begin(&run, text);
	assert_null(strstr(text, "it may take"));
	run.targets[PLATFORM_SNP].launch = true;
	say_begin(&run, text);
	assert_non_null(strstr(text, "it may take 8G\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_failure_has_its_sentence),
	        cmocka_unit_test(what_is_missing_is_not_made_up),
	        cmocka_unit_test(a_peak_that_can_be_stated_is_asked_for),
	        cmocka_unit_test(few_rounds_are_said),
	        cmocka_unit_test(little_memory_for_snp_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
