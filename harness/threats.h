/* SPDX-License-Identifier: MIT */
/* What this machine is set to that threatens the numbers it will measure. */
#ifndef HARNESS_THREATS_H
#define HARNESS_THREATS_H

#include <jansson.h>

#include "harness/err.h"
#include "harness/place.h"

/*
 * One sentence for each threat to what runs on these CPUs, with what to do about it: a governor
 * that is not performance, boost, hardware threads beside them, stolen time, a quota of CPU time,
 * transparent huge pages that are always given, KSM, NUMA balancing, interrupts that are delivered
 * to them. What cannot be read threatens nothing: environment_describe() has the reason. `root` is
 * put before every /proc and /sys path ("" for the running system). A new array of strings, or
 * NULL: no memory.
 */
json_t *threats_find(const char *root, const struct place *place);

#endif
