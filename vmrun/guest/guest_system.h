/* SPDX-License-Identifier: MIT */
/* The guest itself, as its PID 1 makes it ready and describes it. */
#ifndef VMRUN_GUEST_GUEST_SYSTEM_H
#define VMRUN_GUEST_GUEST_SYSTEM_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "vmrun/wire/jobs.h"

/* Mount proc, sysfs, devtmpfs, tmpfs on /tmp and /dev/shm, and hugetlbfs where Linux has it. */
int guest_system_mount(struct err *e);

/*
 * The whole file `path`, with a NUL behind it (free() it), and its length unless `length` is NULL.
 * NULL when it cannot be read; *rc (may be NULL, too) is then the -errno.
 */
char *guest_system_read(const char *path, size_t *length, int *rc, struct err *e);

/*
 * Load the modules in their order. One that Linux refuses is a sentence in the array `errors`, and
 * the rest are tried: what needs it will miss it and say so.
 */
int guest_system_load(const struct job_list *list, json_t *errors, struct err *e);

/*
 * Open the virtio port called `name`, non-blocking, once the host holds its other end. -ENODEV when
 * there is none after `seconds`, -EPIPE when nobody holds it.
 */
int guest_system_open_port(const char *name, unsigned seconds, int *fd, struct err *e);

/*
 * Let the guest's programs count events of the CPU: the level of kernel.perf_event_paranoid, in the
 * file `path`, becomes 2 where it was higher. Debian's Linux boots with 3, which PAPI takes for
 * itself even as root. Returns what the level was; -1 where there is none, or it stays.
 */
#define GUEST_SYSTEM_PARANOID "/proc/sys/kernel/perf_event_paranoid"
int guest_system_let_count(const char *path);

/* What PID 1 knows of itself: milliseconds when it began, and what guest_system_let_count() found.
 */
struct guest_start {
	uint64_t uptime_ms;
	int paranoid;
};

/*
 * The HELLO of frame.h, as text (free() it). `errors` and `marker` (the masked one of marker.h, or
 * NULL) are borrowed. What cannot be read is null. NULL when there is no memory.
 */
char *guest_system_describe(const struct job_list *list, const struct guest_start *start,
                            const json_t *errors, const char *marker);

/* Linux's clock since it began, in milliseconds. */
uint64_t guest_system_uptime(void);

#endif
