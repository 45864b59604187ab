/* SPDX-License-Identifier: MIT */
/* What a measurement of neighbours has left: its files of rows, and how far to trust them. */
#ifndef BENCH_CMD_BESIDE_RESULTS_H
#define BENCH_CMD_BESIDE_RESULTS_H

#include <jansson.h>
#include <stdio.h>

#include "bench/cmd/load.h"

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
