/* SPDX-License-Identifier: MIT */
/*
 * What results were measured on, where it is not the same: another processor, microcode, Linux,
 * C library, QEMU, firmware, or version of the suite makes a difference too. It is what the
 * manifests beside the results say; what one of them does not say is no difference.
 */
#ifndef ANALYSIS_DECIDE_UNLIKE_H
#define ANALYSIS_DECIDE_UNLIKE_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * Set summary->unlike to a sentence about the machines, one a source, or to "". Those of a host
 * with SNP off are left to analysis/decide/host_snp.h.
 */
void unlike_apply(struct summary *summary, const struct machine *machines, size_t count);

#endif
