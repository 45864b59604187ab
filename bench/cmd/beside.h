/* SPDX-License-Identifier: MIT */
/*
 * What neighbours cost, measured: on every platform, in every round, a guest alone, on the CPUs
 * where it is the first of several too, and several at once, beside one another. beside_check looks
 * before anything starts, beside_measure measures, beside_results finds again what lies where:
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
#include <signal.h>

#include "bench/run/run_target.h"
#include "harness/place.h"
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

void beside_free(struct beside *b);

/* DIRECTORY/roundR/PLATFORM, with /alone or /beside behind it where `part` is that. -ENAMETOOLONG.
 */
int beside_path(char path[PATH_MAX], const char *directory, unsigned round, unsigned target,
                const char *part, struct err *e);

#endif
