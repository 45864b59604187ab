/* SPDX-License-Identifier: MIT */
/*
 * The proof by exit counts: did the operations of a cell leave the guest as often as the table of
 * world switches says they do on that platform?
 */
#ifndef ANALYSIS_DECIDE_EXIT_CHECK_H
#define ANALYSIS_DECIDE_EXIT_CHECK_H

#include "analysis/decide/summary_row.h"
#include "analysis/decide/switches.h"

/*
 * What may stand beside the operation's own exits without making them wrong: so much of an
 * operation, so many around the sampling (the guest tells its host where that begins and ends), and
 * so many a second for the guest's timers, over all its vCPUs. Interrupts of the host are counted
 * apart and taken off before.
 */
#define EXIT_CHECK_SLACK      0.1
#define EXIT_CHECK_MARKS      64.0
#define EXIT_CHECK_PER_SECOND 10000.0

#define EXIT_CHECK_TEXT 256

/* Fill in exits, exits_expected and exits_wrong of a row that was measured. -ENOMEM. */
int exit_check(const struct switches *switches, const struct samples *samples,
               struct summary_row *row, struct err *e);

/* "exits on nosev: 0.003 an operation where 1 is expected ...", for a row that is wrong. */
const char *exit_check_text(const struct summary_row *row, char text[EXIT_CHECK_TEXT]);

/* "right", "wrong", or "" where they were not counted or no number is expected. */
const char *exit_check_word(const struct summary_row *row);

/* "1.00": exits of an operation in few digits; "" where they were not counted. */
const char *exit_check_number(const struct summary_row *row, char text[32]);

#endif
