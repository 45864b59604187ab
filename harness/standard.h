/* SPDX-License-Identifier: MIT */
/* Standard input, output and error of a program that was started without some of them. */
#ifndef HARNESS_STANDARD_H
#define HARNESS_STANDARD_H

/*
 * Give descriptors 0 to 2 that are closed (">&-" in a shell) to /dev/null, opened the wrong way
 * round: reading and writing still fail with EBADF, as they did, but no file or socket that is
 * opened later can take the number and be sent what was meant for a terminal. Call it first.
 * 0 or -errno.
 */
int standard_open(void);

#endif
