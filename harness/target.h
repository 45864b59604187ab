/* SPDX-License-Identifier: MIT */
/*
 * What a launch is of and a column of results is about: a platform, or a platform on host pages
 * that are told apart from the usual ones ("nosev@thp"). The first PLATFORM_COUNT targets are the
 * platforms themselves, so an enum platform is a target.
 */
#ifndef HARNESS_TARGET_H
#define HARNESS_TARGET_H

#include <stdbool.h>

#include "harness/mem.h"
#include "harness/sev.h"

enum { TARGET_COUNT = PLATFORM_COUNT * (1 + MEM_PAGES_COUNT) };

/* The platform on pages of its own, and what a target is made of. */
unsigned target_on(enum platform platform, enum mem_pages pages);
enum platform target_platform(unsigned target);
/* Does it name its host pages? Then *pages is set. */
bool target_pages(unsigned target, enum mem_pages *pages);

/*
 * The order of lists, columns and legends: a platform on pages of its own stands behind that
 * platform. The target at a place from 0 to TARGET_COUNT - 1, and back.
 */
unsigned target_at(unsigned place);
unsigned target_place(unsigned target);

/* "nosev", "nosev@thp". Parsing: -EINVAL with a sentence; native, snp and guests that others
 * launch have no host pages to choose. */
const char *target_name(unsigned target);
int target_parse(const char *text, unsigned *target, struct err *e);

/* "nosev,snp", to measure on: those that are named become true, all others false. Errors as above,
 * and for guests that nobody here launches. */
int target_parse_list(const char *text, bool targets[TARGET_COUNT], struct err *e);

#endif
