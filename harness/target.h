/* SPDX-License-Identifier: MIT */
/*
 * What a launch is of and a column of results is about: a platform, or a platform on host pages
 * that are told apart from the usual ones ("nosev@thp"). A column may besides be of the same host
 * while SNP was off there ("nosev@snpoff"): nothing is launched as that. The first PLATFORM_COUNT
 * targets are the platforms themselves, so an enum platform is a target.
 */
#ifndef HARNESS_TARGET_H
#define HARNESS_TARGET_H

#include <stdbool.h>

#include "harness/mem.h"
#include "harness/sev.h"

enum { TARGET_COUNT = PLATFORM_COUNT * (1 + MEM_PAGES_COUNT) * 2 };

/* The platform on pages of its own, and what a target is made of. */
unsigned target_on(enum platform platform, enum mem_pages pages);
enum platform target_platform(unsigned target);
/* Does it name its host pages? Then *pages is set. */
bool target_pages(unsigned target, enum mem_pages *pages);
/* Is it of a host with SNP off? The same with SNP on or off, and the same on the usual pages. */
bool target_snp_is_off(unsigned target);
unsigned target_snp_off(unsigned target, bool off);
unsigned target_usual(unsigned target);

/*
 * The order of lists, columns and legends: a platform on pages of its own stands behind that
 * platform. The target at a place from 0 to TARGET_COUNT - 1, and back.
 */
unsigned target_at(unsigned place);
unsigned target_place(unsigned target);

/* "nosev", "nosev@thp", "nosev@snpoff". Parsing: -EINVAL with a sentence; native, snp and guests
 * that others launch have no host pages to choose, and there is no snp where SNP is off. */
const char *target_name(unsigned target);
int target_parse(const char *text, unsigned *target, struct err *e);

/* "nosev,snp", to measure on: those that are named become true, all others false. Errors as above,
 * and for what a launch cannot choose: guests that nobody here launches, and that SNP is off. */
int target_parse_list(const char *text, bool targets[TARGET_COUNT], struct err *e);

#endif
