/* SPDX-License-Identifier: MIT */
/* QEMU's vCPU threads on their CPUs, everything else of it elsewhere. */
#ifndef VMRUN_LAUNCH_PINNING_H
#define VMRUN_LAUNCH_PINNING_H

#include <jansson.h>

#include "harness/err.h"
#include "vmrun/launch/plan.h"
#include "vmrun/qemu/qmp.h"

/*
 * Pin each vCPU thread (query-cpus-fast) of the process `qemu` to its CPU and verify it, and give
 * it its priority. QEMU's other threads inherited plan->others when it was started. *json gets what
 * was done, for the report. -EPROTO for a thread that is none of its own.
 */
int pinning_apply(struct qmp *qmp, pid_t qemu, const struct plan *plan, struct deadline deadline,
                  json_t **json, struct err *e);

#endif
