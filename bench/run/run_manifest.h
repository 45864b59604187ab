/* SPDX-License-Identifier: MIT */
/* The manifest of a run (bench/run/manifest.h): what it says of the run as a whole. */
#ifndef BENCH_RUN_RUN_MANIFEST_H
#define BENCH_RUN_RUN_MANIFEST_H

#include "bench/run/run.h"

/* Make and write it, with all that is known before the first launch; a run that goes on has one. */
int run_manifest_begin(struct run *run, struct err *e);

/* What became of the run: it ended with `rc` and, where that is not 0, with the sentence of `why`.
 */
int run_manifest_end(struct run *run, int rc, const struct err *why, struct err *e);

#endif
