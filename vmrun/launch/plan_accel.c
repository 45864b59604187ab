/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_accel.h"

#include <errno.h>
#include <stdio.h>

#include "vmrun/host/requirement.h"

#define BOOT_SECONDS_KVM 120
#define BOOT_SECONDS_TCG 180
#define BOOT_GIB_SECONDS                                                                           \
	1 /* more for each GiB, which is allocated and, under SNP, accepted at boot */

static void set_accel(const struct vm_spec *spec, struct plan *plan, enum accel accel)
{
	bool kvm = accel == ACCEL_KVM;

	plan->argv.accel = accel;
	plan->run_seconds = spec->run_seconds;
	plan->boot_seconds = spec->boot_seconds;
	if (!plan->boot_seconds)
		plan->boot_seconds = (kvm ? BOOT_SECONDS_KVM : BOOT_SECONDS_TCG) +
		                     (unsigned)(spec->memory >> 30) * BOOT_GIB_SECONDS;
}

int plan_accel_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	if (spec->accel != ACCEL_NONE && spec->accel != ACCEL_KVM && spec->accel != ACCEL_TCG)
		return err_set(e, EINVAL, "the accelerator is kvm, tcg or auto");
	set_accel(spec, plan, spec->accel == ACCEL_TCG ? ACCEL_TCG : ACCEL_KVM);
	return 0;
}

int plan_accel_allow(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                     struct err *e)
{
	struct err why = {""};
	int rc;

	if (spec->accel == ACCEL_TCG) {
		snprintf(plan->accel_why, sizeof(plan->accel_why),
		         "software emulation was asked for");
		return 0;
	}
	rc = requirement_allow(host, spec->platform, &why);
	if (!rc) {
		snprintf(plan->accel_why, sizeof(plan->accel_why), "KVM works here");
		return 0;
	}
	if (spec->accel == ACCEL_KVM || spec->platform != PLATFORM_NOSEV)
		return err_set(e, -rc, "%s", why.text);
	snprintf(plan->accel_why, sizeof(plan->accel_why), "%s", why.text);
	set_accel(spec, plan, ACCEL_TCG);
	return 0;
}
