/* SPDX-License-Identifier: MIT */
/*
 * A suite: a text file that says which cells a run measures, and how. One line a selection:
 *
 *   # comment
 *   about One sentence.
 *   rounds 3
 *   default --samples 10 --batch-us 2000
 *   kernel memcpy --variant libc,avx2 --size 16K,256M
 *
 * `default` holds for the kernel lines after it. The options are those of the per-kernel binaries.
 */
#ifndef BENCH_SELECT_SUITE_H
#define BENCH_SELECT_SUITE_H

#include <stddef.h>

#include "bench/select/selection.h"

/* A cell and how it is sampled. */
struct suite_cell {
	struct cell cell;
	struct sampler_plan plan;
};

struct suite {
	char *name;  /* owned: "quick", or the file's path */
	char *text;  /* owned: the suite as it was read, for the manifest */
	char *about; /* owned */
	unsigned rounds;
	struct suite_cell *cells; /* owned */
	size_t count;
	char **left_out; /* owned: a sentence for each line that this machine cannot size */
	size_t left_out_count;
};

/* The suites that are built in: names, ended by NULL. */
const char *const *suite_names(void);

/*
 * Read the built-in suite `name`, or the file of that path (a name with a slash or a dot). Sizes
 * that are multiples of caches mean those of the CPUs `cpus` (NULL: by topology) of this machine; a
 * line with such sizes is left out, and said to be, where the machine does not show its caches.
 * Errors name the suite and the line.
 */
int suite_load(const char *name, const char *cpus, struct suite *suite, struct err *e);

/* The same from a text that was read before: `name` is for complaints. */
int suite_from_text(const char *name, const char *text, const char *cpus, struct suite *suite,
                    struct err *e);

/* Keep only cells of the kernels in a comma list; -EINVAL for a name that is no kernel. */
int suite_filter(struct suite *suite, const char *kernels, struct err *e);

void suite_free(struct suite *suite);

#endif
