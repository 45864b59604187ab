/* SPDX-License-Identifier: MIT */
/* What guest and QEMU say, on disk; and what of it a failure's sentence needs, in memory. */
#ifndef VMRUN_LOGS_H
#define VMRUN_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

#define LOGS_MAX  (16U << 20) /* bytes of one log: a guest that floods its console fills no disk */
#define LOGS_TAIL 2048        /* bytes of QEMU's last words that are kept */

struct logs_file {
	int fd;
	uint64_t bytes;
	int error; /* first errno of a failed write; the log ends there */
};

struct logs {
	struct logs_file console, qemu;
	char line[256]; /* the console's line under way */
	size_t length;
	char panic[256];          /* the console's line that says why the guest's Linux died; "" */
	char tail[LOGS_TAIL + 1]; /* end of QEMU's output */
	size_t tail_length;
};

/* Make <directory>/<name>.console.log and <name>.qemu.log. */
int logs_open(struct logs *logs, const char *directory, const char *name, struct err *e);

/* Bytes as they come. A disk that is full ends the log, never the guest: see logs_close. */
void logs_console(struct logs *logs, const void *bytes, size_t length);
void logs_qemu(struct logs *logs, const void *bytes, size_t length);

/* Close both. 0, or the first failure to write: -ENOSPC and the like. */
int logs_close(struct logs *logs, struct err *e);

#endif
