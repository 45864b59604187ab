/* SPDX-License-Identifier: MIT */
/*
 * make_samples ROWS >samples.csv: as many rows as asked for, of native and nosev in five rounds
 * with 100 samples a process, for the benchmark of the analysis. The columns are filled as a run
 * fills them, the times are log-normal around a level of their cell and launch.
 */
#include <math.h>

#include "tests/analysis/synth.h"

#define ROUNDS  5
#define SAMPLES 100

/* A generator of its own: GSL's would be most of the time. xorshift64* (S. Vigna, 2016). */
static double uniform(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return ((double)(*state * 0x2545f4914f6cdd1dULL >> 11) + 0.5) / 9007199254740992.0;
}

/* Irwin and Hall's sum of twelve is normal enough. */
static double normal(uint64_t *state)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(state);
	return sum;
}

int main(int argc, char **argv)
{
	static const char *const kernels[] = {"memcpy", "memset", "stream", "chase"};
	uint64_t state = 88172645463325252ULL;
	long rows = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	struct synth row = synth_default;
	char variant[32];

	if (rows <= 0) {
		fputs("usage: make_samples ROWS\n", stderr);
		return 2;
	}
	synth_header(stdout);
	row.run = "2026-01-01T00:00:00-full";
	row.variant = variant;
	row.unit = "bandwidth";
	row.iterations = 100;
	row.read = row.written = row.size;
	for (long cell = 0; rows > 0; cell++) {
		row.kernel = kernels[cell % 4];
		snprintf(variant, sizeof(variant), "variant%ld", cell / 4);
		for (row.round = 1; row.round <= ROUNDS; row.round++)
			for (int p = 0; p < 2; p++) {
				double level = 4e4 * (1 + p * 0.02 + 0.005 * normal(&state));

				row.platform = p ? "nosev" : "native";
				row.accel = p ? "kvm" : "none";
				for (row.sample = 0; row.sample < SAMPLES && rows > 0;
				     row.sample++) {
					row.ns = 100 * level * exp(0.01 * normal(&state));
					synth_row(stdout, &row);
					rows--;
				}
			}
	}
	return fflush(stdout) ? 1 : 0;
}
