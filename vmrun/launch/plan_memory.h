/* SPDX-License-Identifier: MIT */
/* How much memory, on which pages of the host, with which huge pages inside? */
#ifndef VMRUN_LAUNCH_PLAN_MEMORY_H
#define VMRUN_LAUNCH_PLAN_MEMORY_H

#include "vmrun/host/host.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/vm.h"

/*
 * -EINVAL: too little for the guest, or more than the host has. After the firmware. What is enough
 * by itself, and may not be for SNP, is said in plan->memory_doubt.
 */
int plan_memory_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                     struct err *e);

/*
 * -ENOMEM with a sentence where an SNP guest of that memory, which may take nearly twice as much
 * (what is shared has pages beside those that are private), could take more than is available.
 */
int plan_memory_doubt(const struct vm_spec *spec, uint64_t available, struct err *e);

/* -ENOTSUP where the memory is to be on transparent huge pages and this host's are off. */
int plan_memory_allow(const struct vm_spec *spec, const struct host_source *host, struct err *e);

#endif
