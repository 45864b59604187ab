/* SPDX-License-Identifier: MIT */
/*
 * The start line of several guests at once: none goes on from its HELLO, or from a mark, before all
 * have come to the same one, and how much of the time between they were at it together is counted,
 * by the host's clock. One thread a guest uses it; the calls may be made from all of them.
 */
#ifndef VMRUN_WIRE_LINE_H
#define VMRUN_WIRE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"
#include "vmrun/wire/job.h"

/* What a guest that is under way may take to hand in what it has when another has failed. */
#define LINE_GRACE_SECONDS 2.0

struct line;

/* A line for `guests` guests, at most VM_GUESTS_MAX. line_close() it when no thread uses it. */
int line_open(unsigned guests, struct line **line, struct err *e);
void line_close(struct line *line);

/* One thread at a time: what the guests' events need, since their context may be one for all. */
void line_lock(struct line *line);
void line_unlock(struct line *line);

/* Readable (an eventfd, which line_ask empties) when line_ask has something new to say. */
int line_fd(const struct line *line, unsigned guest);

/* The guest has begun or ended job `job`: it will not come to an earlier point any more. */
void line_begin(struct line *line, unsigned guest, size_t job);
void line_end(struct line *line, unsigned guest, size_t job);

/* It has come to its next point (the HELLO, then the marks of each job) and waits. */
void line_arrive(struct line *line, unsigned guest);

enum line_word {
	LINE_WAIT,  /* not all are there */
	LINE_GO,    /* go on; said once for every line_arrive */
	LINE_BROKEN /* another guest has failed: see line_why */
};

/* `met` gets, with LINE_GO, what lies between the point before and this one. */
enum line_word line_ask(struct line *line, unsigned guest, struct vm_meeting *met);

/* The guest has been told to go on: its time begins. */
void line_went(struct line *line, unsigned guest);

/* It is gone: at its end (`why` NULL), or by a failure that breaks the line for all others. */
void line_leave(struct line *line, unsigned guest, const struct err *why);

/* Which guest broke the line first, or -1; its sentence goes to `why`. */
int line_why(struct line *line, struct err *why);

/* The same for the whole run: from the first going on to the end of each. */
void line_whole(struct line *line, struct vm_meeting *met);

#endif
