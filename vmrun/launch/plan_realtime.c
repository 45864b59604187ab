/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_realtime.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

/* A CPU that a real-time thread keeps busy runs nothing else: QEMU's own work needs another. */
int plan_realtime_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	struct sched_param wanted = {.sched_priority = (int)spec->realtime}, before;
	int policy = sched_getscheduler(0), rc = 0;

	if (!spec->realtime)
		return 0;
	if (!plan->apart)
		return err_set(e, EINVAL,
		               "--realtime needs a CPU beside those of the vCPUs, for QEMU's "
		               "other threads: there is none");
	sched_getparam(0, &before);
	if (sched_setscheduler(0, SCHED_FIFO, &wanted) != 0)
		rc = err_set(e, EINVAL,
		             "a real-time priority of %u is not allowed here (%s): become root, or "
		             "raise 'ulimit -r'",
		             spec->realtime, strerror(errno));
	else
		sched_setscheduler(0, policy, &before);
	plan->realtime = spec->realtime;
	return rc;
}
