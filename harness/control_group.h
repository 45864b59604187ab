/* SPDX-License-Identifier: MIT */
/*
 * The control groups that this process is in, of either version (Linux,
 * Documentation/admin-guide/cgroup-v{1,2}): what one of them or of its ancestors limits, limits the
 * process.
 */
#ifndef HARNESS_CONTROL_GROUP_H
#define HARNESS_CONTROL_GROUP_H

#include <stdbool.h>
#include <stdint.h>

/* `folder` holds the files of one group; `second`: of version 2. */
typedef void control_group_visit(const char *folder, bool second, void *context);

/*
 * Visit the group of `controller` ("memory", "cpu") and each of its ancestors up to the top that
 * is mounted, below `root` ("" for the running system). Where version 1 has the controller, those
 * of version 2 are visited too: they lack its files.
 */
void control_group_each(const char *root, const char *controller, control_group_visit *visit,
                        void *context);

/* The number that follows `name` at the beginning of a line of `folder`/`file`; with "" the first
 * one. */
bool control_group_number(const char *folder, const char *file, const char *name, uint64_t *value);

#endif
