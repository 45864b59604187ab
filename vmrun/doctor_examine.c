/* SPDX-License-Identifier: MIT */
#include "vmrun/doctor_examine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/mem_available.h"
#include "harness/units.h"
#include "vmrun/host/requirement.h"
#include "vmrun/image/modules.h"
#include "vmrun/launch/plan_firmware.h"
#include "vmrun/launch/plan_kernel.h"
#include "vmrun/launch/plan_memlock.h"
#include "vmrun/launch/plan_memory.h"
#include "vmrun/qemu/dialect.h"
#include "vmrun/qemu/ovmf.h"

/* The first Linux that can be an SNP guest. */
#define SNP_GUEST_MAJOR 5
#define SNP_GUEST_MINOR 19

static struct finding *add_row(struct doctor *d, const char *name)
{
	struct finding *f = &d->findings[d->count];

	memset(f, 0, sizeof(*f));
	d->names[d->count++] = name;
	return f;
}

static void examine_limit(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "memory to lock");
	char text[UNITS_TEXT] = "no limit";
	struct rlimit r;

	if (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &r) == 0 && r.rlim_cur != RLIM_INFINITY)
		units_size(r.rlim_cur, text);
	snprintf(f->found, sizeof(f->found), "%s", text);
	for (int p = PLATFORM_SEV; p <= PLATFORM_SEV_ES; p++) {
		struct vm_spec one = *spec;
		struct err e = {""};

		one.platform = (enum platform)p;
		one.emulate = VM_EMULATE_NEVER; /* what the host can is asked */
		finding_judge(f, one.platform,
		              plan_memlock_allow(&one, &e) ? VERDICT_FAIL : VERDICT_OK, "%s",
		              e.text);
	}
}

static void examine_memory(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "memory");
	uint64_t available = mem_available();
	char text[UNITS_TEXT] = "not known how much";
	struct err e = {""};

	if (available)
		units_size(available, text);
	snprintf(f->found, sizeof(f->found), "%s available", text);
	finding_judge(f, PLATFORM_SNP,
	              !available                               ? VERDICT_UNKNOWN
	              : plan_memory_doubt(spec, available, &e) ? VERDICT_WARN
	                                                       : VERDICT_OK,
	              "%s", e.text);
}

static void examine_qemu(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "QEMU");
	const struct dialect *dialect;
	struct qemu qemu;
	struct err e = {""};

	if (dialect_probe(spec->qemu ? spec->qemu : "qemu-system-x86_64", &qemu, &e)) {
		snprintf(f->found, sizeof(f->found), "none that can be used");
		finding_judge(f, PLATFORM_NOSEV, VERDICT_FAIL, "%s", e.text);
		finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_FAIL, e.text);
		return;
	}
	dialect = qemu.dialect;
	snprintf(f->found, sizeof(f->found), "%u.%u (%s)%s%s%s%s", qemu.major, qemu.minor,
	         dialect->name, dialect->sev_object ? ": " : "",
	         dialect->sev_object ? dialect->sev_object : "", dialect->snp_object ? ", " : "",
	         dialect->snp_object ? dialect->snp_object : "");
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (!dialect->snp_object)
		finding_judge(
		        f, PLATFORM_SNP, VERDICT_FAIL,
		        "QEMU %u.%u has no sev-snp-guest, which came with QEMU 9.1: install a "
		        "later one (Debian: from backports) and name it with --qemu",
		        qemu.major, qemu.minor);
	if (!dialect->sev_object)
		finding_judge_all(
		        f, FINDING_ENCRYPTED, VERDICT_FAIL,
		        "this QEMU was built without SEV: install your distribution's, and name "
		        "it with --qemu");
}

static void examine_firmware(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "firmware");
	struct vm_spec one = *spec;
	struct plan plan;
	struct ovmf ovmf;
	struct err e = {""};

	one.platform = PLATFORM_SNP; /* which QEMU's own firmware does not satisfy */
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	if (plan_firmware_find(&one, &plan, &e) ||
	    (plan.firmware[0] && ovmf_read(plan.firmware, &ovmf, &e))) {
		snprintf(f->found, sizeof(f->found), "none for encrypted guests");
		finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_FAIL, e.text);
		return;
	}
	if (!plan.firmware[0]) {
		snprintf(f->found, sizeof(f->found), "QEMU's own");
		finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_FAIL,
		                  "QEMU's own firmware cannot start an encrypted guest: "
		                  "leave out --firmware default");
		return;
	}
	snprintf(f->found, sizeof(f->found), "%.100s%s", plan.firmware,
	         ovmf.svsm     ? ", edk2 2024.05 or later"
	         : ovmf.snp    ? ", metadata of SNP"
	         : ovmf.sev_es ? ", metadata of SEV-ES"
	                       : ", no metadata of SEV");
	for (int p = PLATFORM_SEV; p <= PLATFORM_SNP; p++) {
		struct err why = {""};
		int rc = ovmf_allow(&ovmf, plan.firmware, (enum platform)p, &why);

		if (!rc && ovmf_doubt(&ovmf, plan.firmware, (enum platform)p, &why))
			finding_judge(f, (enum platform)p, VERDICT_WARN, "%s", why.text);
		else
			finding_judge(f, (enum platform)p, rc ? VERDICT_FAIL : VERDICT_OK, "%s",
			              why.text);
	}
}

/* Debian's kernels for clouds have the driver of /dev/sev-guest from 6.12 on, and not in 6.1. */
static bool lacks_sev_guest(const struct plan *plan)
{
	struct modules modules = {0};
	int rc = plan->modules[0] ? modules_add(&modules, plan->modules, "sev-guest", NULL) : 0;

	modules_free(&modules);
	return rc == -ENOENT;
}

static void examine_guest_kernel(struct doctor *d, const struct vm_spec *spec)
{
	struct finding *f = add_row(d, "guest kernel");
	struct plan plan;
	struct err e = {""};
	unsigned major, minor;

	if (plan_kernel_find(spec, &plan, &e)) {
		snprintf(f->found, sizeof(f->found), "none that can be used");
		finding_judge(f, PLATFORM_NOSEV, VERDICT_FAIL, "%s", e.text);
		finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_FAIL, e.text);
		return;
	}
	snprintf(f->found, sizeof(f->found), "%s", plan.release);
	finding_judge(f, PLATFORM_NOSEV, VERDICT_OK, "%s", "");
	finding_judge_all(f, FINDING_ENCRYPTED, VERDICT_OK, "");
	if (sscanf(plan.release, "%u.%u", &major, &minor) == 2 &&
	    (major < SNP_GUEST_MAJOR || (major == SNP_GUEST_MAJOR && minor < SNP_GUEST_MINOR)))
		finding_judge(f, PLATFORM_SNP, VERDICT_WARN,
		              "Linux %u.%u is older than %d.%d, the first that can be an SNP guest",
		              major, minor, SNP_GUEST_MAJOR, SNP_GUEST_MINOR);
	else if (lacks_sev_guest(&plan))
		finding_judge(f, PLATFORM_SNP, VERDICT_WARN,
		              "this guest kernel was built without /dev/sev-guest "
		              "(CONFIG_SEV_GUEST): its SNP guests run, and get no report of the "
		              "SEV firmware; Linux 6.12 for clouds has it: remove build/guest and "
		              "run 'make setup', or name a newer one (--guest-kernel)");
}

/* A recorded host can launch what no row forbids; of this one the launcher itself is asked. */
static void conclude(const struct host_source *source, const struct vm_spec *spec, struct doctor *d)
{
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
		struct vm_spec one = *spec;
		struct vm_choice choice = {.accel = ACCEL_KVM};
		struct err e = {""};
		int rc;

		one.platform = (enum platform)p;
		one.emulate = VM_EMULATE_NEVER; /* what the host can is asked */
		rc = source->recorded ? requirement_allow(source, one.platform, &e)
		                      : vm_check(&one, &choice, &e);
		d->can[p] = rc == 0;
		d->accel[p] = choice.accel;
		snprintf(d->why[p], sizeof(d->why[p]), "%s",
		         rc                          ? e.text
		         : choice.accel == ACCEL_TCG ? choice.why
		                                     : "");
	}
}

void doctor_examine(const struct host_source *source, const struct vm_spec *spec, struct doctor *d)
{
	struct facts facts;
	size_t count;
	const struct requirement *rows = requirement_rows(&count);

	memset(d, 0, sizeof(*d));
	facts_gather(source, &facts);
	for (size_t i = 0; i < count; i++)
		rows[i].check(&facts, add_row(d, rows[i].name));
	d->leaf_known = facts.has_leaf;
	memcpy(d->leaf, facts.leaf, sizeof(d->leaf));
	facts_release(&facts);
	if (!source->recorded) {
		examine_limit(d, spec);
		examine_memory(d, spec);
		examine_qemu(d, spec);
		examine_firmware(d, spec);
		examine_guest_kernel(d, spec);
	}
	conclude(source, spec, d);
}
