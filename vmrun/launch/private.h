/* SPDX-License-Identifier: MIT */
/*
 * The private directory of one run, with the sockets that QEMU connects to. It stays ours whoever
 * QEMU runs as, and is worked on by its descriptor: what somebody else puts at its path is not
 * touched.
 */
#ifndef VMRUN_LAUNCH_PRIVATE_H
#define VMRUN_LAUNCH_PRIVATE_H

#include <limits.h>
#include <sys/types.h>

#include "harness/err.h"

enum private_socket { PRIVATE_QMP, PRIVATE_CONSOLE, PRIVATE_PORT, PRIVATE_SOCKETS };

struct private_dir {
	char path[PATH_MAX];         /* for QEMU, and for us until it has started; "": none */
	int fd, parent;              /* the directory, and the one that it is in; -1: none */
	int listen[PRIVATE_SOCKETS]; /* -1: closed */
	pid_t guard;                 /* a process that outlives us, and then removes it; 0: none */
	int guarded;                 /* closes when we end, however that happens */
};

/* No directory. */
void private_init(struct private_dir *dir);

/*
 * Make it under $TMPDIR or /tmp, 0700, and listen on its sockets. -EPERM where others could put
 * another directory in its place. Nothing is left when it fails, nor when this process is killed
 * before private_remove().
 */
int private_make(struct private_dir *dir, struct err *e);

/*
 * Let another user in, with what is in it so far: to connect to the sockets, to read the initramfs,
 * to write the counters and the trace. Nothing in it can be made, renamed or removed by that user.
 */
int private_give(const struct private_dir *dir, uid_t uid, gid_t gid, struct err *e);

/*
 * Accept the one connection to a socket that has become readable, and listen no more. The
 * descriptor; -EAGAIN: it came from somebody else than QEMU, a process of the group `group`, and is
 * closed; or another -errno.
 */
int private_accept(struct private_dir *dir, enum private_socket which, pid_t group, struct err *e);

/*
 * Remove it with what a run puts there. May be called early, once QEMU has opened everything, and
 * twice.
 */
void private_remove(struct private_dir *dir);

#endif
