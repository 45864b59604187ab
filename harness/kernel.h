/* SPDX-License-Identifier: MIT */
/*
 * The kernel descriptor: everything the harness needs to know to measure one operation. A kernel is
 * one file in kernels/ that ends in one `const struct kernel kernel_<name>`, and one line in
 * kernels/kernels.def.
 */
#ifndef HARNESS_KERNEL_H
#define HARNESS_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/cpu.h"
#include "harness/err.h"
#include "harness/mem.h"
#include "harness/place.h"
#include "harness/sev.h"

enum kernel_unit {
	UNIT_BANDWIDTH, /* bytes a second; needs the traffic of an iteration */
	UNIT_LATENCY    /* nanoseconds an iteration */
};

enum kernel_flag {
	KERNEL_NEEDS_ROOT = 1U << 0,
	KERNEL_NEEDS_MODULE = 1U << 1, /* the guest kernel module of kernels/module */
	KERNEL_MULTI_CPU = 1U << 2,    /* needs at least two CPUs */
	KERNEL_SINGLE_SHOT =
	        1U << 3,         /* every iteration is timed alone and is a sample of its own */
	KERNEL_MEMORY = 1U << 4, /* has a size, pages, backing and fill */
	KERNEL_THREADS = 1U << 5 /* may run in more than one thread */
};

/* One implementation or one target. Names are CSV keys: [a-z0-9_.]+, stable for ever. */
struct variant {
	const char *name;
	const char *summary; /* one phrase, for --list */
	int feature; /* enum cpu_feature that it needs, or -1: the harness skips it with the reason
	              */
	uintptr_t value; /* the kernel's own: a function's address, a CPUID leaf, a port */
};

/* An axis of the kernel's own beside size, threads, pages, backing and fill: stride, chains,
 * distance. */
struct axis {
	const char *name;    /* key in the `params` column and of --param NAME=VALUE */
	const char *summary; /* with its unit */
	uint64_t min, max;
	const uint64_t *values; /* default sweep, ended by AXIS_END; the first is the default */
};
#define AXIS_END UINT64_MAX
#define AXIS_MAX 6

struct kernel;

/* What is measured: kernel x variant x parameters. Equal cells on two platforms are comparable. */
struct cell {
	const struct kernel *kernel;
	const struct variant *variant;
	uint64_t size;    /* bytes, summed over the threads; 0 where the kernel has no size */
	unsigned threads; /* 1 or more */
	enum mem_pages pages;
	enum mem_backing backing;
	enum mem_fill fill;
	uint64_t axis[AXIS_MAX]; /* values of kernel->axes, in their order */
	bool single; /* every operation timed alone, of a kernel that is not KERNEL_SINGLE_SHOT;
	              * "timing=single" in the params */
};

/* The value of the axis called `name`; aborts on a name the kernel does not declare. */
uint64_t cell_axis(const struct cell *cell, const char *name);

/* What one iteration moves, over all threads. Zero where the kernel moves nothing. */
struct traffic {
	uint64_t read;     /* bytes the code reads */
	uint64_t written;  /* bytes the code writes */
	uint64_t allocate; /* bytes the caches are assumed to read before they are overwritten */
};

/* What setup is told beyond the cell. Lives as long as the state. */
struct setup {
	const struct cell *cell;
	const struct place *place; /* thread i runs on place->cpu[i] */
	enum platform platform;
	int node;      /* NUMA node for memory, -1 for Linux's choice */
	uint64_t seed; /* for everything random */
};

/* One batch that a kernel timed by itself. */
struct timing {
	uint64_t ticks;
	uint64_t interrupts; /* that its CPU took meanwhile, beyond those the operation makes */
};

struct kernel {
	const char *name;    /* stable: it is a CSV key */
	const char *summary; /* one sentence: what is measured, and where its boundary lies */
	enum kernel_unit unit;
	unsigned flags; /* enum kernel_flag */

	const struct variant *variants;
	size_t variant_count;
	const uint64_t *sizes; /* default sweep in bytes, ended by 0; NULL without KERNEL_MEMORY */
	const enum mem_pages *pages; /* default sweep; NULL means { MEM_4K } */
	size_t pages_count;
	const struct axis *axes;
	size_t axis_count;

	/*
	 * How near the CPUs of a cell with two threads must be to one another; where the machine
	 * has no such pair, the cell is skipped. NULL means PLACE_ANY.
	 */
	enum place_relation (*relation)(const struct cell *cell);

	/* Bytes of memory a cell needs beyond the program itself. NULL means cell->size. */
	uint64_t (*footprint)(const struct cell *cell);

	/*
	 * Is `cell` well-formed for this kernel (alignment, multiples)? Pure: the same answer on
	 * every machine; a refusal is a usage error. NULL means yes.
	 */
	int (*check)(const struct cell *cell, struct err *e);

	/*
	 * Is `cell` one that means something only soon after boot? It is then measured before the
	 * others of a launch. NULL means no.
	 */
	bool (*early)(const struct cell *cell);

	/*
	 * Can the cell run here? 0, or -ENOTSUP with a sentence that names the missing thing: the
	 * cell is then a row with status "skipped" and that reason. NULL means yes. Must never
	 * crash.
	 */
	int (*probe)(const struct setup *setup, struct err *e);

	/* Allocate and initialise. *state is the kernel's own. -ENOTSUP skips the cell as probe
	 * does. */
	int (*setup)(const struct setup *setup, void **state, struct err *e);

	/*
	 * The operation, `iterations` times, on thread `thread` (0 to threads-1). Allocates
	 * nothing, prints nothing, makes no incidental system call. For a single-shot kernel
	 * iterations is 1.
	 */
	void (*run)(void *state, unsigned thread, uint64_t iterations);

	/* The same loop without the operation; NULL where there is no loop to subtract. */
	void (*baseline)(void *state, unsigned thread, uint64_t iterations);

	/*
	 * In place of run and baseline, for what is timed where user mode cannot go: take `count`
	 * batches of `iterations` operations each (of empty loops when `baseline`) on the calling
	 * thread, by the rules of harness/clock.h. -ENOTSUP skips the cell as probe does.
	 */
	int (*take)(void *state, bool baseline, uint64_t iterations, size_t count,
	            struct timing *timings, struct err *e);

	/* Untimed, on thread 0, before every op batch: restore what run used up. NULL: nothing. */
	int (*reset)(void *state, struct err *e);

	/* How many single-shot samples one setup allows (touch: pages). NULL: no limit. */
	uint64_t (*capacity)(const void *state);

	/*
	 * How many minor page faults one single-shot operation takes, by itself. Where Linux counts
	 * fewer from the first to the last, the cell has failed; and where there are more than the
	 * few that its moving of pages adds (one in 100 operations). NULL, or
	 * KERNEL_ANY_FAULTS of a cell: any number.
	 */
	unsigned (*faults)(const struct cell *cell);

	/* Did the work really happen? After the last batch. NULL only where nothing can be checked.
	 */
	int (*verify)(void *state, struct err *e);

	void (*traffic)(const struct cell *cell, struct traffic *traffic); /* NULL: moves nothing */
	void (*teardown)(void *state);
};

/* "stride=64;chains=4", "" without axes. */
void cell_params(const struct cell *cell, char *text, size_t size);

/* "memcpy/avx2 64M 4k threads=2 distance=256": a cell for people; what is usual is left out. */
void cell_text(const struct cell *cell, char *text, size_t size);

/* Bytes of memory that measuring `cell` takes beyond the program itself. */
uint64_t cell_footprint(const struct cell *cell);

/* Of a cell whose faults Linux may count or not. */
#define KERNEL_ANY_FAULTS UINT_MAX

/* The variant called `name`, or NULL. */
const struct variant *kernel_variant(const struct kernel *kernel, const char *name);

#endif
