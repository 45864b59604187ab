/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_firmware.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "vmrun/launch/plan_file.h"
#include "vmrun/qemu/ovmf.h"
#include "vmrun/system/home.h"

/* Where Debian and Ubuntu put the one OVMF image that serves all modes, and, which was not tried,
 * openSUSE and Arch. Fedora and RHEL have none: OVMF.amdsev.fd refuses -kernel, and the rest is in
 * two parts. That of `make setup`, which is a good one for snp too, comes first. */
static const char *const firmwares[] = {"/usr/share/ovmf/OVMF.fd", "/usr/share/qemu/OVMF.fd",
                                        "/usr/share/qemu/ovmf-x86_64.bin",
                                        "/usr/share/edk2/x64/OVMF.4m.fd"};

/* A plain guest may do with QEMU's own firmware; the report says that it did. */
static int find_path(const struct vm_spec *spec, char path[PATH_MAX], struct err *e)
{
	path[0] = '\0';
	if (spec->firmware && !strcmp(spec->firmware, "default"))
		return 0;
	if (spec->firmware)
		return plan_file_find("firmware", spec->firmware, path, e);
	if (!home_find("ovmf/OVMF.fd", path, NULL))
		return 0;
	path[0] = '\0';
	for (size_t i = 0; i < sizeof(firmwares) / sizeof(firmwares[0]); i++) {
		if (access(firmwares[i], R_OK) == 0)
			return plan_file_find("firmware", firmwares[i], path, e);
	}
	if (spec->platform == PLATFORM_NOSEV)
		return 0;
	return err_set(e, ENOTSUP,
	               "no OVMF firmware for %s found (Debian: apt-get install ovmf; elsewhere "
	               "make setup names "
	               "the package); name one "
	               "(--firmware)",
	               platform_name(spec->platform));
}

int plan_firmware_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	int rc = find_path(spec, plan->firmware, e);
	struct ovmf ovmf;

	if (!rc && spec->firmware && plan->firmware[0])
		rc = ovmf_read(plan->firmware, &ovmf, e);
	plan->argv.firmware = plan->firmware[0] ? plan->firmware : NULL;
	return rc;
}

int plan_firmware_allow(const struct vm_spec *spec, const struct plan *plan, struct err *e)
{
	struct ovmf ovmf;
	int rc;

	if (!plan->firmware[0] || spec->platform == PLATFORM_NOSEV)
		return 0;
	rc = ovmf_read(plan->firmware, &ovmf, e);
	if (!rc)
		rc = ovmf_allow(&ovmf, plan->firmware, spec->platform, e);
	return rc == -ENOTSUP && spec->firmware ? -EINVAL : rc;
}
