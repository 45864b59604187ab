/* SPDX-License-Identifier: MIT */
/* A struct vm_spec with every default found and every claim checked: what vm_run will launch. */
#ifndef VMRUN_LAUNCH_PLAN_H
#define VMRUN_LAUNCH_PLAN_H

#include <limits.h>
#include <sched.h>

#include "harness/place.h"
#include "vmrun/host/host.h"
#include "vmrun/launch/vm.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/qemu/dialect.h"

#define PLAN_UNLIKE 200

struct plan {
	struct argv_plan
	        argv; /* points into this struct and into the spec; its directory is not set */
	struct qemu qemu;
	struct place place; /* vCPU i runs on place.cpu[i] */
	cpu_set_t others;   /* CPUs for QEMU's other threads */
	bool apart;         /* `others` has none of the vCPUs' */
	unsigned realtime;  /* priority of the vCPU threads; 0: none */
	unsigned boot_seconds;
	char accel_why[300];      /* why this accelerator, one sentence */
	char cpu_model[256];      /* where one was made from the spec's or the default */
	char unlike[PLAN_UNLIKE]; /* as plan_compare_cores */
	char kernel[PATH_MAX];
	char release[128];       /* of the guest kernel, as its own header says */
	char modules[PATH_MAX];  /* "": the guest kernel has none */
	char sevbench[PATH_MAX]; /* sevbench.ko for that release; "": not built */
	char firmware[PATH_MAX]; /* "": QEMU's own */
};

/* Parts of plan_find and plan_allow: the guest kernel with its modules, the firmware, the limit. */
int plan_find_kernel(const struct vm_spec *spec, struct plan *plan, struct err *e);
int plan_find_firmware(const struct vm_spec *spec, struct plan *plan, struct err *e);
int plan_check_memlock(const struct vm_spec *spec, struct err *e);

/*
 * How the guest's cores are not those that its vCPUs run on: one sentence without a full stop; "":
 * they are the same. QEMU gives every core as many hardware threads as the next.
 */
void plan_compare_cores(const struct place *place, char text[PLAN_UNLIKE]);

/* May the vCPU threads get the real-time priority that is asked for, and would anything be left? */
int plan_check_realtime(const struct vm_spec *spec, const struct plan *plan, struct err *e);

/*
 * Find every file and default, and refuse bad input (-EINVAL) and what this QEMU cannot do
 * (-ENOTSUP); with "auto" the accelerator is KVM for now. Starts nothing but QEMU's --version and
 * the like.
 */
int plan_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
              struct err *e);

/* Then: can this host launch it, and with which accelerator? -ENOTSUP with the reason. */
int plan_allow(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
               struct err *e);

/* Both. */
int plan_resolve(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                 struct err *e);

#endif
