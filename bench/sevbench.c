/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "bench/cmd/cmd.h"
#include "harness/standard.h"
#include "harness/version.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
        {"list", cmd_list, "the suites, and the kernels with their variants"},
        {"run", cmd_run, "measure a suite natively and in every guest this host can launch"},
        {"compare", cmd_compare, "slower, faster, the same or undecided: verdicts on results"},
        {"explain", cmd_explain,
         "the way of an operation, leg by leg, and what was measured of it"},
        {"neighbours", cmd_neighbours, "what several guests at once cost one another"},
        {"bundle", cmd_bundle,
         "one archive that measures a machine where nothing can be installed"},
        {"plot", cmd_plot, "pictures of results"},
        {"export", cmd_export, "a table for spreadsheets, the platforms side by side"},
        {"report", cmd_report, "one page with verdicts, pictures, tables and the machine"},
};

static int usage(FILE *out)
{
	fprintf(out, "usage: sevbench COMMAND [OPTION]...\n\n"
	             "What AMD SEV, SEV-ES and SEV-SNP cost in memory and in world switches.\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
	fprintf(out,
	        "\n`sevbench help COMMAND` says more. Exit status: 0 done, 1 failed, 2 usage,\n"
	        "77 nothing could run here, 124 timed out.\n");
	return out == stdout ? CMD_DONE : CMD_USAGE;
}

/* A command by its name; NULL with a sentence on standard error. */
static int (*find(const char *name))(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name))
			return commands[i].run;
	}
	fprintf(stderr, "sevbench: there is no command \"%s\": try --help\n", name);
	return NULL;
}

/* `sevbench help run` is `sevbench run --help`. */
static int help(int argc, char **argv)
{
	char wanted[] = "--help";
	int (*run)(int, char **);

	if (argc < 2)
		return usage(stdout);
	if (argc > 2) {
		fprintf(stderr, "sevbench: help takes one command, not also \"%s\"\n", argv[2]);
		return CMD_USAGE;
	}
	run = find(argv[1]);
	return run ? run(2, (char *[]){argv[1], wanted, NULL}) : CMD_USAGE;
}

int main(int argc, char **argv)
{
	int (*run)(int, char **);

	if (standard_open())
		return CMD_FAILED;
	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout);
	if (!strcmp(argv[1], "help"))
		return help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		printf("sevbench %s\n", SEVBENCH_VERSION);
		return CMD_DONE;
	}
	run = find(argv[1]);
	return run ? run(argc - 1, argv + 1) : CMD_USAGE;
}
