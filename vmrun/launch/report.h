/* SPDX-License-Identifier: MIT */
/* What the manifest says about one launch. Keys: see report.c. */
#ifndef VMRUN_LAUNCH_REPORT_H
#define VMRUN_LAUNCH_REPORT_H

#include <jansson.h>
#include <sys/types.h>

#include "harness/err.h"
#include "vmrun/host/host.h"
#include "vmrun/launch/emulation.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/privileges.h"

/* The plan and the command line. NULL: no memory. */
json_t *report_new(const struct plan *plan, char *const *argv);

/*
 * What sets this guest apart from the plain one that it is matched with, setting by setting as in
 * argv_diff.h, each with its reason: "differences". A setting without one means that the two do not
 * match. -ENOMEM.
 */
int report_differences(json_t *report, const struct plan *plan, char *const *argv, struct err *e);

/* SHA-256 of guest kernel, initramfs (open for reading), guest kernel module and firmware. */
int report_inputs(json_t *report, const struct plan *plan, int initramfs, struct err *e);

/*
 * How the guest's memory is really backed, read from /proc/<pid>/smaps: bytes that are resident,
 * and those of them in huge pages. What the guest never touched is neither; nor is the private
 * memory of an SNP guest, which this mapping does not hold. "not_as_asked" says when the pages are
 * not those of the plan.
 */
void report_memory(json_t *report, const struct plan *plan, const struct host_source *host,
                   pid_t qemu);

/* As whom QEMU runs, and why so. */
void report_privileges(json_t *report, const struct privileges *privileges);

/* What emulated SEV, where it wrote down what it did (NULL: nowhere), what it counted: "emulation".
 */
void report_emulation(json_t *report, const struct plan *plan, const char *trace,
                      const struct emulation *emulation);

/* report["times"][event] = seconds since the launch. */
void report_time(json_t *report, const char *event, double seconds);

#endif
