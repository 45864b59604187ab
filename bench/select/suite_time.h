/* SPDX-License-Identifier: MIT */
/* How long a suite takes, roughly: for people who plan their day, and for no decision. */
#ifndef BENCH_SELECT_SUITE_TIME_H
#define BENCH_SELECT_SUITE_TIME_H

#include "bench/select/suite.h"

/*
 * Seconds of one round on one platform, launches of guests aside, on hardware such as that of the
 * constants. Software emulation takes many times as long.
 */
double suite_time_round(const struct suite *suite);

/* "3 min", "1:40 h". */
#define SUITE_TIME_TEXT 32
const char *suite_time_text(double seconds, char text[SUITE_TIME_TEXT]);

#endif
