/* SPDX-License-Identifier: MIT */
/*
 * The proof by counts: did the operations of a cell go where the table of world switches says they
 * go on that platform? KVM counts how often they left the guest. Where SEV is emulated its
 * processor counts #VC and VMGEXIT: both where the path begins with #VC and leaves the guest, #VC
 * alone where Linux answers it, neither on other paths (under SEV without ES a guest leaves without
 * #VC).
 */
#ifndef ANALYSIS_DECIDE_EXIT_CHECK_H
#define ANALYSIS_DECIDE_EXIT_CHECK_H

#include "analysis/decide/summary_row.h"
#include "analysis/decide/switches.h"

/*
 * What may stand beside the operation's own exits without making them wrong: so much of an
 * operation, so many around the sampling (the guest tells its host where that begins and ends), and
 * so many a second for the guest's timers, over all its vCPUs. Interrupts of the host are counted
 * apart and taken off before. Fewer than expected, less the first, are wrong too.
 */
#define EXIT_CHECK_SLACK      0.1
#define EXIT_CHECK_MARKS      64.0
#define EXIT_CHECK_PER_SECOND 10000.0

/* So many operations of a cell the guest kernel module does first, untimed. */
#define EXIT_CHECK_UNTIMED 1.0

/*
 * The same for #VC and VMGEXIT, where nothing is counted apart. A tick is two of each (the end of
 * the interrupt and the next one's time), 250 times a second on each vCPU. And so many a batch: the
 * guest kernel module finds its device and makes it ready, by ports, before it times one.
 */
#define EXIT_CHECK_SEV_PER_SECOND 4000.0
#define EXIT_CHECK_SEV_BATCH      64.0

#define EXIT_CHECK_TEXT 480

/*
 * Fill in exits and sev, what is expected of them, and in how many rounds they were counted and
 * wrong, of a row that was measured: every round is held to what is expected, for a median hides
 * one in which operations went elsewhere. -ENOMEM.
 */
int exit_check(const struct switches *switches, const struct samples *samples,
               struct summary_row *row, struct err *e);

/*
 * "exits on nosev: KVM counted 0.003 of an operation ... where 1 is expected, in 1 of 5 rounds
 * (round 3) ...", for a row that is wrong in a round: the counts of the first of these.
 */
const char *exit_check_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT]);

/*
 * "wrong" where one round is, "right" where all that were counted are as expected, or "" where
 * nothing was counted or no number is expected.
 */
const char *exit_check_word(const struct summary_row *row);

/* "1.00": exits of an operation in few digits; "" where they were not counted. */
const char *exit_check_number(const struct summary_row *row, char text[32]);

#endif
