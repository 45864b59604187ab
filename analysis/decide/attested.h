/* SPDX-License-Identifier: MIT */
/*
 * Is it proven by attestation that a run's guests were what SEV_STATUS said they are? The report of
 * the security processor stands in the manifest of each launch (harness/attest.h).
 */
#ifndef ANALYSIS_DECIDE_ATTESTED_H
#define ANALYSIS_DECIDE_ATTESTED_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * Set summary->attested to a sentence where guests of SEV-SNP ran: in how many launches the
 * processor reported, and what; or why it did not. A report of the emulation never counts as a
 * proof of hardware. "" where none ran.
 */
void attested_apply(struct summary *summary, const struct machine *machines, size_t count);

#endif
