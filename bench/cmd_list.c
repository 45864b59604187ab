/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "bench/cmd.h"
#include "bench/suite.h"
#include "harness/units.h"
#include "kernels/registry.h"

static void list_kernel(const struct kernel *k)
{
	printf("\n%s: %s\n ", k->name, k->summary);
	for (size_t i = 0; i < k->variant_count; i++)
		printf(" %s", k->variants[i].name);
	putchar('\n');
}

static int list_suite(const char *name)
{
	struct err e = {""};
	struct suite suite;

	if (suite_load(name, NULL, &suite, &e)) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		return CMD_FAILED;
	}
	printf("  %-8s %zu cells, %u rounds. %s\n", name, suite.count, suite.rounds,
	       suite.about ? suite.about : "");
	suite_free(&suite);
	return CMD_DONE;
}

int cmd_list(int argc, char **argv)
{
	const struct kernel *const *kernels;
	size_t count;
	int status = CMD_DONE;

	if (argc > 1) {
		int help = !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h");

		fputs("usage: sevbench list\n\nThe suites and the kernels, with their variants. "
		      "bench-<kernel> --list says more.\n",
		      help ? stdout : stderr);
		return help ? CMD_DONE : CMD_USAGE;
	}
	printf("suites\n");
	for (const char *const *name = suite_names(); *name && !status; name++)
		status = list_suite(*name);
	kernels = registry_kernels(&count);
	for (size_t i = 0; i < count; i++)
		list_kernel(kernels[i]);
	return status;
}
