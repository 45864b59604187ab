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

/* The median of one series' time an iteration; NAN without samples. Sorts a copy. */
static double median_ns(const struct sampler_result *r, const struct clock *clock,
                        enum sample_series series)
{
	double *ns = malloc((r->count + 1) * sizeof(*ns)), median = (double)NAN;
	size_t n = 0;

	if (!ns)
		return median;
	for (size_t i = 0; i < r->count; i++) {
		if (r->samples[i].series == series)
			ns[n++] = clock_ns(clock, r->samples[i].ticks) /
			          (double)r->samples[i].iterations;
	}
	qsort(ns, n, sizeof(*ns), by_time);
	if (n)
		median = n % 2 ? ns[n / 2] : (ns[n / 2 - 1] + ns[n / 2]) / 2;
	free(ns);
	return median;
}

void say_cell(enum accel accel, const struct setup *setup, const struct clock *clock,
              const struct sampler_result *r)
{
	char cell[512], time[UNITS_TEXT], rate[UNITS_TEXT] = "";
	const char *warning = accel == ACCEL_TCG ? " (emulated: no hardware cost)" : "";

	cell_text(setup->cell, cell, sizeof(cell));
	double op = median_ns(r, clock, SERIES_OP);
	double baseline = median_ns(r, clock, SERIES_BASELINE);

	if (r->status != CELL_OK) {
		fprintf(stderr, "%s: %s: %s\n", cell, cell_status_name(r->status), r->reason);
		return;
	}

	units_ns(op, time);
	if (setup->cell->kernel->unit == UNIT_BANDWIDTH) {
		double bytes = (double)(r->traffic.read + r->traffic.written);

		fprintf(stderr, "%s: %s an iteration, %s read + written%s\n", cell, time,
		        units_rate(bytes, op, rate), warning);
	} else {
		fprintf(stderr, "%s: %s%s%s%s\n", cell, time,
		        setup->cell->kernel->baseline ? ", of which the empty loop " : "",
		        setup->cell->kernel->baseline ? units_ns(baseline, rate) : "", warning);
	}
}
