/* SPDX-License-Identifier: MIT */
/*
 * What an interrupted run has left, before it is written to: a directory that came from elsewhere
 * may hold links to whatever is dear to who goes on with it.
 */
#ifndef BENCH_RUN_OWN_FILE_H
#define BENCH_RUN_OWN_FILE_H

#include <stdio.h>

#include "harness/err.h"

/* -EPERM, with the remedy, unless `path` is a directory of the caller's, and nobody else's to
 * write. */
int own_file_directory(const char *path, struct err *e);

/*
 * Open for reading and writing a file that is there. NULL with errno: ELOOP for a link, EPERM for
 * what is no file of the caller's with this one name.
 */
FILE *own_file_open(const char *path);

#endif
