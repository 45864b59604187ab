/* SPDX-License-Identifier: MIT */
/* What this host can launch, and if it cannot, exactly why. */
#ifndef VMRUN_HOST_H
#define VMRUN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/cpu.h"
#include "harness/err.h"
#include "harness/sev.h"
#include "vmrun/kvmprobe.h"

/* Where the host is read: this one (host_here), or recorded answers in tests. */
struct host_source {
	const char *root; /* put before every /sys and /proc and /dev path; "" for none */
	const struct cpu_source *cpu;
	const struct kvmprobe *kvm; /* recorded answer of the KVM probe; NULL: probe */
};
extern const struct host_source host_here;

/* The C-bit's place where the host cannot say it: from Milan on (AMD PPR of family 19h). */
#define HOST_DEFAULT_CBIT 51

/* -ENOTSUP with the reason when `platform` cannot be launched with KVM here, 0 when it can. */
int host_can(const struct host_source *source, enum platform platform, struct err *e);

/* Does KVM work here? 0, or -ENOTSUP with the reason. `probe` may be NULL. */
int host_kvm(const struct host_source *source, struct kvmprobe *probe, struct err *e);

/* The C-bit's position in page table entries, or HOST_DEFAULT_CBIT. */
unsigned host_cbit(const struct host_source *source);

/*
 * The bracketed word of a selection file as /sys writes it ("always [madvise] never"), or the whole
 * first line where there is no bracket. -errno when it cannot be read.
 */
int host_read_choice(const struct host_source *source, const char *path, char *text, size_t size);

#endif
