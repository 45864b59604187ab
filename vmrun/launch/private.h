/* SPDX-License-Identifier: MIT */
/* The private directory of one run: 0700, with the sockets that QEMU connects to. */
#ifndef VMRUN_LAUNCH_PRIVATE_H
#define VMRUN_LAUNCH_PRIVATE_H

#include <limits.h>
#include <sys/types.h>

#include "harness/err.h"

enum private_socket { PRIVATE_QMP, PRIVATE_CONSOLE, PRIVATE_PORT, PRIVATE_SOCKETS };

struct private_dir {
	char path[PATH_MAX];         /* "": there is none */
	int listen[PRIVATE_SOCKETS]; /* -1: closed */
	pid_t guard;                 /* a process that outlives us, and then removes it; 0: none */
	int guarded;                 /* closes when we end, however that happens */
};

/*
 * Make it under $TMPDIR or /tmp, and listen on its sockets. Nothing is left when it fails, nor when
 * this process is killed before private_remove().
 */
int private_make(struct private_dir *dir, struct err *e);

/* Accept the one connection to a socket that has become readable, and listen no more. fd or -errno.
 */
int private_accept(struct private_dir *dir, enum private_socket which, struct err *e);

/* Remove it with all it holds. May be called early, once QEMU has opened everything, and twice. */
void private_remove(struct private_dir *dir);

#endif
