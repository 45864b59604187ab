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
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out,
	        "\n`sevbench COMMAND --help` says more. Exit status: 0 done, 1 failed, 2 usage,\n"
	        "77 nothing could run here, 124 timed out.\n");
	return out == stdout ? CMD_DONE : CMD_USAGE;
}

int main(int argc, char **argv)
{
	if (standard_open())
		return CMD_FAILED;
	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout);
	if (!strcmp(argv[1], "--version")) {
		printf("sevbench %s\n", SEVBENCH_VERSION);
		return CMD_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "sevbench: there is no command \"%s\": try --help\n", argv[1]);
	return CMD_USAGE;
}
