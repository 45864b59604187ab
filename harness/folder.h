/* SPDX-License-Identifier: MIT */
/*
 * Directories of results. They may be a stranger's, or hold what a stranger put there: a directory
 * is looked at once, held open, and what is written in it is opened by its descriptor, so that no
 * link in it leads anywhere else.
 */
#ifndef HARNESS_FOLDER_H
#define HARNESS_FOLDER_H

#include <stdbool.h>

#include "harness/err.h"

struct folder {
	int fd;
	char *path; /* for sentences alone; owned */
	bool made;  /* by folder_make, and not there before */
};

/*
 * A directory that somebody named, so that its path may hold links, to write in. -EPERM where it is
 * neither the caller's nor root's: what another user owns is read and never written.
 */
int folder_open(const char *path, struct folder *folder, struct err *e);

/*
 * The directory `name` in `in` (NULL: a path as somebody named it), made where it is missing. It
 * may be no link (-ELOOP); -EPERM as above.
 */
int folder_make(const struct folder *in, const char *name, struct folder *folder, struct err *e);

/*
 * What an interrupted run has left is gone on with only where it is a directory of the caller's,
 * nobody else's to write, and no link. -EPERM, with the remedy.
 */
int folder_check_own(const char *path, struct err *e);

/* Close it. With `failed`, one that was made is removed if nothing is in it. */
void folder_close(struct folder *folder, bool failed);

/*
 * Open `name` in it with `flags` of open(2), to read it or to go on writing it. Nothing but a
 * regular file is opened, and nobody is waited for: -ELOOP for a link, -EINVAL for anything else,
 * -ENOENT. One that is written may have no other name either, which may stand anywhere (-EMLINK).
 * Returns the descriptor, close-on-exec.
 */
int folder_file(const struct folder *folder, const char *name, int flags, struct err *e);

/*
 * Remove the directory `path` and all that is in it: only for one that this process has made anew,
 * when nothing came of it, so that what is left does not stand in the way of the next attempt.
 * Links are removed, not followed, and nothing on another file system is touched. What cannot be
 * removed stays.
 */
void folder_remove(const char *path);

#endif
