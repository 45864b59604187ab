/* SPDX-License-Identifier: MIT */
/*
 * Which Linux answered #VC in the guests of a run, and whether analysis/reference/switches.csv was
 * read for that one: another may answer other operations by itself, so that other exits are right.
 */
#ifndef ANALYSIS_DECIDE_GUEST_LINUX_H
#define ANALYSIS_DECIDE_GUEST_LINUX_H

#include <stdbool.h>

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * The release of Linux in "launches" of a manifest: its environment's "release"; or the one in its
 * "version" where Debian says it there, since its releases are all 6.1.0. "" when it is not known.
 */
const char *guest_linux_release(const json_t *launch, char release[32]);

/*
 * Set summary->other_linux to a sentence about guests with #VC, on which a kernel of the summary
 * ran under another Linux than its rows of switches.csv were read for, and summary->mixed_linux
 * where encrypted guests ran more than one. -ENOMEM and the like.
 */
int guest_linux_apply(struct summary *summary, const struct machine *machines, size_t count,
                      struct err *e);

/*
 * Must the cell of a row not be compared, since encrypted guests ran several Linuxes and it is
 * other work on each? Then `why` says so.
 */
bool guest_linux_apart(const struct summary *summary, const struct summary_row *row, char why[256]);

#endif
