/* SPDX-License-Identifier: MIT */
/* What exec_run() keeps of one guest: its folder, what its command prints, and how it ends. */
#ifndef VMRUN_EXEC_GUEST_H
#define VMRUN_EXEC_GUEST_H

#include <limits.h>

#include "vmrun/launch/vm.h"
#include "vmrun/wire/counts.h"

/* Text that goes to a descriptor line by line, each with the guest's name before it. */
struct exec_lines {
	char *text; /* owned: what came of the line that is not whole yet */
	size_t fill, room;
};

struct exec_guest {
	char name[24];         /* "guest"; of several "guest0", "guest1", ... */
	bool several;          /* then what goes to the terminal is marked with the name */
	bool quiet;            /* how its cells went is not said */
	char where[64];        /* before each sentence about it */
	char folder[PATH_MAX]; /* "": none, output goes to standard output */
	char logs[PATH_MAX + 8];
	int output; /* where the command's standard output goes */
	struct exec_lines out, err;
	struct counts_marks marks;
	json_t *met; /* owned: what share of the time of each cell all guests were at it; NULL: none
	              */
	enum vm_job_end how;
	int code;
	struct err broken; /* why an event ended the run; "" */
};

/* Guest `index` of `count` (1: it is alone) of the program that calls itself `who`. */
void exec_guest_init(struct exec_guest *g, const char *who, unsigned index, unsigned count);

/* The events of a run of one job; the context is the guest. */
extern const struct vm_events exec_guest_events;

/* Make the folder `path`, which must be new, for its output and logs. -EINVAL when it is not. */
int exec_guest_folder(struct exec_guest *g, const char *path, struct err *e);

/* report.json, where there is a folder. */
int exec_guest_report(const struct exec_guest *g, const struct vm_report *report, struct err *e);

/* Everything it printed is out, or not: -errno. */
int exec_guest_close(struct exec_guest *g, struct err *e);

#endif
