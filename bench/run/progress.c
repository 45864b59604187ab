/* SPDX-License-Identifier: MIT */
#include "bench/run/progress.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "harness/standard.h"

#define ERASE "\r\033[K"

/* By its descriptor: what is printed is cleaned of what moves a terminal (harness/standard.h). */
static void erase(const struct progress *p)
{
	fflush(p->out);
	if (p->terminal && write(standard_descriptor(p->out), ERASE, strlen(ERASE)) < 0)
		clearerr(p->out); /* nobody looks */
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void progress_more(struct progress *p, unsigned rounds, const size_t more[TARGET_COUNT])
{
	p->rounds = rounds;
	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		p->planned[i] += more[i];
		p->total += more[i];
	}
}

void progress_begin(struct progress *p, FILE *out, unsigned rounds,
                    const size_t planned[TARGET_COUNT])
{
	memset(p, 0, sizeof(*p));
	p->out = out;
	p->terminal = isatty(standard_descriptor(out));
	progress_more(p, rounds, planned);
}

/* Seconds left, by what a cell took on its platform so far; NAN before anything is known. */
static double seconds_left(const struct progress *p)
{
	double all = 0, cells = 0, left = 0;

	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		all += p->spent[i];
		cells += (double)p->finished[i];
	}
	if (cells == 0)
		return (double)NAN;
	for (unsigned i = 0; i < TARGET_COUNT; i++) {
		double each = p->finished[i] ? p->spent[i] / (double)p->finished[i] : all / cells;

		left += each * (double)(p->planned[i] - p->finished[i]);
	}
	return left;
}

static void time_left(const struct progress *p, char text[40])
{
	double left = seconds_left(p);
	unsigned long s = isnan(left) ? 0 : (unsigned long)left;

	if (isnan(left))
		text[0] = '\0';
	else if (s >= 3600)
		snprintf(text, 40, ", about %lu:%02lu h left", s / 3600, s / 60 % 60);
	else
		snprintf(text, 40, ", about %lu:%02lu left", s / 60, s % 60);
}

static unsigned width(const struct progress *p)
{
	struct winsize w;

	if (ioctl(standard_descriptor(p->out), TIOCGWINSZ, &w) || w.ws_col < 20)
		return 79;
	return w.ws_col - 1U;
}

static void charge(struct progress *p)
{
	double t = now();

	p->spent[p->target] += t - p->since;
	p->since = t;
}

void progress_launch(struct progress *p, unsigned round, unsigned target, const char *accel)
{
	char left[40];

	p->round = round;
	p->target = target;
	p->accel = accel;
	p->since = now();
	time_left(p, left);
	if (p->terminal)
		progress_cell(p, "starting");
	else
		fprintf(p->out, "round %u of %u: %s%s%s%s, %zu of %zu cells done%s\n", round,
		        p->rounds, target_name(target), *accel ? " (" : "", accel,
		        *accel ? ")" : "", p->done, p->total, left);
	fflush(p->out);
}

void progress_cell(struct progress *p, const char *text)
{
	char line[512], left[40];

	if (!p->terminal)
		return;
	time_left(p, left);
	snprintf(line, sizeof(line), "[%zu/%zu%s] round %u/%u %s: %s", p->done, p->total, left,
	         p->round, p->rounds, target_name(p->target), text);
	erase(p);
	fprintf(p->out, "%.*s", (int)width(p), line);
	fflush(p->out);
}

void progress_cell_done(struct progress *p)
{
	charge(p);
	p->done++;
	p->finished[p->target]++;
}

void progress_launch_done(struct progress *p, size_t left_out)
{
	charge(p);
	p->done += left_out;
	p->finished[p->target] += left_out;
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	erase(p);
	va_start(ap, fmt);
	vfprintf(p->out, fmt, ap);
	va_end(ap);
	putc('\n', p->out);
	fflush(p->out);
}

void progress_end(struct progress *p)
{
	erase(p);
}
