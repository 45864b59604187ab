/* SPDX-License-Identifier: MIT */
/*
 * Bandwidth in percent of what the memory can move in theory, as the published figures of SEV are
 * given: bytes read and written (the convention of STREAM) of cells whose arrays are at least four
 * times all the last-level caches that their threads may use, which is what STREAM asks for: one
 * for each thread, or all there are. Where nobody knows how many there are, of one thread only.
 */
#ifndef ANALYSIS_DECIDE_PEAK_H
#define ANALYSIS_DECIDE_PEAK_H

#include "analysis/decide/summary.h"
#include "analysis/read/machine.h"

/*
 * Set the percentages of `summary`. `machines`: one for each of the results that it is made of.
 * Nothing is set where one of them does not know, or they differ.
 */
void peak_apply(struct summary *summary, const struct machine *machines, size_t count);

#endif
