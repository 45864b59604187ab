/* SPDX-License-Identifier: MIT */
/* May neighbours be measured so? What is asked for, before anything starts. */
#ifndef BENCH_CMD_BESIDE_CHECK_H
#define BENCH_CMD_BESIDE_CHECK_H

#include "bench/cmd/beside.h"

/*
 * Everything that can be said before anything starts; what this host cannot launch is said on
 * standard error, with the reason. -EINVAL for bad input, -ENOTSUP where no guest can be launched.
 */
int beside_check(struct beside *b, struct err *e);

#endif
