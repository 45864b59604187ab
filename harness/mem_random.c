/* SPDX-License-Identifier: MIT */
#include "harness/mem_random.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

void mem_random_seed(struct mem_random *r, uint64_t seed)
{
	/* splitmix64 (Steele, Lea, Flood 2014): never leaves the all-zero state, whatever the seed.
	 */
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		r->s[i] = z ^ z >> 31;
	}
}

uint64_t mem_random_next(struct mem_random *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

uint64_t mem_random_below(struct mem_random *r, uint64_t bound)
{
	uint128 product = (uint128)mem_random_next(r) * bound;

	if ((uint64_t)product < bound) {
		uint64_t least = (UINT64_MAX - bound + 1) % bound; /* 2^64 mod bound */

		while ((uint64_t)product < least)
			product = (uint128)mem_random_next(r) * bound;
	}
	return (uint64_t)(product >> 64);
}

static void fill_random(unsigned char *p, size_t bytes, uint64_t seed)
{
	struct mem_random r;
	uint64_t word;

	mem_random_seed(&r, seed);
	for (; bytes >= sizeof(word); p += sizeof(word), bytes -= sizeof(word)) {
		word = mem_random_next(&r);
		memcpy(p, &word, sizeof(word));
	}
	word = mem_random_next(&r);
	memcpy(p, &word, bytes);
}

void mem_fill(void *base, size_t bytes, enum mem_fill fill, uint64_t seed)
{
	size_t done = bytes < MEM_FILL_PERIOD ? bytes : MEM_FILL_PERIOD;
	unsigned char *p = base;

	if (fill != MEM_RANDOM) {
		memset(base, fill == MEM_ONE ? 1 : 0, bytes);
		return;
	}
	fill_random(p, done, seed);
	while (done < bytes) {
		size_t more = done < bytes - done ? done : bytes - done;

		memcpy(p + done, p, more);
		done += more;
	}
}
