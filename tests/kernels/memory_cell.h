/* SPDX-License-Identifier: MIT */
/* Cells of the memory kernels, driven by hand. Include after cmocka.h. */
#ifndef TESTS_KERNELS_MEMORY_CELL_H
#define TESTS_KERNELS_MEMORY_CELL_H

#include <string.h>

#include "harness/kernel.h"
#include "tests/kernels/disassembly.h"
#include "tests/skip.h"

/* A cell of `kernel` with the defaults of its axes; its first variant when `variant` is NULL. */
static inline struct cell memory_cell(const struct kernel *kernel, const char *variant,
                                      uint64_t size, unsigned threads)
{
	struct cell cell = {.kernel = kernel,
	                    .variant = variant ? kernel_variant(kernel, variant) : kernel->variants,
	                    .size = size,
	                    .threads = threads};

	assert_non_null(cell.variant);
	for (size_t i = 0; i < kernel->axis_count; i++)
		cell.axis[i] = kernel->axes[i].values[0];
	return cell;
}

static inline void memory_cell_axis(struct cell *cell, const char *name, uint64_t value)
{
	for (size_t i = 0; i < cell->kernel->axis_count; i++) {
		if (strcmp(cell->kernel->axes[i].name, name) == 0) {
			cell->axis[i] = value;
			return;
		}
	}
	fail_msg("%s has no axis %s", cell->kernel->name, name);
}

static inline struct setup memory_setup(const struct cell *cell)
{
	return (struct setup){.cell = cell, .platform = PLATFORM_NATIVE, .node = -1, .seed = 7};
}

/* The same for a kernel that may keep it as long as its state: the last few stay. */
static inline const struct setup *memory_setup_kept(const struct cell *cell)
{
	static struct setup kept[8];
	static unsigned next;
	struct setup *setup = &kept[next++ % 8];

	*setup = memory_setup(cell);
	return setup;
}

static inline bool memory_cell_can_run(const struct cell *cell)
{
	int feature = cell->variant->feature;

	return feature < 0 || cpu_has((enum cpu_feature)feature);
}

/* Set a cell up that must be well-formed and runnable. */
static inline void *memory_cell_open(const struct cell *cell)
{
	const struct kernel *k = cell->kernel;
	const struct setup *setup = memory_setup_kept(cell);
	struct err e = {""};
	void *state = NULL;

	if ((k->check && k->check(cell, &e)) || (k->probe && k->probe(setup, &e)) ||
	    k->setup(setup, &state, &e))
		fail_msg("%s/%s: %s", k->name, cell->variant->name, e.text);
	return state;
}

/* One batch on every thread, one after the other. */
static inline void memory_cell_run(const struct cell *cell, void *state, uint64_t iterations)
{
	struct err e = {""};

	if (cell->kernel->reset && cell->kernel->reset(state, &e))
		fail_msg("%s: %s", cell->kernel->name, e.text);
	for (unsigned t = 0; t < cell->threads; t++)
		cell->kernel->run(state, t, iterations);
}

/* Set up, run, verify, tear down. */
static inline void memory_cell_works(const struct cell *cell, uint64_t iterations)
{
	void *state = memory_cell_open(cell);
	struct err e = {""};

	memory_cell_run(cell, state, iterations);
	if (cell->kernel->verify(state, &e))
		fail_msg("%s/%s of %lu bytes by %u threads: %s", cell->kernel->name,
		         cell->variant->name, (unsigned long)cell->size, cell->threads, e.text);
	cell->kernel->teardown(state);
}

/* One shape of a cell with every fill; how many could run here. */
static inline unsigned memory_cell_fills_work(struct cell *cell)
{
	struct setup setup = memory_setup(cell);
	unsigned cells = 0;

	if (!memory_cell_can_run(cell))
		return 0;
	for (int fill = 0; fill < MEM_FILL_COUNT; fill++) {
		cell->fill = (enum mem_fill)fill;
		if (cell->kernel->probe && cell->kernel->probe(&setup, NULL))
			continue;
		memory_cell_works(cell, 3);
		cells++;
	}
	return cells;
}

/*
 * Every variant that can run here, at odd and even multiples of the step, below and above a page
 * and eight pages, in one thread and in several, with every fill.
 */
static inline void memory_kernel_works(const struct kernel *kernel)
{
	static const struct {
		uint64_t size;
		unsigned threads;
	} shapes[] = {{512, 1}, {4096, 1}, {4608, 1}, {10752, 3}, {164352, 1}, {1 << 20, 2}};
	unsigned cells = 0;

	for (size_t i = 0; i < kernel->variant_count; i++) {
		for (size_t j = 0; j < sizeof(shapes) / sizeof(shapes[0]); j++) {
			struct cell cell = memory_cell(kernel, kernel->variants[i].name,
			                               shapes[j].size, shapes[j].threads);

			cells += memory_cell_fills_work(&cell);
		}
	}
	assert_true(cells > 0);
}

/* What was not run must not verify. */
static inline void memory_cell_idleness_shows(const struct cell *cell)
{
	void *state = memory_cell_open(cell);
	struct err e = {""};

	if (cell->kernel->baseline)
		cell->kernel->baseline(state, 0, 3);
	assert_int_equal(cell->kernel->verify(state, &e), -EIO);
	assert_true(e.text[0] != '\0');
	cell->kernel->teardown(state);
}

static inline void memory_cell_is_refused(const struct cell *cell, const char *part)
{
	struct err e = {""};

	assert_int_equal(cell->kernel->check(cell, &e), -EINVAL);
	if (!strstr(e.text, part))
		fail_msg("\"%s\" does not say \"%s\"", e.text, part);
}

/* A function of this program and what its code must show: AT&T syntax, extended regular
 * expressions. */
struct promise {
	const char *function;
	const char *must;
	const char *never; /* beside calls of the C library, or NULL */
};

static inline void promise_holds(const struct promise *p)
{
	int found = disassembly_count(p->function, p->must);

	if (found < 0)
		skip_because("no disassembly of %s (objdump missing, or a sanitizer's build)",
		             p->function);
	if (found == 0)
		fail_msg("%s has no %s", p->function, p->must);
	if (disassembly_count(p->function, "^(call|jmp) .*(mem|str)(cpy|set|move)") != 0)
		fail_msg("%s calls the C library", p->function);
	if (p->never && disassembly_count(p->function, p->never) != 0)
		fail_msg("%s has %s", p->function, p->never);
}

#endif
