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
	fprintf(out, "\n`vmrun help COMMAND` shows its options. Exit status: 0 done, 1 failed, 2 "
	             "usage,\n"
	             "77 this host cannot, 124 timed out.\n");
	return status;
}

/* A command by its name; NULL with a sentence on standard error. */
static int (*find(const char *name))(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(name, commands[i].name))
			return commands[i].run;
	}
	fprintf(stderr, "vmrun: no command '%s'; vmrun --help lists them\n", name);
	return NULL;
}

/* `vmrun help exec` is `vmrun exec --help`. */
static int help(int argc, char **argv)
{
	char wanted[] = "--help";
	int (*run)(int, char **);

	if (argc < 2)
		return usage(stdout, COMMAND_DONE);
	if (argc > 2) {
		fprintf(stderr, "vmrun: help takes one command, not also '%s'\n", argv[2]);
		return COMMAND_USAGE;
	}
	run = find(argv[1]);
	return run ? run(2, (char *[]){argv[1], wanted, NULL}) : COMMAND_USAGE;
}

int main(int argc, char **argv)
{
	int (*run)(int, char **);

	if (standard_open())
		return COMMAND_FAILED;
	if (argc < 2)
		return usage(stderr, COMMAND_USAGE);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return usage(stdout, COMMAND_DONE);
	if (!strcmp(argv[1], "help"))
		return help(argc - 1, argv + 1);
	if (!strcmp(argv[1], "--version")) {
		printf("vmrun %s\n", SEVBENCH_VERSION);
		return COMMAND_DONE;
	}
	run = find(argv[1]);
	return run ? run(argc - 1, argv + 1) : COMMAND_USAGE;
}
