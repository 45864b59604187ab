/* SPDX-License-Identifier: MIT */
/* What SEV_STATUS says of the guests of a run, where that makes what they do dearer. */
#ifndef ANALYSIS_DECIDE_GUEST_STATUS_H
#define ANALYSIS_DECIDE_GUEST_STATUS_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * Set summary->dear_exits to a sentence where a guest, or the machine that a run measured as it is,
 * had IBPB on entry; else to "".
 */
void guest_status_apply(struct summary *summary, const struct machine *machines, size_t count);

#endif
