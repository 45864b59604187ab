/* SPDX-License-Identifier: MIT */
/*
 * One command in one guest, or in several at once, to its end: what it prints, its logs and its
 * report are kept, and what went wrong is said on standard error. `vmrun exec` is this once,
 * `sevbench neighbours` many times.
 */
#ifndef VMRUN_EXEC_RUN_H
#define VMRUN_EXEC_RUN_H

#include <limits.h>

#include "vmrun/options.h"

/* A program of this host, and what it is in the guest: /bin/<its name>. */
struct exec_program {
	char path[PATH_MAX];
	char in_guest[NAME_MAX + 8];
};

struct exec_run {
	const char *who;               /* before each sentence: "vmrun exec" */
	const struct options *options; /* the guest, and what goes into it */
	const struct exec_program *program;
	char *const *argv; /* the command; the first word is the program's path in the guest */
	unsigned count;    /* of guests to launch. One where options->spec says that there are
	                    * several is the first of these, where it would run among them */
	/* new directory for output, report.json and logs, of several guests one for each in it
	 * (guest0, ...); NULL: the output goes to standard output */
	const char *folder;
	bool quiet; /* what goes well is not said: it is in the reports */
};

/* Look `name` up as a shell would. -EINVAL when there is no such program. */
int exec_run_find(const char *name, struct exec_program *program, struct err *e);

/* Launch, and wait for the end. An exit status: see vmrun/command.h. */
int exec_run(const struct exec_run *what);

#endif
