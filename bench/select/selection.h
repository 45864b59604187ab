/* SPDX-License-Identifier: MIT */
/*
 * Which cells, and how to sample them: the options that the per-kernel binaries, the lines of a
 * suite and `sevbench run` share, and their expansion into cells.
 */
#ifndef BENCH_SELECT_SELECTION_H
#define BENCH_SELECT_SELECTION_H

#include <stddef.h>
#include <stdint.h>

#include "bench/select/selection_size.h"
#include "harness/kernel.h"
#include "harness/sampler.h"

#define SELECTION_VALUES 64 /* values in one list */

/* A list of numbers; count 0: not given, the kernel's default sweep applies. */
struct selection_numbers {
	size_t count;
	uint64_t value[SELECTION_VALUES];
};

/* The same of sizes, which depend on the machine where they are multiples of its caches. */
struct selection_sizes {
	size_t count;
	struct selection_size value[SELECTION_VALUES];
};

struct selection {
	char *variants; /* owned; comma list, "all" or NULL (all) */
	struct selection_sizes sizes;
	struct selection_numbers threads, pages, backings, fills;
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

/*
 * Every cell that `s` selects of `kernel`, in a fixed order: variants, sizes, threads, pages,
 * backings, fills, axes. *cells is malloc'ed. -EINVAL with a sentence for what the kernel does not
 * have. A size that is a multiple of the caches is resolved on this machine for the cell's threads
 * (-ENOTSUP where it does not show its caches).
 */
int selection_expand(const struct selection *s, const struct kernel *kernel, struct cell **cells,
                     size_t *count, struct err *e);

/*
 * Refuse (-EINVAL) cells that need more than `available` bytes; `where` names whose memory it is.
 * Cells on hugetlb pages need none of that.
 */
int selection_check_memory(const struct cell *cells, size_t count, uint64_t available,
                           const char *where, struct err *e);

/*
 * Refuse (-ENOTSUP) cells on hugetlb pages of which Linux has too few for one array, let alone
 * several, with the remedy.
 */
int selection_check_pools(const struct cell *cells, size_t count, int node, struct err *e);

#endif
