/* SPDX-License-Identifier: MIT */
#include "bench/look.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/say.h"
#include "harness/units.h"

#define SECONDS 8 /* of the ten; the rest is for the start, and for a cell that takes longer */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "avx2 64M 4k": the kernel is said above. */
static const char *name_of(const struct cell *cell, char text[256])
{
	cell_text(cell, text, 256);
	return strchr(text, '/') + 1;
}

void look_begin(struct look *look, const struct result_origin *origin, const struct cell *cells,
                size_t count)
{
	const struct kernel *k = cells->kernel;
	char text[256];

	*look = (struct look){.kernel = k, .began = now(), .width = (int)strlen("cell")};
	for (size_t i = 0; i < count; i++) {
		int width = (int)strlen(name_of(&cells[i], text));

		look->width = width > look->width ? width : look->width;
	}
	printf("%s: %s\n\n", k->name, k->summary);
	if (origin->accel == ACCEL_TCG)
		puts("emulated: this machine is software (TCG); no time here is one of hardware\n");
	printf("%-*s  %10s  %7s%s%s\n", look->width, "cell", "median", "spread",
	       k->baseline ? "  empty loop" : "",
	       k->unit == UNIT_BANDWIDTH ? "  read + written" : "");
	fflush(stdout);
}

bool look_goes_on(struct look *look)
{
	double t = now();

	if (look->cell_began > 0 && t - look->cell_began > look->longest)
		look->longest = t - look->cell_began;
	look->cell_began = t;
	if (!look->left_out && t - look->began + look->longest <= SECONDS)
		return true;
	look->left_out++;
	return false;
}

void look_unrun(struct look *look, const struct cell *cell, enum cell_status status,
                const char *reason)
{
	char text[256];
	bool again = !strcmp(look->reason, reason);

	snprintf(look->reason, sizeof(look->reason), "%s", reason);
	printf("%-*s  %s: %s\n", look->width, name_of(cell, text), cell_status_name(status),
	       again ? "as above" : reason);
	fflush(stdout);
}

void look_cell(struct look *look, const struct cell *cell, const struct clock *clock,
               const struct sampler_result *r)
{
	const double bytes = (double)(r->traffic.read + r->traffic.written);
	char text[256], time[UNITS_TEXT], other[UNITS_TEXT];
	struct say_time op, baseline;

	if (r->status != CELL_OK) {
		look_unrun(look, cell, r->status, r->reason);
		return;
	}
	say_time(r, clock, SERIES_OP, &op);
	look->samples = op.samples;
	printf("%-*s  %10s  %5.1f %%", look->width, name_of(cell, text), units_ns(op.median, time),
	       op.spread * 100);
	if (look->kernel->baseline) {
		say_time(r, clock, SERIES_BASELINE, &baseline);
		printf("  %10s", units_ns(baseline.median, other));
	}
	if (look->kernel->unit == UNIT_BANDWIDTH)
		printf("  %14s", units_rate(bytes, op.median, other));
	putchar('\n');
	fflush(stdout);
}

void look_end(const struct look *look)
{
	putchar('\n');
	if (look->left_out)
		printf("%zu more cell%s left out: the ten seconds that a look may take are over.\n",
		       look->left_out, look->left_out == 1 ? " is" : "s are");
	if (look->samples)
		printf("Times are of one iteration: the median of %u samples, and how far from "
		       "it half of them lie.\n",
		       look->samples);
	printf("This was a look at a few cells. For the whole sweep as CSV give -o %s.csv; --list "
	       "says what\nthere is to choose from, and --help how.\n",
	       look->kernel->name);
}
