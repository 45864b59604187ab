/* SPDX-License-Identifier: MIT */
/*
 * What a program answers when it is asked for one cell: rows, each of which is read by the code
 * that reads samples.csv and held against the cell before it goes into that file. A guest may send
 * what it likes; what stands in the file is of this cell, on this platform, in this round.
 */
#ifndef BENCH_RUN_ANSWER_H
#define BENCH_RUN_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/read/row_line.h"
#include "analysis/read/samples.h"
#include "harness/result.h"

/*
 * Bytes of a row. The name of a run, which is a file's, its parameters and its CPUs have at most
 * 255 each, its reason twice 511 (in quotes, a quote is two), and forty numbers 21 each.
 */
#define ANSWER_LINE_MAX 4096

/* Zero-initialise; answer_open(), and answer_close() when done. */
struct answer {
	unsigned samples_max;     /* in each series */
	enum cell_status status;  /* the worst of its rows */
	bool unrun;               /* a row without a sample has come, and nothing else may */
	uint64_t operations;      /* of its op samples */
	struct row_line expected; /* a row of that cell, as a program writes one */
	struct row_line came;     /* the last row that was taken */
	struct row row;
	struct samples samples;
};

/* For the rows of `cell`, which is sampled as planned. -ENOMEM. */
int answer_open(struct answer *a, const struct result_origin *origin, const struct cell *cell,
                const struct sampler_plan *plan, struct err *e);

/* Bytes that an answer may have: a header, its rows, an end mark. */
uint64_t answer_bytes_max(const struct sampler_plan *plan);

/*
 * Take a line. -EPROTO with what is wrong with it: it cannot be read, it is of another cell, there
 * are more samples than were planned, or a row without a sample beside others.
 */
int answer_take(struct answer *a, const char *line, size_t length, struct err *e);

/*
 * Write the row that was taken last. The host's columns are the host's, whatever stood there:
 * `counts`, fields with a comma before each as RESULT_COUNTS_FIELDS, and `host_pages`.
 */
void answer_put(const struct answer *a, FILE *out, const char *counts, const char *host_pages);

void answer_close(struct answer *a);

#endif
