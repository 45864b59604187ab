/* SPDX-License-Identifier: MIT */
/* One running guest and everything that vmrun holds open for it: the state of a vm_run. */
#ifndef VMRUN_LAUNCH_SESSION_H
#define VMRUN_LAUNCH_SESSION_H

#include <jansson.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"
#include "vmrun/launch/emulation.h"
#include "vmrun/launch/plan.h"
#include "vmrun/launch/private.h"
#include "vmrun/launch/privileges.h"
#include "vmrun/launch/trace.h"
#include "vmrun/qemu/qmp.h"
#include "vmrun/system/deadline.h"
#include "vmrun/system/process.h"
#include "vmrun/wire/collect.h"
#include "vmrun/wire/logs.h"

struct session {
	bool prove; /* look for the guest's marker before it goes on */
	struct plan plan;
	struct privileges privileges; /* QEMU's */
	struct private_dir dir;
	struct process qemu;
	struct qmp qmp; /* its fd is set when QEMU has connected */
	struct collect collect;
	struct logs logs;
	struct emulation emulation;       /* of SEV, if it is emulated */
	struct trace *trace;              /* owned: of what it does; NULL: not asked for */
	int initramfs;                    /* what the guest boots from, to be hashed; -1: closed */
	int output;                       /* QEMU's standard output and error; -1: closed */
	int console, port;                /* -1: not connected, or closed */
	uint32_t sent;                    /* frames sent to the guest */
	double started;                   /* CLOCK_MONOTONIC */
	struct deadline boot, run, panic; /* never, unless they are under way */
	struct deadline grace;            /* likewise: another guest has failed */
	struct deadline turn;             /* likewise: the guest is to go on by itself ... */
	size_t turn_job;                  /* ... to this job */
	struct deadline frame;            /* likewise: it is to end the frame ... */
	uint64_t frame_at;                /* ... that begins at this byte of its stream */
	bool exited;
	int status;     /* of QEMU, when it has exited */
	json_t *report; /* owned */
};

/* Nothing open, no deadline. */
void session_init(struct session *s);

/*
 * Wait for the next thing to happen, and take it: a connection of QEMU's, output, frames, the exit.
 * 0; -EINTR, -ETIME for a deadline that passed, -EIO for a guest whose Linux died, or what
 * collect_push says.
 */
int session_step(struct session *s, struct err *e);

/* Take what is still on its way after QEMU's exit. 0 or what collect_push says. */
int session_drain(struct session *s, struct err *e);

/* Seconds since QEMU was launched. */
double session_seconds(const struct session *s);

/* Close everything. QEMU must have ended. */
void session_close(struct session *s);

#endif
