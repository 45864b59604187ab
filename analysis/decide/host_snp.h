/* SPDX-License-Identifier: MIT */
/*
 * Was SNP on in the host of a run? Then what the host and its plain guests write is checked against
 * the RMP too, and the controls, native and nosev, are dearer than on the same host without: a
 * share that only results of that host with SNP off can show (compare --snp-off).
 */
#ifndef ANALYSIS_DECIDE_HOST_SNP_H
#define ANALYSIS_DECIDE_HOST_SNP_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * May the results of `off` stand beside those of `on` as the same host with SNP off? -EINVAL with a
 * sentence where they are of different hosts, or SNP was not on here and off there, or that is not
 * known. Two hosts of one make cannot be told apart.
 */
int host_snp_check(const struct machine *on, const struct machine *off, struct err *e);

/* Set summary->host_snp to what a reader of native and nosev has to know, or to "". */
void host_snp_apply(struct summary *summary, const struct machine *machines, size_t count);

#endif
