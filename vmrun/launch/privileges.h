/* SPDX-License-Identifier: MIT */
/* As whom QEMU runs: a vmrun of root's gives it no more than it needs, where that can be. */
#ifndef VMRUN_LAUNCH_PRIVILEGES_H
#define VMRUN_LAUNCH_PRIVILEGES_H

#include <stdbool.h>

#include "vmrun/launch/plan.h"
#include "vmrun/system/process.h"

struct privileges {
	bool drop; /* run QEMU as `user` */
	struct process_user user;
	char name[64]; /* of that user */
	char why[512]; /* why they are kept: one sentence without a full stop; "": they are dropped
	                */
};

/*
 * Decide for this plan. They are kept where there are none to drop (vmrun is not root), where
 * vmrun could no longer steer a QEMU of another user's (it lacks the capabilities to pin, read or
 * kill it, or to let it lock memory that SEV pins), and where that user cannot open what QEMU
 * needs: its program, the guest kernel, the firmware, /dev/kvm, /dev/sev for an encrypted guest,
 * and the way to the private directory, which plan->argv.directory names.
 */
void privileges_decide(const struct plan *plan, struct privileges *p);

/* The same for a named user, with the effective capabilities given as Linux numbers their bits. */
void privileges_decide_for(const struct plan *plan, const char *user, uint64_t capabilities,
                           struct privileges *p);

#endif
