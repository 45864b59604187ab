/* SPDX-License-Identifier: MIT */
/* Directories of results that a program has made and takes back. */
#ifndef HARNESS_FOLDER_H
#define HARNESS_FOLDER_H

/*
 * Remove the directory `path` and all that is in it: only for one that this process has made anew,
 * when nothing came of it, so that what is left does not stand in the way of the next attempt.
 * Links are removed, not followed, and nothing on another file system is touched. What cannot be
 * removed stays.
 */
void folder_remove(const char *path);

#endif
