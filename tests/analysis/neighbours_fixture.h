/* SPDX-License-Identifier: MIT */
/* Guests beside one another, and one alone. */
#ifndef TESTS_ANALYSIS_NEIGHBOURS_FIXTURE_H
#define TESTS_ANALYSIS_NEIGHBOURS_FIXTURE_H

#include "analysis/decide/neighbours.h"
#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* A guest of a made-up file: one of several, or one alone. */
struct guest {
	const char *platform, *accel;
	unsigned side;
	double ns;          /* of an operation, in every round */
	const double *slow; /* by round, where it varies; NULL: it does not */
	unsigned rounds;
};

/* Each round is slower or faster as a whole, and one alone scatters by what no digit shows. */
static inline void put_guest(struct fixture *f, const struct guest *g)
{
	static const double drift[ROUNDS] = {1, 1.2, 0.8, 1.1, 0.9};
	struct synth row = synth_default;
	char *path, name[64];
	FILE *out;

	snprintf(name, sizeof(name), "%s-%s-%u.csv", g->platform, g->accel, g->side);
	out = synth_file(f->directory, name, &path);
	row.platform = g->platform;
	row.accel = g->accel;
	synth_header(out);
	for (row.round = 1; row.round <= g->rounds; row.round++) {
		double slow = g->slow ? g->slow[row.round - 1] : 1;

		if (g->side == NEIGHBOURS_ALONE)
			slow *= 1 + 3e-7 * ((double)row.round - 3);
		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * g->ns * slow * drift[row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(out, &row);
		}
	}
	fclose(out);
	assert_int_equal(reader_read(&f->samples, path, g->side, false, &f->e), 0);
	free(path);
}

/* One of several guests, or one alone, of the machine itself. */
static inline void put(struct fixture *f, unsigned side, double ns, unsigned rounds)
{
	put_guest(f, &(struct guest){"native", "none", side, ns, NULL, rounds});
}

/* Two guests at once, and one alone, of a platform under KVM. */
static inline void put_platform(struct fixture *f, const char *platform, const double ns[3],
                                const double *slow, unsigned rounds)
{
	static const unsigned sides[] = {NEIGHBOURS_ALONE, 0, 1};

	for (unsigned i = 0; i < 3; i++)
		put_guest(f, &(struct guest){platform, "kvm", sides[i], ns[i], i ? slow : NULL,
		                             rounds});
}

static inline struct neighbours make(struct fixture *f, unsigned guests)
{
	struct neighbours n;

	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(neighbours_make(&f->summary, guests, &n, &f->e), 0);
	return n;
}

/* A skipped cell of one guest, in as many rounds. */
static inline void put_skipped(struct fixture *f, unsigned side, const char *variant)
{
	struct synth row = synth_default;
	char *path, name[64];
	FILE *out;

	snprintf(name, sizeof(name), "skipped-%s-%u.csv", variant, side);
	out = synth_file(f->directory, name, &path);
	row.variant = variant;
	row.status = "skipped";
	row.reason = "the CPU has no such thing";
	row.iterations = 0;
	row.run = name;
	synth_header(out);
	for (row.round = 1; row.round <= ROUNDS; row.round++)
		synth_row(out, &row);
	fclose(out);
	assert_int_equal(reader_read(&f->samples, path, side, false, &f->e), 0);
	free(path);
}

#endif
