/* SPDX-License-Identifier: MIT */
/* The options of the program `vmrun` that describe a guest. */
#ifndef VMRUN_OPTIONS_H
#define VMRUN_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"
#include "vmrun/launch/vm.h"

struct options {
	struct vm_spec spec;
	const char *output;    /* --out; NULL: none */
	const char **programs; /* owned: --program, in their order */
	size_t program_count;
	const char **modules; /* owned: --module, in their order */
	size_t module_count;
	const char **files; /* owned: --file, in their order */
	size_t file_count;
	char **command;   /* what follows the options; NULL-terminated */
	bool mode_given;  /* --platform was among them */
	bool json;        /* --json */
	bool verbose;     /* --verbose */
	bool diff;        /* --diff */
	bool prove;       /* --prove */
	const char *root; /* --root; NULL: none */
	bool help;
};

enum option_set {
	OPTIONS_GUEST = 1,  /* what describes the guest */
	OPTIONS_RUN = 2,    /* and what runs in it */
	OPTIONS_DOCTOR = 4, /* and how a host is looked at */
	OPTIONS_ARGV = 8,   /* and how a command line is shown */
	OPTIONS_EXEC =
	        16 /* and how vmrun exec launches it: its mode, how many, where output goes */
};

/* Options that a program has of its own, beside these. */
struct options_own {
	const struct option *rows; /* ended by a zero one; their `val` is below 256 */
	int (*take)(void *context, int option, const char *value, struct err *e);
	void *context;
};

/*
 * Take one option that describes the guest, by its name ("accel", "guest-kernel"), for programs
 * that have these options among others of their own. -ENOENT when the name is none of them.
 */
int options_guest(struct vm_spec *spec, const char *name, const char *value, struct err *e);

/*
 * Read argv; `own` may be NULL. -EINVAL with a sentence for bad usage. options_free() when done,
 * even then.
 */
int options_parse(int argc, char **argv, unsigned sets, const struct options_own *own,
                  struct options *o, struct err *e);
void options_free(struct options *o);

/* The text of --help for these options. */
void options_help(unsigned sets);

#endif
