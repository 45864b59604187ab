/* SPDX-License-Identifier: MIT */
/* What Linux says of disturbances: stolen time, involuntary context switches, page faults. */
#ifndef HARNESS_NOISE_H
#define HARNESS_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/place.h"

struct noise_reading {
	bool steal_known;
	uint64_t steal_ns;    /* summed over the placement's CPUs, from /proc/stat (10 ms grain) */
	uint64_t involuntary; /* of the process */
};

/* Read the totals so far. Never fails: what cannot be read is not known. System calls. */
void noise_read(const struct place *place, struct noise_reading *reading);

/* Minor page faults of the process so far (one getrusage). */
uint64_t noise_page_faults(void);

#endif
