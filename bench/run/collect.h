/* SPDX-License-Identifier: MIT */
/*
 * samples.csv of a run, filled from many streams: one stream is what one per-kernel binary prints
 * for one cell, natively or through a guest's port. Whole rows go to the file as they arrive.
 */
#ifndef BENCH_RUN_COLLECT_H
#define BENCH_RUN_COLLECT_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/run/answer.h"
#include "harness/result.h"
#include "vmrun/wire/counts.h"

struct collect {
	struct result_file file;
	unsigned long rows;
};

/* Create PATH.partial with its header. Errors as result_file_open. */
int collect_open(struct collect *c, const char *path, struct err *e);

/* Continue PATH.partial of an interrupted run behind its first `bytes` bytes: the rest is dropped.
 */
int collect_resume(struct collect *c, const struct folder *in, const char *name, long long bytes,
                   struct err *e);

/* Put what was collected on disk; collect_bytes_written() is how much that is, header included. */
int collect_flush(struct collect *c, struct err *e);
long long collect_bytes_written(const struct collect *c);

/* Flush and give the file its name; or keep what is whole of it as .partial. */
int collect_commit(struct collect *c, struct err *e);
void collect_abandon(struct collect *c);

/* One row for a cell that did not run. */
int collect_unrun(struct collect *c, const struct result_origin *origin, const struct cell *cell,
                  enum cell_status status, const char *reason, struct err *e);

/* A stream under way. Zero-initialise; collect_stream_free() when done. */
struct collect_stream {
	struct answer answer;
	char name[256]; /* of the cell, as its marks name it */
	char *line;     /* owned: what came of the line that is not whole yet; ANSWER_LINE_MAX */
	size_t fill;
	bool header;            /* the header came, and was the one expected */
	bool ended;             /* the end mark came */
	unsigned long rows;     /* rows that came */
	long declared;          /* rows that the end mark counts */
	char *held;             /* owned: a row without a sample, for collect_end() */
	char *counts;           /* owned: the fields of collect_counts(); NULL: nobody counted */
	uint64_t operations;    /* for which they are */
	const char *host_pages; /* borrowed: of the guest that sends; NULL: it is no guest */
};

/* For the rows of that cell, sampled as planned. -ENOMEM. */
int collect_begin(struct collect_stream *s, const struct result_origin *origin,
                  const struct cell *cell, const struct sampler_plan *plan, struct err *e);

/*
 * Take bytes as they come. A row goes to the file when it is one of the cell (bench/run/answer.h).
 * -EPROTO for what is no stream of its results: the stream is over then, and what the file has of
 * it stays.
 */
int collect_bytes(struct collect *c, struct collect_stream *s, const void *bytes, size_t length,
                  struct err *e);

/*
 * What the host counted while the cell was sampled: the rows that come from now on carry it in the
 * host's columns. Nothing is known of a cell without operations. -EPROTO when it is counted twice,
 * or of another cell.
 */
int collect_counts(struct collect_stream *s, const struct counts_cell *cell, struct err *e);

/*
 * Nothing more comes: 0 when the stream was whole, otherwise -EPROTO. Header, rows and end mark
 * came, their number agrees, no more operations were timed than were counted, and the rows say what
 * the program's exit status does, `said`. A row without a sample goes to the file now: of a stream
 * that is not whole, it would stand beside the row that says so.
 */
int collect_end(struct collect *c, struct collect_stream *s, enum cell_status said, struct err *e);
void collect_stream_free(struct collect_stream *s);

#endif
