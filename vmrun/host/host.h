/* SPDX-License-Identifier: MIT */
/* Where facts about the host come from: this machine, or a recording of another one. */
#ifndef VMRUN_HOST_HOST_H
#define VMRUN_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/cpu.h"
#include "harness/err.h"
#include "harness/sev.h"
#include "vmrun/host/kvmprobe.h"
#include "vmrun/host/sevfirmware.h"

#define HOST_RELEASE 65 /* as uname gives it, with its NUL */

struct host_msr {
	uint32_t index;
	uint64_t value;
};

/* A node of /dev: whose it is, and whether this user may read and write it. */
struct host_device {
	char path[24];
	int rc;                    /* 0, or -errno: -ENOENT there is none, -EACCES not allowed */
	char owner[33], group[33]; /* names, or numbers that have none; "" where there is no node */
	unsigned mode;             /* permission bits */
};

/* What stands in no file of a machine. See recording.h. */
struct host_recording {
	struct kvmprobe kvm;
	char release[HOST_RELEASE]; /* of Linux */
	const char *log;            /* Linux's log; NULL: not recorded */
	const struct host_msr *msrs;
	size_t msr_count;
	const struct host_device *devices; /* what is not among them is not there */
	size_t device_count;
	const struct sevfirmware_answer *firmware; /* NULL: not recorded */
};

struct host_source {
	const char *root; /* put before every /sys, /proc and /dev path; "" for this machine */
	const struct cpu_source *cpu;
	const struct host_recording *recorded; /* NULL: this machine */
};
extern const struct host_source host_here;

/* The C-bit's place where the host cannot say it: from Milan on (AMD PPR of family 19h). */
#define HOST_DEFAULT_CBIT 51

/* Does KVM work here? 0, or -ENOTSUP with the reason. */
int host_kvm(const struct host_source *source, struct kvmprobe *probe, struct err *e);

/* The C-bit's position in page table entries, or HOST_DEFAULT_CBIT. */
unsigned host_cbit(const struct host_source *source);

/* A model-specific register of CPU 0. -errno where it cannot be read (no msr module, no root). */
int host_msr(const struct host_source *source, uint32_t index, uint64_t *value);

/* The release of the host's Linux. */
void host_release(const struct host_source *source, char text[HOST_RELEASE]);

/* The log of the host's Linux, to be freed; NULL where it cannot be read. */
char *host_log(const struct host_source *source);

/*
 * Open a file of this host, or of a recording that may be a stranger's, for reading. NULL with
 * errno; EINVAL: it is no regular file, and a pipe is not waited for.
 */
FILE *host_open(const char *path);

/* What the node `path` of /dev is. The same as device->rc. */
int host_device(const struct host_source *source, const char *path, struct host_device *device);

/* Ask the SEV firmware by /dev/sev. */
void host_firmware(const struct host_source *source, struct sevfirmware_answer *answer);

/*
 * The bracketed word of a selection file as /sys writes it ("always [madvise] never"), or the whole
 * first line where there is no bracket. -errno when it cannot be read.
 */
int host_read_choice(const struct host_source *source, const char *path, char *text, size_t size);

#endif
