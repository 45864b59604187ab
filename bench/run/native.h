/* SPDX-License-Identifier: MIT */
/* One command on this machine, its standard output taken as it comes. */
#ifndef BENCH_RUN_NATIVE_H
#define BENCH_RUN_NATIVE_H

#include <signal.h>
#include <stddef.h>

#include "harness/err.h"
#include "vmrun/launch/vm.h"

typedef int native_output(void *context, const void *bytes, size_t length, struct err *e);

/*
 * Run argv[0] in a process group of its own that dies with this process; standard error is
 * appended to `log_fd`, standard input is empty. Ends when the command does, `seconds` have passed
 * (0: no deadline), `*stop` is nonzero, or `output` fails; whatever is left of the group is killed.
 * `*code` gets the exit status or the signal. Returns < 0 when it could not be started, or with
 * what `output` returned.
 */
int native_run(char *const *argv, unsigned seconds, int log_fd, const volatile sig_atomic_t *stop,
               native_output *output, void *context, enum vm_job_end *how, int *code,
               struct err *e);

#endif
