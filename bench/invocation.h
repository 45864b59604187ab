/* SPDX-License-Identifier: MIT */
/* What the command line of a bench-<kernel> asks for. */
#ifndef BENCH_INVOCATION_H
#define BENCH_INVOCATION_H

#include "bench/select/selection.h"
#include "harness/result.h"

enum invocation_what {
	INVOCATION_MEASURE,
	INVOCATION_LOOK, /* no option, on a terminal: a table of a few cells */
	INVOCATION_LIST,
	INVOCATION_ENVIRONMENT,
	INVOCATION_HELP,
	INVOCATION_VERSION
};

struct invocation {
	const struct kernel *kernel;
	struct selection selection;
	struct result_origin origin;
	bool platform_asked;
	bool end_mark;
	bool quiet;
	bool skip;          /* a cell whose memory or CPUs are not there is a row */
	const char *output; /* "-" for standard output */
	bool force;         /* a file that is there is replaced */
	enum invocation_what what;
};

/*
 * Put the words of `argv` into `inv`, which is zero but for its kernel. What it borrows belongs to
 * the command line. -EINVAL or -ERANGE with a sentence; invocation_free() in any case.
 */
int invocation_parse(int argc, char **argv, struct invocation *inv, struct err *e);
void invocation_free(struct invocation *inv);

/* The options, on standard output. */
void invocation_print_help(const struct kernel *kernel);

#endif
