/* SPDX-License-Identifier: MIT */
/*
 * The targets of a measurement (harness/target.h), platforms on certain host pages: which guest
 * each is, whether this host can launch it, and what a manifest says of that.
 */
#ifndef BENCH_RUN_RUN_TARGET_H
#define BENCH_RUN_RUN_TARGET_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/target.h"
#include "vmrun/launch/vm.h"

struct run_target {
	bool wanted;             /* asked for, or part of what is measured by default */
	bool here;               /* it is this machine, and no guest that is launched */
	bool launch;             /* wanted, and this host can */
	char reason[1024];       /* why it cannot */
	struct vm_choice choice; /* what it runs on */
};

/* The guest of a target: `vm` with its platform and host pages. */
struct vm_spec run_target_spec(const struct vm_spec *vm, unsigned target);

/* The host pages of its rows; NULL: it is no guest. */
const char *run_target_host_pages(const struct vm_spec *vm, unsigned target);

/* Can this host launch that guest? `launch`, `reason` and `choice`; -EINVAL for bad input. */
int run_target_check(const struct vm_spec *spec, struct run_target *target, struct err *e);

/* Is SEV emulated in one that will be launched? */
bool run_target_emulated(const struct run_target targets[TARGET_COUNT]);

/* How those that are wanted and cannot be launched would run all the same; "": no way. */
const char *run_target_hint(const struct run_target targets[TARGET_COUNT]);

/* Without an encrypted guest to match, QEMU's own firmware boots sooner. */
void run_target_firmware(const struct run_target targets[TARGET_COUNT], struct vm_spec *spec);

/* Those that are wanted, for the manifest. */
json_t *run_target_describe(const struct run_target targets[TARGET_COUNT]);

#endif
