/* SPDX-License-Identifier: MIT */
/* The lists of values that options take, "4K,1M": each a sweep over one part of a cell. */
#ifndef BENCH_SELECT_SELECTION_LIST_H
#define BENCH_SELECT_SELECTION_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "bench/select/selection_size.h"

#define SELECTION_LIST_MAX 64 /* values in one list */

/* A list of numbers; count 0: not given, the kernel's default sweep applies. */
struct selection_list {
	size_t count;
	uint64_t value[SELECTION_LIST_MAX];
};

/* The same of sizes, which depend on the machine where they are multiples of its caches. */
struct selection_list_sizes {
	size_t count;
	struct selection_size value[SELECTION_LIST_MAX];
};

/* In a list of threads: as many as there are physical cores. */
#define SELECTION_LIST_CORES 0

/*
 * Read `text` into `list`, in the place of what it had. `what` names the option in a sentence of
 * -EINVAL or -ERANGE for a value that cannot be meant.
 */
int selection_list_parse_sizes(const char *what, const char *text,
                               struct selection_list_sizes *list, struct err *e);
int selection_list_parse_threads(const char *what, const char *text, struct selection_list *list,
                                 struct err *e);
int selection_list_parse_pages(const char *what, const char *text, struct selection_list *list,
                               struct err *e);
int selection_list_parse_backings(const char *what, const char *text, struct selection_list *list,
                                  struct err *e);
int selection_list_parse_fills(const char *what, const char *text, struct selection_list *list,
                               struct err *e);
int selection_list_parse_axis(const char *what, const char *text, struct selection_list *list,
                              struct err *e);

#endif
