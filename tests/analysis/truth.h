/* SPDX-License-Identifier: MIT */
/* Samples whose true ratio is known: noise within a process, between launches, and along the run.
 */
#ifndef TESTS_ANALYSIS_TRUTH_H
#define TESTS_ANALYSIS_TRUTH_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/samples.h"

struct truth {
	unsigned cells, rounds, samples;
	unsigned first_cell;  /* of `cells` the ones before are left out */
	double ratio;         /* of nosev's time to native's */
	double sample_sd;     /* relative, within a process */
	double outliers;      /* share of samples that take up to twice as long, and more */
	double boot_sd;       /* relative, between launches */
	double boot_freedom;  /* Student's t; 0: normal */
	double second_mode;   /* share of launches that are slower ... */
	double mode_distance; /* ... by this much */
	double run_sd;        /* relative, of a cell in all launches of a run */
	double level;         /* of all cells of a run; 0: 1 */
	const char *run;      /* its name; NULL: "" */
	double drift;         /* over all rounds, the same on both platforms */
	double step;          /* of the clock, ns, which the batch of 1 is read by; 0: none */
	unsigned long seed;
};

static inline uint32_t truth_text(struct samples *s, const char *text)
{
	uint32_t id;

	if (intern_add(&s->text, text, strlen(text), &id, NULL))
		abort();
	return id;
}

static inline double truth_boot(const struct truth *t, gsl_rng *rng)
{
	double boot = t->boot_freedom > 0 ? gsl_ran_tdist(rng, t->boot_freedom)
	                                  : gsl_ran_gaussian(rng, 1);

	boot = exp(boot * t->boot_sd);
	if (gsl_rng_uniform(rng) < t->second_mode)
		boot *= 1 + t->mode_distance;
	return boot;
}

/* One launch: the samples of a cell on a platform in a round, around the time `level`. */
static inline void truth_launch(struct samples *s, const struct truth *t, struct samples_row row,
                                double level, gsl_rng *rng)
{
	for (row.number = 0; row.number < t->samples; row.number++) {
		double x = level * exp(gsl_ran_gaussian(rng, t->sample_sd));

		if (gsl_rng_uniform(rng) < t->outliers)
			x *= 1 + gsl_ran_exponential(rng, 1);
		row.ns = t->step > 0 ? round(x / t->step) * t->step : x * (double)row.iterations;
		if (samples_add(s, &row, NULL))
			abort();
	}
}

static inline struct samples_row truth_source(struct samples *s, unsigned side)
{
	struct samples_row row = {
	        .status = CELL_OK, .iterations = 100, .known = true, .unit = UNIT_LATENCY};

	s->sources = realloc(s->sources, (s->source_count + 1) * sizeof(*s->sources));
	s->sources[s->source_count] =
	        (struct samples_source){.path = strdup("made up"), .side = side};
	row.group.source = (uint32_t)s->source_count++;
	row.cell.pages = row.cell.backing = row.cell.fill = row.cell.params = truth_text(s, "");
	row.reason = row.cpus = row.group.run = row.cell.pages;
	row.cell.threads = 1;
	return row;
}

/* The kernel and variant of a row by their numbers. */
static inline void truth_name(struct samples *s, struct samples_row *row, unsigned kernel,
                              unsigned variant)
{
	char name[32];

	snprintf(name, sizeof(name), "kernel%u", kernel);
	row->cell.kernel = truth_text(s, name);
	snprintf(name, sizeof(name), "v%u", variant);
	row->cell.variant = truth_text(s, name);
}

/* One more file's worth of rows, as if it had been read: native and nosev, or native alone. */
static inline void truth_add(struct samples *s, const struct truth *t, unsigned side, bool both)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
	struct samples_row row = truth_source(s, side);

	if (t->step > 0) {
		row.iterations = 1;
		row.tsc_hz = 1e9;
		row.tsc_step = t->step;
	}
	gsl_rng_set(rng, t->seed);
	if (t->run)
		row.group.run = truth_text(s, t->run);
	for (unsigned c = t->first_cell; c < t->cells; c++) {
		double run = (t->level > 0 ? t->level : 1) * exp(gsl_ran_gaussian(rng, t->run_sd));

		truth_name(s, &row, c / 50, c % 50);
		for (unsigned r = 0; r < t->rounds; r++) {
			double level = run * 50 * (1 + c % 7) * (1 + t->drift * r / t->rounds);

			row.group.round = r + 1;
			row.group.platform = PLATFORM_NATIVE;
			row.group.accel = ACCEL_NONE;
			truth_launch(s, t, row, level * truth_boot(t, rng), rng);
			row.group.platform = PLATFORM_NOSEV;
			row.group.accel = ACCEL_KVM;
			if (both)
				truth_launch(s, t, row, level * t->ratio * truth_boot(t, rng), rng);
		}
	}
	gsl_rng_free(rng);
}

#endif
