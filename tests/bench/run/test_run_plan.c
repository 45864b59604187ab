/* SPDX-License-Identifier: MIT */
#include "bench/run/run_plan.h"

#include <unistd.h>

#include "tests/cmocka.h"

#define ROOM 1024

/* What a plan prints, of a host with little memory for SNP. */
static void print(bool launch, const char *doubt, char text[ROOM])
{
	char name[] = "made up";
	static struct run run;
	int before = dup(STDOUT_FILENO);
	FILE *file = tmpfile();
	size_t size;

	assert_non_null(file);
	run = (struct run){.suite = {.name = name}, .rounds = 1};
	run.targets[PLATFORM_NOSEV] = (struct run_target){.wanted = true, .launch = true};
	run.targets[PLATFORM_SNP] =
	        (struct run_target){.wanted = true, .launch = launch, .reason = "it is too small"};
	err_set(&run.targets[PLATFORM_SNP].choice.memory_doubt, 1, "%s", doubt);
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	run_plan_print(&run);
	fflush(stdout);
	dup2(before, STDOUT_FILENO);
	close(before);
	rewind(file);
	size = fread(text, 1, ROOM - 1, file);
	text[size] = '\0';
	fclose(file);
}

static void little_memory_for_snp_is_printed(void **state)
{
	char text[ROOM];

	(void)state;
	print(true, "it may take 8G", text);
	assert_non_null(strstr(text, "\n  nosev     runs\n"));
	assert_non_null(strstr(text, "\n1 round: intervals may be believed from 5 rounds on"));
	assert_non_null(strstr(text, "\n  snp       runs; it may take 8G\n"));
	print(true, "", text);
	assert_non_null(strstr(text, "\n  snp       runs\n"));
	print(false, "", text);
	assert_non_null(strstr(text, "\n  snp       is skipped: it is too small\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(little_memory_for_snp_is_printed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
