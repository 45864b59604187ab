/* SPDX-License-Identifier: MIT */
#include "bench/say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/units.h"

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double middle(const double *sorted, size_t n)
{
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

void say_time(const struct sampler_result *r, const struct clock *clock, enum sample_series series,
              struct say_time *time)
{
	double *ns = malloc((r->count + 1) * sizeof(*ns));
	size_t n = 0;

	*time = (struct say_time){.median = (double)NAN, .spread = (double)NAN};
	for (size_t i = 0; ns && i < r->count; i++) {
		if (r->samples[i].series == series)
			ns[n++] = clock_ns(clock, r->samples[i].ticks) /
			          (double)r->samples[i].iterations;
	}
	if (n) {
		time->samples = (unsigned)n;
		qsort(ns, n, sizeof(*ns), by_time);
		time->median = middle(ns, n);
		for (size_t i = 0; i < n; i++)
			ns[i] = fabs(ns[i] - time->median);
		qsort(ns, n, sizeof(*ns), by_time);
		time->spread = middle(ns, n) / time->median;
	}
	free(ns);
}

void say_cell(enum accel accel, const struct setup *setup, const struct clock *clock,
              const struct sampler_result *r)
{
	char cell[512], time[UNITS_TEXT], rate[UNITS_TEXT] = "";
	const char *warning = accel == ACCEL_TCG ? " (emulated: no hardware cost)" : "";
	struct say_time op, baseline;

	cell_text(setup->cell, cell, sizeof(cell));
	if (r->status != CELL_OK) {
		fprintf(stderr, "%s: %s: %s\n", cell, cell_status_name(r->status), r->reason);
		return;
	}
	say_time(r, clock, SERIES_OP, &op);
	say_time(r, clock, SERIES_BASELINE, &baseline);
	units_ns(op.median, time);
	if (setup->cell->kernel->unit == UNIT_BANDWIDTH) {
		double bytes = (double)(r->traffic.read + r->traffic.written);

		fprintf(stderr, "%s: %s an iteration, %s read + written%s\n", cell, time,
		        units_rate(bytes, op.median, rate), warning);
	} else {
		fprintf(stderr, "%s: %s%s%s%s\n", cell, time,
		        setup->cell->kernel->baseline ? ", of which the empty loop " : "",
		        setup->cell->kernel->baseline ? units_ns(baseline.median, rate) : "",
		        warning);
	}
}
