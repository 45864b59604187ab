/* SPDX-License-Identifier: MIT */
/* A user who wants a measurement to end: its guests end at once, its loops at their next look. */
#ifndef BENCH_RUN_RUN_STOP_H
#define BENCH_RUN_RUN_STOP_H

#include <signal.h>

/* From now on a user's signals (harness/standard.h) end the guests under way; its number
 * once one came, and 0 before. */
const volatile sig_atomic_t *run_stop(void);

#endif
