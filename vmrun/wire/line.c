/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/line.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmrun/system/deadline.h"

/* A time when the guest was at it, between two points. */
struct span {
	double from, to; /* CLOCK_MONOTONIC; 0: not yet */
};

struct member {
	int fd;
	uint64_t at;  /* the last point that it came to, see place() */
	bool waiting; /* there */
	bool go;      /* all have come, and it has not been told yet */
	bool gone;
	struct span span, whole;
	struct vm_meeting met;
};

struct line {
	pthread_mutex_t lock, events;
	unsigned guests;
	int broke; /* the guest that failed first; -1: none */
	struct err why;
	struct member member[];
};

/*
 * Points in the order in which every guest comes to them: HELLO is 1, and job j has those from
 * place(j) on, as many as it sends marks, which are fewer (COLLECT_MARKS_MAX). A guest that leaves
 * one out is seen behind it.
 */
static uint64_t place(size_t job)
{
	return ((uint64_t)job + 1) << 32;
}

int line_open(unsigned guests, struct line **line, struct err *e)
{
	struct line *l = calloc(1, sizeof(*l) + guests * sizeof(l->member[0]));

	if (!l)
		return err_set(e, ENOMEM, "no memory for %u guests", guests);
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->events, NULL);
	l->broke = -1;
	for (; l->guests < guests; l->guests++) {
		int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

		if (fd < 0) {
			int rc = err_errno(e, "eventfd");

			line_close(l);
			return rc;
		}
		l->member[l->guests].fd = fd;
	}
	*line = l;
	return 0;
}

void line_close(struct line *line)
{
	for (unsigned i = 0; i < line->guests; i++)
		close(line->member[i].fd);
	pthread_mutex_destroy(&line->lock);
	pthread_mutex_destroy(&line->events);
	free(line);
}

void line_lock(struct line *line)
{
	pthread_mutex_lock(&line->events);
}

void line_unlock(struct line *line)
{
	pthread_mutex_unlock(&line->events);
}

int line_fd(const struct line *line, unsigned guest)
{
	return line->member[guest].fd;
}

static void wake(const struct member *m)
{
	const uint64_t one = 1;

	if (write(m->fd, &one, sizeof(one)) < 0)
		return; /* full: it is readable */
}

static struct span span_of(const struct member *m, bool whole)
{
	return whole ? m->whole : m->span;
}

/*
 * What the guests that stand at `at` (0: all) had in common since they went on. One that is missing
 * there was not at it: nothing was common to all.
 */
static struct vm_meeting meet(const struct line *line, uint64_t at, bool whole)
{
	struct vm_meeting met = {.guests = 0};
	double first = INFINITY, last = 0, until = INFINITY, longest = 0;

	for (unsigned i = 0; i < line->guests; i++) {
		const struct span s = span_of(&line->member[i], whole);

		if ((at && line->member[i].at != at) || s.from <= 0 || s.to <= 0)
			continue;
		met.guests++;
		first = fmin(first, s.from);
		last = fmax(last, s.from);
		until = fmin(until, s.to);
		longest = fmax(longest, s.to - s.from);
	}
	if (met.guests)
		met.skew = last - first;
	if (met.guests == line->guests && longest > 0)
		met.together = fmax(0, until - last) / longest;
	return met;
}

/* Let those go whose point no other guest is still on its way to. */
static void release(struct line *line)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < line->guests; i++) {
		if (!line->member[i].gone && line->member[i].at < least)
			least = line->member[i].at;
	}
	for (unsigned i = 0; i < line->guests; i++) {
		struct member *m = &line->member[i];

		if (!m->waiting || m->at != least)
			continue;
		m->met = meet(line, least, false);
		m->waiting = false;
		m->go = true;
		wake(m);
	}
}

static void move(struct line *line, unsigned guest, uint64_t at)
{
	pthread_mutex_lock(&line->lock);
	line->member[guest].at = at;
	release(line);
	pthread_mutex_unlock(&line->lock);
}

void line_begin(struct line *line, unsigned guest, size_t job)
{
	move(line, guest, place(job));
}

void line_end(struct line *line, unsigned guest, size_t job)
{
	move(line, guest, place(job + 1) - 1);
}

void line_arrive(struct line *line, unsigned guest)
{
	struct member *m = &line->member[guest];

	pthread_mutex_lock(&line->lock);
	m->at++;
	m->waiting = true;
	m->span.to = deadline_now();
	if (line->broke >= 0)
		wake(m);
	else
		release(line);
	pthread_mutex_unlock(&line->lock);
}

enum line_word line_ask(struct line *line, unsigned guest, struct vm_meeting *met)
{
	struct member *m = &line->member[guest];
	enum line_word word = LINE_WAIT;
	uint64_t count;

	pthread_mutex_lock(&line->lock);
	if (read(m->fd, &count, sizeof(count)) < 0)
		count = 0; /* nothing new */
	if (m->go) {
		m->go = false;
		*met = m->met;
		word = LINE_GO;
		if (line->broke >= 0) /* to be said too, and nothing else wakes the guest */
			wake(m);
	} else if (line->broke >= 0) {
		word = LINE_BROKEN;
	}
	pthread_mutex_unlock(&line->lock);
	return word;
}

void line_went(struct line *line, unsigned guest)
{
	struct member *m = &line->member[guest];

	pthread_mutex_lock(&line->lock);
	m->span = (struct span){.from = deadline_now()};
	if (m->whole.from <= 0)
		m->whole.from = m->span.from;
	pthread_mutex_unlock(&line->lock);
}

void line_leave(struct line *line, unsigned guest, const struct err *why)
{
	struct member *m = &line->member[guest];

	pthread_mutex_lock(&line->lock);
	m->gone = true;
	m->waiting = m->go = false;
	m->whole.to = deadline_now();
	if (why && line->broke < 0) {
		line->broke = (int)guest;
		line->why = *why;
	}
	if (line->broke < 0)
		release(line);
	for (unsigned i = 0; i < line->guests && line->broke >= 0; i++)
		wake(&line->member[i]);
	pthread_mutex_unlock(&line->lock);
}

int line_why(struct line *line, struct err *why)
{
	int broke;

	pthread_mutex_lock(&line->lock);
	broke = line->broke;
	*why = line->why;
	pthread_mutex_unlock(&line->lock);
	return broke;
}

void line_whole(struct line *line, struct vm_meeting *met)
{
	pthread_mutex_lock(&line->lock);
	*met = meet(line, 0, true);
	pthread_mutex_unlock(&line->lock);
}
