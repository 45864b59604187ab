/* SPDX-License-Identifier: MIT */
/* Try once what may kill the process that does it. */
#ifndef KERNELS_GUARD_H
#define KERNELS_GUARD_H

/*
 * Call action(argument) in a child process, which shares mappings but no other memory. Returns the
 * signal that ended the child, 0 when none did, or a negative errno when there is no child to be
 * had.
 */
int guard_try(void (*action)(void *argument), void *argument);

#endif
