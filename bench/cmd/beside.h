/* SPDX-License-Identifier: MIT */
/*
 * What neighbours cost, measured: on every platform, in every round, a guest alone, on the CPUs
 * where it is the first of several too, and several at once, beside one another. bench/cmd/beside.c
 * measures, bench/cmd/beside_results.c knows where things lie and finds them again:
 *
 *   DIRECTORY/manifest.json                       what was asked for, the machine, every launch
 *   DIRECTORY/round1/nosev/alone/output           rows of the guest alone (report.json, logs/)
 *   DIRECTORY/round1/nosev/beside/guest0/output   rows of the first of the others (as above)
 *
 * A launch that is under way, or that did not end well, lies under its name with ".partial".
 */
#ifndef BENCH_CMD_BESIDE_H
#define BENCH_CMD_BESIDE_H

#include <jansson.h>
#include <limits.h>

#include "bench/cmd/load.h"
#include "bench/run/run_order.h"
#include "bench/run/run_stop.h"
#include "bench/run/run_target.h"
#include "bench/run/watch.h"
#include "vmrun/exec_run.h"

#define BESIDE_SCHEMA 1

/* What the command line says; the command behind the options is the program to measure with. */
struct beside {
	const struct options *options; /* the guest; spec.guests: so many at once */
	bool target[TARGET_COUNT];     /* platforms that are asked for */
	unsigned rounds;
	const char *output; /* new directory; NULL: results/<time>-neighbours */
	int argc;           /* the command line, for the manifest */
	char **argv;

	/* of beside_check and beside_measure */
	struct options guest; /* borrows from `options` */
	struct exec_program program;
	struct run_target targets[TARGET_COUNT];
	struct place place; /* of all guests together */
	char *directory;    /* owned */
	uint64_t seed;      /* of the orders */
	json_t *manifest;   /* owned */
	const volatile sig_atomic_t *stop;
	size_t launches, whole; /* planned; those that ended well */
};

/*
 * Everything that can be said before anything starts; what this host cannot launch is said on
 * standard error, with the reason. -EINVAL for bad input, -ENOTSUP where no guest can be launched.
 */
int beside_check(struct beside *b, struct err *e);

/*
 * Make the directory and measure. An exit status: of the first launch that did not end well, which
 * ends the measurement. What ended well before it stays; both are said on standard error.
 */
int beside_measure(struct beside *b);
void beside_free(struct beside *b);

/* DIRECTORY/roundR/PLATFORM, with /alone or /beside behind it where `part` is that. -ENAMETOOLONG.
 */
int beside_path(char path[PATH_MAX], const char *directory, unsigned round, unsigned target,
                const char *part, struct err *e);

/* What a directory holds. */
struct beside_results {
	json_t *manifest; /* owned */
	unsigned guests, rounds;
	struct load_path
	        *paths; /* owned, with their names: sides as in analysis/decide/neighbours.h */
	size_t count;
	size_t cells, apart; /* of all launches; those that guests did not measure together */
	double least;        /* share of the time that they did, of the worst cell */
};

/* -EINVAL when it is no such directory, -ENODATA when no launch in it ended well. */
int beside_results_open(const char *directory, struct beside_results *r, struct err *e);
void beside_results_free(struct beside_results *r);

/* What a reader of the figures has to know: what is not in them, and what they are worth. */
void beside_results_say(const struct beside_results *r, FILE *out);

#endif
