/* SPDX-License-Identifier: MIT */
/* Everything about the machine that a reader of a number may ask for, as JSON. */
#ifndef HARNESS_ENVIRONMENT_H
#define HARNESS_ENVIRONMENT_H

#include <jansson.h>

#include "harness/clock.h"
#include "harness/cpu.h"
#include "harness/err.h"

/*
 * CPU (vendor, model, family, stepping, microcode, flags that matter), the CPUID cache leaves that
 * libc's memcpy chooses by (0x80000005, 0x80000006, 0x8000001D, 4), caches, NUMA nodes, memory,
 * Linux release and command line, mitigations, governor, boost, SMT, THP, KSM, NUMA balancing,
 * clock source and clock figures, libc version, GLIBC_TUNABLES and thresholds, hypervisor, observed
 * SEV state (sev_observe), what Hyper-V says of isolation, counters and why they are absent. A
 * value that cannot be read is null, with its reason in "unknown": {"key": "reason"}. CPUID is
 * asked of `cpu`, and `root` put before every path (&cpu_here and "" for the running system,
 * recorded values in tests). New reference, or NULL with `e`.
 */
json_t *environment_describe(const struct cpu_source *cpu, const char *root,
                             const struct clock *clock, struct err *e);

/*
 * Is that a description that somebody else made, of the keys above and of their types alone
 * (harness/shape.h)? 0, or -EPROTO with a sentence that begins with the key.
 */
int environment_check(const json_t *environment, struct err *e);

#endif
