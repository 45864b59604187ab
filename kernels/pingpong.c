/* SPDX-License-Identifier: MIT */
#include <emmintrin.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "harness/kernel.h"

#define LINE 128 /* two cache lines: the neighbour is prefetched with the first */

/* How the turn is handed over. */
enum way {
	ONE_LINE,  /* both threads write the line that both read */
	TWO_LINES, /* each writes a line of its own and reads the other's */
	EXCHANGE   /* one line, by a locked compare and exchange */
};

/* How, and between which CPUs. */
#define VALUE(way, relation) ((way) | (uintptr_t)(relation) << 8)
#define WAY_OF(value)        ((enum way)(0xff & (value)))
#define RELATION_OF(value)   ((enum place_relation)((value) >> 8))

/* The first three between the CPUs that the placement gives: two cores of one L3 where it can. */
static const struct variant variants[] = {
        {"line", "both write one line: store when it is one's turn", -1,
         VALUE(ONE_LINE, PLACE_ANY)},
        {"two_lines", "each writes its own line and waits for the other's", -1,
         VALUE(TWO_LINES, PLACE_ANY)},
        {"exchange", "both write one line by LOCK CMPXCHG", -1, VALUE(EXCHANGE, PLACE_ANY)},
        {"line_smt", "one line, between two hardware threads of one core", -1,
         VALUE(ONE_LINE, PLACE_SMT)},
        {"line_l3", "one line, between two cores that share an L3", -1, VALUE(ONE_LINE, PLACE_L3)},
        {"line_node", "one line, between two cores of one NUMA node without an L3 in common", -1,
         VALUE(ONE_LINE, PLACE_NODE)},
        {"line_remote", "one line, between two NUMA nodes", -1, VALUE(ONE_LINE, PLACE_REMOTE)},
};

static enum place_relation pingpong_relation(const struct cell *cell)
{
	return RELATION_OF(cell->variant->value);
}

/*
 * Turns count up from 0; thread 0 makes the even ones odd. In two lines, line t holds the number of
 * turns that thread t has made.
 */
struct state {
	_Alignas(LINE) atomic_ulong turn[2][LINE / sizeof(atomic_ulong)];
	_Alignas(LINE) enum way way;
	unsigned long rounds[2]; /* that each thread has begun with; written between batches */
};

static int pingpong_setup(const struct setup *setup, void **state, struct err *e)
{
	struct state *s = aligned_alloc(LINE, sizeof(*s));

	if (!s)
		return err_set(e, ENOMEM, "no memory for the lines of pingpong");
	*s = (struct state){.way = WAY_OF(setup->cell->variant->value)};
	*state = s;
	return 0;
}

/* Wait until `line` holds `value`. No PAUSE: it would be longer than the way of the line. */
static void wait_for(atomic_ulong *line, unsigned long value)
{
	while (atomic_load_explicit(line, memory_order_acquire) != value)
		;
}

static void play_one_line(atomic_ulong *line, unsigned thread, unsigned long round,
                          uint64_t iterations)
{
	for (unsigned long turn = 2 * round + thread; iterations; iterations--, turn += 2) {
		wait_for(line, turn);
		atomic_store_explicit(line, turn + 1, memory_order_release);
	}
}

/* Thread 0 serves: it writes first and then waits for the answer. */
static void play_two_lines(atomic_ulong *mine, atomic_ulong *others, unsigned thread,
                           unsigned long round, uint64_t iterations)
{
	for (; iterations; iterations--) {
		round++;
		if (thread)
			wait_for(others, round);
		atomic_store_explicit(mine, round, memory_order_release);
		if (!thread)
			wait_for(others, round);
	}
}

static void play_exchange(atomic_ulong *line, unsigned thread, unsigned long round,
                          uint64_t iterations)
{
	for (unsigned long turn = 2 * round + thread; iterations; iterations--, turn += 2) {
		unsigned long seen;

		do
			seen = turn;
		while (!atomic_compare_exchange_weak_explicit(
		        line, &seen, turn + 1, memory_order_acq_rel, memory_order_relaxed));
	}
}

static void pingpong_run(void *state, unsigned thread, uint64_t iterations)
{
	struct state *s = state;
	unsigned long round = s->rounds[thread];

	switch (s->way) {
	case ONE_LINE:
		play_one_line(s->turn[0], thread, round, iterations);
		break;
	case TWO_LINES:
		play_two_lines(s->turn[thread], s->turn[!thread], thread, round, iterations);
		break;
	case EXCHANGE:
		play_exchange(s->turn[0], thread, round, iterations);
		break;
	}
	s->rounds[thread] = round + iterations;
}

static int pingpong_verify(void *state, struct err *e)
{
	const struct state *s = state;
	unsigned long want = s->way == TWO_LINES ? s->rounds[0] : 2 * s->rounds[0];

	if (!s->rounds[0] || s->rounds[0] != s->rounds[1])
		return err_set(e, EIO, "the threads played %lu and %lu rounds", s->rounds[0],
		               s->rounds[1]);
	if (s->turn[0][0] != want)
		return err_set(e, EIO, "the line ended at turn %lu instead of %lu", s->turn[0][0],
		               want);
	return 0;
}

const struct kernel kernel_pingpong = {
        .name = "pingpong",
        .summary =
                "Hands a cache line from one CPU to another and back. An iteration is both ways.",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_MULTI_CPU,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .relation = pingpong_relation,
        .setup = pingpong_setup,
        .run = pingpong_run,
        /* No baseline: the loop's own instructions run while the line is on its way. */
        .verify = pingpong_verify,
        .teardown = free,
};
