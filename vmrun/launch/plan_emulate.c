/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_emulate.h"

#include <errno.h>
#include <stdio.h>

#include "vmrun/system/home.h"

/* QEMU's plugin interface changes with its releases: one build of the plugin each (vmrun/emulate).
 */
static const struct {
	unsigned major;
	const char *plugin, *unpacked;
} emulators[] = {
        {10, "lib/sevemu-api4.so", "qemu-10/qemu-system-x86_64"},
        {11, "lib/sevemu-api7.so", "qemu-11/qemu-system-x86_64"},
};
enum { EMULATORS = sizeof(emulators) / sizeof(emulators[0]) };

static int because(struct plan *plan, const char *why)
{
	plan->emulated = true;
	snprintf(plan->accel_why, sizeof(plan->accel_why), "%s", why);
	return 0;
}

/* Nothing but an emulated processor can say what it does, and of one guest in a file. */
static int check_trace(const struct vm_spec *spec, const struct plan *plan, struct err *e)
{
	if (!spec->trace)
		return 0;
	if (!plan->emulated || spec->platform == PLATFORM_NOSEV)
		return err_set(e, EINVAL,
		               "--trace is written by an emulated SEV processor, and %s: "
		               "--emulate-sev --platform snp (or sev, sev-es) gives it one",
		               spec->platform == PLATFORM_NOSEV
		                       ? "a plain guest has none"
		                       : "this guest's would be one of hardware");
	if (spec->guests > 1)
		return err_set(e, EINVAL,
		               "--trace writes of one guest: leave out --guests, or trace them one "
		               "by one");
	return 0;
}

static int decide(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                  struct err *e)
{
	struct kvmprobe kvm;
	struct err ignored;

	if (spec->emulate == VM_EMULATE_ALWAYS && spec->accel == ACCEL_KVM)
		return err_set(e, EINVAL,
		               "SEV is emulated by QEMU's software emulation: --emulate-sev and "
		               "--accel kvm exclude one another");
	if (spec->emulate == VM_EMULATE_ALWAYS)
		return because(plan, "SEV is emulated, as asked for");
	if (spec->emulate == VM_EMULATE_NEVER ||
	    (spec->platform == PLATFORM_NOSEV && spec->emulate != VM_EMULATE_MATCH))
		return 0;
	if (spec->accel == ACCEL_TCG)
		return because(plan, "software emulation was asked for, and SEV is emulated too");
	if (spec->accel == ACCEL_NONE && host_kvm(host, &kvm, &ignored))
		return because(plan, kvm.reason);
	return 0;
}

int plan_emulate_decide(const struct vm_spec *spec, const struct host_source *host,
                        struct plan *plan, struct err *e)
{
	int rc = decide(spec, host, plan, e);

	return rc ? rc : check_trace(spec, plan, e);
}

void plan_emulate_hint(const struct vm_spec *spec, const struct host_source *host, char *hint,
                       size_t size)
{
	struct kvmprobe kvm;
	struct err ignored;
	bool asked = spec->emulate != VM_EMULATE_AUTO || spec->accel == ACCEL_TCG;

	hint[0] = '\0';
	if (!asked && spec->platform != PLATFORM_NOSEV && !host_kvm(host, &kvm, &ignored))
		snprintf(hint, size,
		         "--emulate-sev would show that sev, sev-es and snp work, on this machine "
		         "too, though not what they cost");
}

/* Can the QEMU called `name` emulate SEV, with a plugin that is there? */
static int try_qemu(const char *name, struct plan *plan, struct err *e)
{
	int rc = dialect_probe(name, &plan->qemu, e);

	for (size_t i = 0; !rc && i < EMULATORS; i++)
		if (plan->qemu.major == emulators[i].major)
			return home_find(emulators[i].plugin, plan->plugin, e);
	return rc ? rc
	          : err_set(e, ENOTSUP, "%s is QEMU %u.%u, which cannot emulate SEV: 10 and 11 can",
	                    plan->qemu.path, plan->qemu.major, plan->qemu.minor);
}

static int find_qemu(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	char path[PATH_MAX];
	struct err why;

	if (spec->qemu)
		return try_qemu(spec->qemu, plan, e);
	if (!try_qemu("qemu-system-x86_64", plan, &why))
		return 0;
	for (size_t i = 0; i < EMULATORS; i++)
		if (!home_find(emulators[i].unpacked, path, NULL) && !try_qemu(path, plan, &why))
			return 0;
	return err_set(e, ENOTSUP,
	               "emulating SEV needs QEMU 10 or 11: run 'make setup', or name one with "
	               "--qemu (%s)",
	               why.text);
}

int plan_emulate_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	int rc = find_qemu(spec, plan, e);

	if (rc == -ENOENT)
		rc = -ENOTSUP;
	plan->argv.trace = spec->trace != NULL;
	plan->argv.emulated = true;
	plan->argv.plugin = spec->platform == PLATFORM_NOSEV ? NULL : plan->plugin;
	return rc;
}
