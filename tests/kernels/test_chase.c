/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/chase.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

/* Walk every thread's cycle as a user would: each of its lines exactly once. */
static void every_thread_has_its_cycle(void **unused)
{
	struct cell cell = memory_cell(&kernel_chase, "random", 172032, 3);
	struct state *s;

	(void)unused;
	memory_cell_axis(&cell, "stride", 256);
	s = memory_cell_open(&cell);
	for (unsigned t = 0; t < cell.threads; t++) {
		const char *base = buffers_slice(&s->buffers, 0, t);
		const struct cycle_node *node = s->walkers[t].at[0];

		for (uint64_t i = 0; i < 224; i++, node = node->next) {
			assert_true((const char *)node >= base);
			assert_true((const char *)node < base + 57344);
			assert_int_equal(node->rank, i);
		}
		assert_ptr_equal(node, s->walkers[t].at[0]);
	}
	chase_teardown(s);
}

static void every_order_works(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_chase.variant_count; i++) {
		struct cell cell = memory_cell(&kernel_chase, variants[i].name, 64 << 10, 2);

		memory_cell_works(&cell, 777);
	}
}

static void chains_walk_their_share(void **unused)
{
	(void)unused;
	for (unsigned chains = 1; chains <= CHAINS_MAX; chains++) {
		struct cell cell = memory_cell(&kernel_chase, "random", 32 << 10, 2);
		struct state *s;
		uint64_t steps = 0;

		memory_cell_axis(&cell, "chains", chains);
		s = memory_cell_open(&cell);
		memory_cell_run(&cell, s, 1000);
		memory_cell_run(&cell, s, 7);
		for (unsigned k = 0; k < chains; k++)
			steps += s->walkers[1].steps[k];
		assert_int_equal(steps, 1007);
		assert_int_equal(chase_verify(s, NULL), 0);
		chase_teardown(s);
	}
}

static void a_wrong_walk_shows(void **unused)
{
	struct cell cell = memory_cell(&kernel_chase, "random", 32 << 10, 1);
	struct state *s = memory_cell_open(&cell);
	struct err e = {""};

	(void)unused;
	memory_cell_run(&cell, s, 100);
	s->walkers[0].at[0] = s->walkers[0].at[0]->next;
	assert_int_equal(chase_verify(s, &e), -EIO);
	assert_non_null(strstr(e.text, "chain 0 of thread 0 ended at line 101"));
	s->walkers[0].steps[0]++;
	assert_int_equal(chase_verify(s, &e), 0);
	s->walkers[0].at[0]->next = s->walkers[0].at[0];
	assert_int_equal(chase_verify(s, &e), -EIO);
	assert_non_null(strstr(e.text, "leads astray"));
	chase_teardown(s);
}

static void impossible_cells_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_chase, "random", 4096, 1);

	(void)unused;
	memory_cell_axis(&cell, "stride", 100);
	memory_cell_is_refused(&cell, "stride 100 is not a multiple of 64");
	memory_cell_axis(&cell, "stride", 4096);
	memory_cell_is_refused(&cell, "1 lines a thread, and 1 chains need at least 2");
	memory_cell_axis(&cell, "stride", 512);
	memory_cell_axis(&cell, "chains", 9);
	memory_cell_is_refused(&cell, "8 lines a thread, and 9 chains need at least 9");
	cell.size = 4000;
	memory_cell_is_refused(&cell, "size 4000 is not a multiple of 512");
}

static void loops_load_once_a_step_and_chain(void **unused)
{
	(void)unused;
	for (unsigned chains = 2; chains <= CHAINS_MAX; chains++) {
		char name[32];
		int loads;

		snprintf(name, sizeof(name), "chase_%u", chains);
		/* mov (%rax),%rax: a plain load from where a register points. */
		loads = disassembly_count(name, "^mov +(0x0)?\\(%r..?\\),%r");
		if (loads < 0)
			skip_because(
			        "no disassembly of %s (objdump missing, or a sanitizer's build)",
			        name);
		if (loads < (int)chains)
			fail_msg("%s has %d loads", name, loads);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_thread_has_its_cycle),
	        cmocka_unit_test(every_order_works),
	        cmocka_unit_test(chains_walk_their_share),
	        cmocka_unit_test(a_wrong_walk_shows),
	        cmocka_unit_test(impossible_cells_are_refused),
	        cmocka_unit_test(loops_load_once_a_step_and_chain),
	};

	return cmocka_run_group_tests_name("chase", tests, NULL, NULL);
}
