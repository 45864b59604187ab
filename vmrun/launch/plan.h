/* SPDX-License-Identifier: MIT */
/*
 * A struct vm_spec with every default found and every claim checked: what vm_run will launch. Each
 * part is left by the file that answers its question (plan_memory.c, ...); plan_resolve.c asks them
 * in their order.
 */
#ifndef VMRUN_LAUNCH_PLAN_H
#define VMRUN_LAUNCH_PLAN_H

#include <limits.h>
#include <sched.h>

#include "harness/place.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/qemu/dialect.h"

#define PLAN_UNLIKE 200

struct plan {
	struct argv_plan
	        argv;  /* points into this struct and into the spec; its directory is not set */
	bool emulated; /* SEV is emulated, or that of the guests that this one is to match */
	struct qemu qemu;
	struct place place;       /* vCPU i runs on place.cpu[i] */
	cpu_set_t others;         /* CPUs for QEMU's other threads */
	bool apart;               /* `others` has none of the vCPUs' */
	unsigned realtime;        /* priority of the vCPU threads; 0: none */
	unsigned boot_seconds;    /* as in the spec */
	unsigned run_seconds;     /* deadline from HELLO to END; 0: none */
	char accel_why[300];      /* why this accelerator, one sentence */
	char cpu_model[256];      /* where one was made from the spec's or the default */
	char unlike[PLAN_UNLIKE]; /* as plan_cpus_compare */
	struct err memory_doubt;  /* the sentence of plan_memory_doubt; "": none */
	char kernel[PATH_MAX];
	char release[128];       /* of the guest kernel, as its own header says */
	char modules[PATH_MAX];  /* "": the guest kernel has none */
	char sevbench[PATH_MAX]; /* sevbench.ko for that release; "": not built */
	char firmware[PATH_MAX]; /* "": QEMU's own */
	char plugin[PATH_MAX];   /* that emulates SEV for this QEMU; "": not emulated */
};

#endif
