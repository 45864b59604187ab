/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all parts of the plugin share: how it was asked to be, and where it counts and tells. */
#ifndef VMRUN_EMULATE_PLUGIN_EMULATION_H
#define VMRUN_EMULATE_PLUGIN_EMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/counters.h"
#include "vmrun/emulate/options.h"
#include "vmrun/emulate/pages.h"
#include "vmrun/emulate/views.h"

/* Guest-physical addresses that there may be, without C-bit: 1 TiB. */
#define EMULATION_ADDRESSES (1ull << 40)

struct emulation {
	struct options options;
	uint64_t status;       /* MSR SEV_STATUS */
	bool es, snp;          /* snp is es too */
	bool enforce;          /* options.check, once the firmware is known */
	struct page_map pages; /* of pages.h */
	struct page_map views; /* of views.h */
	uint64_t key;          /* of the views */
	struct counters *counters;
	int trace; /* file descriptor, or -1 */
};
extern struct emulation emulation;

/* Fill it from the options. False: `why` is a sentence. */
bool emulation_open(const struct options *options, char *why, size_t size);

/*
 * What is known of each page, for addresses below `end`: as much of it as a guest can make the host
 * keep. False: there is no address space for it.
 */
bool emulation_map(uint64_t end);

/* One sentence on stderr, in front of which it is said who says it. */
void emulation_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A guest may go on doing what is told of it: is it one of the first times, which are enough? Goes
 * up by one with each.
 */
bool emulation_is_new(uint64_t *times);

/* One line in the trace, if there is one. */
void emulation_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void emulation_count(uint64_t *counter, uint64_t more)
{
	__atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

/* The same for one that stands at an index which a guest chose. */
static inline void emulation_count_at(uint64_t *counters, uint64_t most, uint64_t index)
{
	if (index < most)
		emulation_count(&counters[index], 1);
}

static inline uint64_t emulation_c_bit(void)
{
	return 1ull << emulation.options.c_bit;
}

#endif
