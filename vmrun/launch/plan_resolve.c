/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_resolve.h"

#include <errno.h>
#include <string.h>

#include "vmrun/launch/plan_accel.h"
#include "vmrun/launch/plan_cpus.h"
#include "vmrun/launch/plan_emulate.h"
#include "vmrun/launch/plan_firmware.h"
#include "vmrun/launch/plan_kernel.h"
#include "vmrun/launch/plan_memlock.h"
#include "vmrun/launch/plan_memory.h"
#include "vmrun/launch/plan_model.h"
#include "vmrun/launch/plan_realtime.h"

static int find_qemu(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	int rc;

	if (plan->emulated)
		rc = plan_emulate_find(spec, plan, e);
	else
		rc = dialect_probe(spec->qemu ? spec->qemu : "qemu-system-x86_64", &plan->qemu, e);
	plan->argv.qemu = &plan->qemu;
	plan->argv.platform = spec->platform;
	if (rc == -ENOENT)
		rc = -EINVAL;
	/* One that nobody named is missing here, and not in the request. */
	return rc == -EINVAL && !spec->qemu ? -ENOTSUP : rc;
}

int plan_resolve_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                      struct err *e)
{
	int rc;

	memset(plan, 0, sizeof(*plan));
	rc = plan_emulate_decide(spec, host, plan, e);
	if (!rc)
		rc = plan_accel_find(spec, plan, e);
	if (!rc)
		rc = find_qemu(spec, plan, e);
	if (!rc && spec->cpu_model)
		rc = dialect_check_model(&plan->qemu, spec->cpu_model, e);
	if (!rc)
		rc = plan_firmware_find(spec, plan, e);
	if (!rc)
		rc = plan_memory_find(spec, host, plan, e);
	if (!rc)
		rc = plan_kernel_find(spec, plan, e);
	if (!rc)
		rc = plan_cpus_find(spec, plan, e);
	if (!rc)
		rc = plan_realtime_find(spec, plan, e);
	if (rc)
		return rc;
	plan_model_find(spec, host, plan);
	return argv_check(&plan->argv, e);
}

int plan_resolve_allow(const struct vm_spec *spec, const struct host_source *host,
                       struct plan *plan, struct err *e)
{
	int rc = plan->emulated ? 0 : plan_accel_allow(spec, host, plan, e);

	if (!rc)
		plan_model_find(spec, host, plan); /* of the accelerator that it has become */
	if (!rc)
		rc = plan_firmware_allow(spec, plan, e);
	if (!rc)
		rc = plan_memory_allow(spec, host, e);
	return rc || plan->emulated ? rc : plan_memlock_allow(spec, e);
}

int plan_resolve(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                 struct err *e)
{
	int rc = plan_resolve_find(spec, host, plan, e), allowed;
	struct err why;

	if (rc && rc != -ENOTSUP)
		return rc;
	/* A host that cannot is the weightier reason than a QEMU that cannot. */
	allowed = plan_resolve_allow(spec, host, plan, &why);
	if (!allowed)
		return rc;
	if (e)
		*e = why;
	return allowed;
}
