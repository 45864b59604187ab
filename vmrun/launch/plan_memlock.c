/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_memlock.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/units.h"

int plan_memlock_allow(const struct vm_spec *spec, struct err *e)
{
	char limit[UNITS_TEXT], want[UNITS_TEXT];
	struct rlimit r;

	if (spec->platform != PLATFORM_SEV && spec->platform != PLATFORM_SEV_ES)
		return 0;
	if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &r) != 0 || r.rlim_cur >= spec->memory)
		return 0;
	return err_set(
	        e, ENOTSUP,
	        "%s pins all guest memory, and only %s of the %s may be locked; become root, or "
	        "raise 'ulimit -l'",
	        platform_name(spec->platform), units_size(r.rlim_cur, limit),
	        units_size(spec->memory, want));
}
