/* SPDX-License-Identifier: MIT */
/* Which program runs where only its name is known. */
#ifndef HARNESS_PROGRAM_H
#define HARNESS_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

/*
 * The first regular, executable file `name` in the directories of PATH (/usr/bin and /bin where it
 * is not set). Elements of PATH that are empty or relative are passed over: what they mean depends
 * on the directory in which somebody happens to be, and that may hold a stranger's files. False:
 * there is none.
 */
bool program_find(const char *name, char path[PATH_MAX]);

/* Is that a regular file that may be executed? */
bool program_is(const char *path);

#endif
