/* SPDX-License-Identifier: MIT */
/*
 * Which cells, and how to sample them: the options that the per-kernel binaries and the lines of a
 * suite share. selection_expand makes cells of them.
 */
#ifndef BENCH_SELECT_SELECTION_H
#define BENCH_SELECT_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "bench/select/selection_list.h"
#include "harness/kernel.h"
#include "harness/sampler.h"

struct selection {
	char *variants; /* owned; comma list, "all" or NULL (all) */
	struct selection_list_sizes sizes;
	struct selection_list threads, pages, backings, fills;
	char *params[AXIS_MAX]; /* owned; "name=1,2,4" */
	size_t param_count;
	bool single; /* time every operation alone, also of a kernel that is timed in batches */
	struct sampler_plan plan;
	uint64_t seed;
	char *cpus; /* owned; for place_choose, NULL: by topology */
	int node;   /* -1: Linux's choice */
};

/* The plan that holds where nothing else was said: 20 samples of 5 ms after 5 ms of warm-up. */
void selection_init(struct selection *s);
void selection_free(struct selection *s);

/* A copy that owns its own strings; -ENOMEM. */
int selection_copy(const struct selection *from, struct selection *to, struct err *e);

/*
 * Take one option by name ("size", "batch-us") with its text ("4K,1M"; NULL for one without).
 * -EINVAL or -ERANGE with a sentence for a value that cannot be meant; -ENOENT when the name is
 * none of ours.
 */
int selection_option(struct selection *s, const char *name, const char *text, struct err *e);

/* True when the option takes no value ("single"). */
bool selection_is_flag(const char *name);

/* Help text of all the options, one a line. */
extern const char selection_help[];

#endif
