/* SPDX-License-Identifier: MIT */
/* The launches of neighbours, in rounds: guests alone and guests beside one another. */
#ifndef BENCH_CMD_BESIDE_MEASURE_H
#define BENCH_CMD_BESIDE_MEASURE_H

#include "bench/cmd/beside.h"

/*
 * Make the directory and measure. An exit status: of the first launch that did not end well, which
 * ends the measurement. What ended well before it stays; both are said on standard error.
 */
int beside_measure(struct beside *b);

#endif
