/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "bench/cmd/cmd.h"
#include "bench/select/suite.h"
#include "bench/select/suite_time.h"
#include "harness/units.h"
#include "harness/usage.h"
#include "kernels/registry.h"

static const char help[] =
        "usage: sevbench list [OPTION]...\n"
        "\n"
        "The suites and the kernels, with their variants. bench-<kernel> --list says more.\n"
        "\n"
        "  --suite NAME         only this suite (or the .suite file of that path): its cells by\n"
        "                       kernel, and how long it takes\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 2 usage.\n";

static void list_kernel(const struct kernel *k)
{
	printf("\n%s: %s\n ", k->name, k->summary);
	for (size_t i = 0; i < k->variant_count; i++)
		printf(" %s", k->variants[i].name);
	putchar('\n');
}

/* A suite that this machine cannot size is said to be, and the rest is listed. */
static void list_suite(const char *name)
{
	struct err e = {""};
	struct suite suite;

	if (suite_load(name, NULL, &suite, &e)) {
		printf("  %-8s %s\n", name, e.text);
		return;
	}
	printf("  %-8s %zu cells, %u rounds. %s\n", name, suite.count, suite.rounds,
	       suite.about ? suite.about : "");
	suite_free(&suite);
}

static void list_all(void)
{
	const struct kernel *const *kernels;
	size_t count;

	printf("suites\n");
	for (const char *const *name = suite_names(); *name; name++)
		list_suite(*name);
	kernels = registry_kernels(&count);
	for (size_t i = 0; i < count; i++)
		list_kernel(kernels[i]);
}

static size_t cells_of(const struct suite *suite, const struct kernel *kernel)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->count; i++)
		count += suite->cells[i].cell.kernel == kernel;
	return count;
}

static void describe_suite(const struct suite *suite)
{
	char round[SUITE_TIME_TEXT], all[SUITE_TIME_TEXT];
	double seconds = suite_time_round(suite);
	const struct kernel *const *kernels;
	size_t count;

	printf("%s: %s\n", suite->name, suite->about ? suite->about : "");
	kernels = registry_kernels(&count);
	for (size_t i = 0; i < count; i++) {
		size_t cells = cells_of(suite, kernels[i]);

		if (cells)
			printf("  %-16s %zu\n", kernels[i]->name, cells);
	}
	for (size_t i = 0; i < suite->left_out_count; i++)
		printf("  %s\n", suite->left_out[i]);
	printf("%zu cells x %u rounds on every platform. A round takes about %s, all rounds %s a "
	       "platform:\nestimated for hardware, launches of guests aside. Where a guest is "
	       "emulated it is many times as much.\n",
	       suite->count, suite->rounds, suite_time_text(seconds, round),
	       suite_time_text(seconds * suite->rounds, all));
}

static int parse(int argc, char **argv, const char **suite, bool *wants_help, struct err *e)
{
	static const struct option names[] = {
	        {"suite", required_argument, NULL, 's'},
	        {"help", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0},
	};
	int option;

	optind = 0;
	while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
		switch (option) {
		case 's':
			*suite = optarg;
			break;
		case 'h':
			*wants_help = true;
			break;
		default:
			return usage_option(option, argv, e);
		}
	}
	if (optind < argc)
		return err_set(e, EINVAL, "\"%s\" is not an option: see sevbench list --help",
		               argv[optind]);
	return 0;
}

int cmd_list(int argc, char **argv)
{
	const char *name = NULL;
	struct suite suite = {0};
	struct err e = {""};
	bool wants_help = false;
	int rc = parse(argc, argv, &name, &wants_help, &e);

	if (!rc && name && !wants_help)
		rc = suite_load(name, NULL, &suite, &e);
	if (rc) {
		fprintf(stderr, "sevbench: %s\n", e.text);
		return CMD_USAGE;
	}
	if (wants_help)
		fputs(help, stdout);
	else if (name)
		describe_suite(&suite);
	else
		list_all();
	suite_free(&suite);
	return CMD_DONE;
}
