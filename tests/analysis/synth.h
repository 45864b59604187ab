/* SPDX-License-Identifier: MIT */
/* samples.csv files made up for tests: a struct with the fields that matter, one call a row. */
#ifndef TESTS_ANALYSIS_SYNTH_H
#define TESTS_ANALYSIS_SYNTH_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/result.h"

/* A row; synth_default is a good one. Fields as in harness/result.h, NULL for an empty one. */
struct synth {
	const char *run;
	unsigned round;
	const char *platform, *accel, *kernel, *variant;
	uint64_t size;
	unsigned threads; /* of a cell with a size */
	const char *pages, *backing, *params, *series;
	unsigned sample;
	uint64_t iterations;              /* 0: no sample */
	double ns;                        /* of the batch */
	uint64_t read, written, allocate; /* of one iteration */
	const char *status, *reason, *unit;
	bool single_shot;
	double cycles;           /* of the series; 0: not known */
	const char *noise;       /* "involuntary,migrations,steal_ns"; NULL: not known */
	double exits, exits_irq; /* of an operation; 0 both: not known */
	double vc, vmgexit;      /* of an operation; 0 both: not known */
	double pvalidate;        /* with these */
	const char *host_pages;
	unsigned tsc_step; /* of a counter of 2 GHz; 0: 2 */
};

static const struct synth synth_default = {
        .run = "r1",
        .round = 1,
        .platform = "native",
        .accel = "none",
        .kernel = "memcpy",
        .variant = "avx2",
        .size = 1 << 20,
        .threads = 1,
        .pages = "4k",
        .backing = "anon",
        .params = "",
        .series = "op",
        .iterations = 10,
        .ns = 1000,
        .status = "ok",
        .reason = "",
        .unit = "latency",
};

static inline void synth_header(FILE *out)
{
	struct err e;

	if (result_write_header(out, &e))
		abort();
}

static inline void synth_row(FILE *out, const struct synth *r)
{
	fprintf(out, "%d,%s,%u,%s,%s,%s,%s,", RESULT_SCHEMA, r->run, r->round, r->platform,
	        r->accel, r->kernel, r->variant);
	if (r->size)
		fprintf(out, "%" PRIu64 ",%u,%s,%s,random,", r->size, r->threads, r->pages,
		        r->backing);
	else
		fprintf(out, ",1,,,,");
	fprintf(out, "%s,", r->series);
	if (r->iterations) {
		uint64_t n = r->iterations;

		fprintf(out, "%u,%" PRIu64 ",%.0f,%.3f,%" PRIu64 ",%" PRIu64, r->sample, n,
		        r->ns * 2, r->ns, n * r->read, n * r->written);
	} else {
		fprintf(out, ",,,,,");
	}
	fprintf(out, ",%s,\"%s\",%s,", r->status, r->reason, r->params);
	if (r->iterations)
		fprintf(out, "%" PRIu64, r->iterations * r->allocate);
	fprintf(out, ",0,0,%d,2000000000.000,%u,,%s,", r->single_shot,
	        r->tsc_step ? r->tsc_step : 2, r->noise ? r->noise : ",,");
	if (r->cycles > 0)
		fprintf(out, "%.0f", r->cycles);
	fprintf(out, ",,,%s,,", r->unit);
	if (r->exits > 0 || r->exits_irq > 0)
		fprintf(out, ",%.6f,,,%.6f,,,,,", r->exits, r->exits_irq);
	else if (r->vc > 0 || r->vmgexit > 0)
		fprintf(out, ",,,,,,%.6f,%.6f,0,%.6f", r->vc, r->vmgexit, r->pvalidate);
	else
		fputs(RESULT_COUNTS_FIELDS, out);
	fprintf(out, ",%s\n", r->host_pages ? r->host_pages : "");
}

/* A temporary directory for a test; synth_remove() deletes it with the files in it. */
static inline char *synth_directory(void)
{
	char *directory = strdup("/tmp/sevbench-test-XXXXXX");

	if (!directory || !mkdtemp(directory))
		abort();
	return directory;
}

static inline char *synth_path(const char *directory, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		abort();
	return path;
}

/* The file `name` in the directory, open for writing; its path goes into *path (to be freed). */
static inline FILE *synth_file(const char *directory, const char *name, char **path)
{
	FILE *out;

	*path = synth_path(directory, name);
	out = fopen(*path, "w");
	if (!out)
		abort();
	return out;
}

static inline void synth_remove(char *directory)
{
	char *command;

	if (asprintf(&command, "rm -rf '%s'", directory) < 0 || system(command))
		abort();
	free(command);
	free(directory);
}

#endif
