/* SPDX-License-Identifier: MIT */
/*
 * What a file answered once in this process, so that a run of many launches does not ask again: the
 * version of a QEMU, the libraries of a program, a digest. An answer holds while the file at that
 * path is the same: device, inode, size and the time of its last change. Any thread may ask.
 */
#ifndef VMRUN_SYSTEM_KNOWN_H
#define VMRUN_SYSTEM_KNOWN_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* A question about one file, as it is now. */
struct known {
	const char *question; /* borrowed; equal texts are the same question */
	char path[PATH_MAX];
	bool there; /* false: nothing is known, or can be kept, of a file that is not */
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
	bool settled; /* that was a while ago when the file was looked at */
};

/* Look at the file, before it is asked. The answer that is known, for free(), or NULL. */
char *known_find(struct known *known, const char *question, const char *path);

/*
 * Keep a copy of the answer for as long as the process lives. A file that was changed a moment ago
 * may change again without a trace in its times: its answer is not kept. Nor is one for which there
 * is no memory.
 */
void known_keep(const struct known *known, const char *answer);

#endif
