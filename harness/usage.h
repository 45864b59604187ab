/* SPDX-License-Identifier: MIT */
/* What a command line was refused for, in the same words by every program. */
#ifndef HARNESS_USAGE_H
#define HARNESS_USAGE_H

#include "harness/err.h"

/*
 * The sentence for what getopt_long() refused: `answer` is what it returned, ':' or '?' (its list
 * of short options begins with ':'), `argv` what it was given, and its optind and optopt are as it
 * left them. Returns -EINVAL.
 */
int usage_option(int answer, char *const argv[], struct err *e);

#endif
