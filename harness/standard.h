/* SPDX-License-Identifier: MIT */
/* What a program is started with: standard input, output and error, and signals. */
#ifndef HARNESS_STANDARD_H
#define HARNESS_STANDARD_H

#include <stdio.h>

/*
 * Give descriptors 0 to 2 that are closed (">&-" in a shell) to /dev/null, opened the wrong way
 * round: reading and writing still fail with EBADF, as they did, but no file or socket that is
 * opened later can take the number and be sent what was meant for a terminal. And have the end of
 * the program, by exit(3) or from main, fail with status 1 and a sentence where what was printed
 * cannot be written, as on a full disk: nobody else looks. SIGCHLD that a parent ignored is not
 * ignored: children would leave no status. SIGXFSZ is: a file that
 * grows beyond the limit (ulimit -f) is an error of write(). Call it first. 0 or -errno.
 */
int standard_open(void);

/*
 * From standard_open on, stdout and stderr are streams that clean what passes them
 * (harness/utf8.h), whoever prints it: names, reasons and what other programs said come from guests
 * and from strangers' files. They have no fileno(). This is the descriptor of a stream, also of
 * these.
 */
int standard_descriptor(FILE *stream);

/*
 * Signals by which a user ends a program go to `handler`; SIGHUP only where it is not ignored, as
 * nohup(1) has it. SIGPIPE is ignored: a reader that is gone is an error of write().
 */
void standard_catch(void (*handler)(int number));

#endif
