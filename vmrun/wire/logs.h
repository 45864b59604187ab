/* SPDX-License-Identifier: MIT */
/* What guest and QEMU say, on disk; and what of it a failure's sentence needs, in memory. */
#ifndef VMRUN_WIRE_LOGS_H
#define VMRUN_WIRE_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"

#define LOGS_MAX  (16U << 20) /* bytes of one log: a guest that floods its console fills no disk */
#define LOGS_TAIL 2048        /* bytes of the end that are kept in memory */

struct logs_file {
	int fd; /* -1: nothing is written */
	uint64_t bytes;
	int error;                /* first errno of a failed write; the log ends there */
	char tail[LOGS_TAIL + 1]; /* the last that was said */
	size_t tail_length;
};

struct logs {
	struct logs_file console, qemu;
	char line[256]; /* the console's line under way */
	size_t length;
	char panic[256]; /* the console's line that says why the guest's Linux died; "" */
};

/* Make <directory>/<name>.console.log and <name>.qemu.log; with `directory` NULL, no files. */
int logs_open(struct logs *logs, const char *directory, const char *name, struct err *e);

/* Bytes as they come. A disk that is full ends the log, never the guest: see logs_close. */
void logs_console(struct logs *logs, const void *bytes, size_t length);
void logs_qemu(struct logs *logs, const void *bytes, size_t length);

/* The end of a log as text that JSON can hold: no '\r', '?' for what is not ASCII. */
void logs_end(const struct logs_file *file, char text[LOGS_TAIL + 1]);

/* Close both. 0, or the first failure to write: -ENOSPC and the like. */
int logs_close(struct logs *logs, struct err *e);

#endif
