/* SPDX-License-Identifier: MIT */
/* Data and permutations that are the same for the same seed. */
#ifndef HARNESS_MEM_RANDOM_H
#define HARNESS_MEM_RANDOM_H

#include "harness/mem.h"

/*
 * Random data repeats after this many bytes, so that filling gigabytes takes no minutes under
 * software emulation. No power of two: equal lines do not fall into equal sets of a cache.
 */
#define MEM_FILL_PERIOD ((1U << 20) - 4096 + 64)

/*
 * Fill `bytes` at `base`: every byte 0, every byte 1, or random, the same for the same seed
 * (xoshiro256**, Blackman and Vigna), with period MEM_FILL_PERIOD.
 */
void mem_fill(void *base, size_t bytes, enum mem_fill fill, uint64_t seed);

/* A pseudo-random stream for permutations: state from splitmix64(seed). */
struct mem_random {
	uint64_t s[4];
};
void mem_random_seed(struct mem_random *r, uint64_t seed);
uint64_t mem_random_next(struct mem_random *r);
/* Uniform in [0, bound), without modulo bias (Lemire 2019). bound > 0. */
uint64_t mem_random_below(struct mem_random *r, uint64_t bound);

#endif
