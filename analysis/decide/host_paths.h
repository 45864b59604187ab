/* SPDX-License-Identifier: MIT */
/*
 * What ran on the host, where analysis/reference/switches.csv says that a path hangs on it: another
 * Linux or QEMU there does other work for the same operation. A change of pages' states hangs on
 * both, whatever their versions.
 */
#ifndef ANALYSIS_DECIDE_HOST_PATHS_H
#define ANALYSIS_DECIDE_HOST_PATHS_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/* Set summary->hosts by the manifests beside its sources, which are as many. -ENOMEM. */
int host_paths_apply(struct summary *summary, const struct machine *machines, size_t count,
                     struct err *e);

/*
 * What the table says of an operation on all hosts of the summary; NULL where it says nothing, more
 * than one thing, or what nobody knows to hold there.
 */
const struct switches_row *host_paths_find(const struct summary *summary,
                                           const struct switches *switches, const char *kernel,
                                           const char *variant, const char *params);

/*
 * Must a row and its reference not be compared, since one of them, or each, was measured on hosts
 * where its operation goes along different paths? Then `why` says so. What is emulated goes along
 * none of them; of a host that is not known nothing is said.
 */
bool host_paths_apart(const struct summary *summary, const struct summary_row *row,
                      const struct summary_row *reference, char why[256]);

#endif
