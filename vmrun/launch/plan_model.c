/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_model.h"

#include <stdio.h>
#include <string.h>

#include "harness/cpu.h"
#include "vmrun/host/need.h"

/*
 * AMD's processors show hardware threads by TOPOEXT (AMD64 APM volume 3, CPUID Fn8000_0001_ECX bit
 * 22), which QEMU leaves out of "host" unless it is told to (target/i386/cpu.c,
 * no_autoenable_flags). Its EPYC models have it.
 */
/* Does KVM work here without having a type for such guests? Linux has them from 6.10 on, and made
 * them before (KVM_CAP_VM_TYPES). */
static bool lacks_type(const struct host_source *host, enum platform platform)
{
	struct kvmprobe kvm;

	return (platform == PLATFORM_SEV || platform == PLATFORM_SEV_ES) &&
	       !host_kvm(host, &kvm, NULL) && !(kvm.vm_types >> need_of(platform)->vm_type & 1);
}

void plan_model_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan)
{
	bool kvm = plan->argv.accel == ACCEL_KVM;
	const char *model = spec->cpu_model  ? spec->cpu_model
	                    : kvm            ? "host"
	                    : plan->emulated ? "max,-mpx,-la57"
	                                     : "max";
	char vendor[CPU_SIGNATURE];

	plan->argv.cbit = host_cbit(host);
	plan->argv.legacy_type = kvm && lacks_type(host, spec->platform);
	plan->argv.cpu_model = model;
	if (plan->emulated && !strstr(model, "phys-bits")) {
		/* The C-bit is one of them. */
		snprintf(plan->cpu_model, sizeof(plan->cpu_model), "%s,phys-bits=52", model);
		plan->argv.cpu_model = plan->cpu_model;
		return;
	}
	cpu_vendor_at(host->cpu, vendor);
	if (!kvm || plan->argv.core_threads < 2 || strcmp(vendor, "AuthenticAMD") != 0 ||
	    strstr(model, "topoext") ||
	    strlen(model) + sizeof(",topoext=on") > sizeof(plan->cpu_model))
		return;
	snprintf(plan->cpu_model, sizeof(plan->cpu_model), "%s,topoext=on", model);
	plan->argv.cpu_model = plan->cpu_model;
}
