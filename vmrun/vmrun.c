/* SPDX-License-Identifier: MIT */
/* The program `vmrun`: its commands, and nothing that a library could do. */
#include <stdio.h>
#include <string.h>

#include "harness/standard.h"
#include "harness/version.h"
#include "vmrun/command.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
        {"exec", command_exec, "launch one guest, run a command in it, bring its results back"},
        {"argv", command_argv, "print the QEMU command line, launch nothing"},
        {"doctor", command_doctor,
         "say for each mode whether this host can launch it, and why not"},
};

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: vmrun COMMAND [OPTION]...\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\nvmrun COMMAND --help shows its options.\n");
	return status;
}

int main(int argc, char **argv)
{
	if (standard_open())
		return COMMAND_FAILED;
	if (argc < 2)
		return usage(stderr, COMMAND_USAGE);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout, COMMAND_DONE);
	if (!strcmp(argv[1], "--version")) {
		printf("vmrun %s\n", SEVBENCH_VERSION);
		return COMMAND_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "vmrun: no command '%s'; vmrun --help lists them\n", argv[1]);
	return COMMAND_USAGE;
}
