/* SPDX-License-Identifier: MIT */
/* One job in the guest: start it, forward what it says, hold it to its deadline, clean up behind
 * it. */
#ifndef VMRUN_GUEST_GUEST_JOB_H
#define VMRUN_GUEST_GUEST_JOB_H

#include <stdint.h>

#include "harness/err.h"
#include "vmrun/guest/guest_port.h"
#include "vmrun/wire/job.h"

/*
 * Run `job` to its end; START, its OUTPUT, ERROR and MARK frames and EXIT go through `port`.
 * Whatever becomes of the job is the EXIT frame's to say, so 0 is returned for one that crashes,
 * too; failures are the port's (-EPIPE, -EPROTO) and a job that cannot even be killed (-ETIME). The
 * beginning of its standard error goes to the file descriptor `console` as well (-1: nowhere).
 * Nothing it started is alive afterwards: its process group is killed, and, when the caller is PID
 * 1, every process.
 */
int guest_job_run(struct guest_port *port, uint16_t index, const struct vm_job *job, int console,
                  struct err *e);

#endif
