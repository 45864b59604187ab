/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "harness/sampler.h"
/* The state is the kernel's own: the tests look into it. */
#include "harness/place_choose.h"
#include "kernels/touch.c" /* NOLINT(bugprone-suspicious-include) */
#include "tests/kernels/memory_cell.h"

/* Linux adds faults when it moves pages: one of so many tries must have none that are not ours. */
#define TRIES 10

static struct state *open_or_skip(const struct cell *cell)
{
	struct err e = {""};
	void *state = NULL;
	int rc = touch_setup(memory_setup_kept(cell), &state, &e);

	if (rc == -ENOTSUP)
		skip_because("%s", e.text);
	if (rc || !state)
		fail_msg("%s", e.text);
	return state;
}

/* Page faults of `count` touches. */
static uint64_t faults_of(struct state *state, unsigned count)
{
	uint64_t before = noise_page_faults();

	for (unsigned i = 0; i < count; i++)
		touch_run(state, 0, 1);
	return noise_page_faults() - before;
}

/* Faults of `count` touches of new pages by a variant, which must pass its own check. */
static uint64_t touch_new_pages(const struct cell *cell, unsigned count)
{
	struct state *state = open_or_skip(cell);
	struct err e = {""};
	uint64_t faults;
	int rc;

	assert_int_equal(touch_capacity(state), count);
	touch_baseline(state, 0, 10);
	assert_int_equal(touch_reset(state, &e), 0);
	faults = faults_of(state, count);
	rc = touch_verify(state, &e);
	touch_teardown(state);
	if (rc == -ENOTSUP)
		skip_because("%s", e.text);
	if (rc)
		fail_msg("%s: %s", cell->variant->name, e.text);
	return faults;
}

static void every_touch_is_right(const char *variant, enum mem_pages size, unsigned count)
{
	struct cell cell = memory_cell(&kernel_touch, variant, count * mem_page_bytes(size), 1);
	uint64_t faults = UINT64_MAX;

	cell.pages = size;
	for (int i = 0; i < TRIES && faults != (uint64_t)count * touch_faults(&cell); i++)
		faults = touch_new_pages(&cell, count);
	if (touch_faults(&cell) != KERNEL_ANY_FAULTS &&
	    faults != (uint64_t)count * touch_faults(&cell))
		fail_msg("%s: %u touches, %" PRIu64 " page faults", variant, count, faults);
}

/* Not every machine has never used memory, or a page of zeros: those variants have tests of their
 * own. */
static bool may_be_refused(const char *variant)
{
	return !strcmp(variant, "fresh") || !strcmp(variant, "unaccepted") ||
	       !strcmp(variant, "read") || !strcmp(variant, "zero");
}

static void small_pages_fault_once_each(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_touch.variant_count; i++) {
		if (!may_be_refused(variants[i].name))
			every_touch_is_right(variants[i].name, MEM_4K, 1000);
	}
}

static void huge_pages_fault_once_each(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_touch.variant_count; i++) {
		if (!may_be_refused(variants[i].name))
			every_touch_is_right(variants[i].name, MEM_THP, 8);
	}
}

static void loads_map_the_page_of_zeros(void **unused)
{
	(void)unused;
	every_touch_is_right("read", MEM_4K, 1000);
	every_touch_is_right("read", MEM_THP, 8);
}

static void stores_replace_the_page_of_zeros(void **unused)
{
	(void)unused;
	every_touch_is_right("zero", MEM_4K, 1000);
	every_touch_is_right("zero", MEM_THP, 8);
}

/* Nobody can know here whether there is any; a guest that has just booted has it. */
static void fresh_memory_is_there_or_said_to_be_used(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "fresh", 1 << 20, 1);
	struct setup setup = memory_setup(&cell);
	uint64_t used = pages_ever_allocated() * SMALL_PAGE;
	struct err e = {""};
	void *state = NULL;
	int rc = touch_setup(&setup, &state, &e);

	(void)unused;
	assert_true(used > 0);
	if (rc) {
		assert_int_equal(rc, -ENOTSUP);
		assert_non_null(strstr(e.text, "may have been used before: Linux has handed out"));
		return;
	}
	assert_true(((struct state *)state)->held.bytes >= used);
	touch_teardown(state);
}

/* Guests that have some are booted by tests/vmrun/guest_emulate.sh. */
static void unaccepted_memory_is_there_or_said_to_be_missing(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "unaccepted", 1 << 20, 1);
	struct setup setup = memory_setup(&cell);
	struct err e = {""};
	void *state = NULL;

	(void)unused;
	if (mem_unaccepted())
		skip_because("this machine has memory that is not accepted");
	assert_int_equal(touch_setup(&setup, &state, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "has accepted all memory but 0 MiB of this machine"));
}

/* What was touched without being accepted was no first use. */
static void touches_that_accept_nothing_are_found_out(void **unused)
{
	const struct way way = {WRITE, take_accepted_memory, 1, false, false};
	struct state s = {.way = &way, .page = SMALL_PAGE};
	struct err e = {""};

	(void)unused;
	s.unaccepted = mem_unaccepted();
	s.touched = ACCEPT_UNIT / SMALL_PAGE;
	assert_int_equal(touch_verify(&s, &e), 0);
	s.touched++;
	assert_int_equal(touch_verify(&s, &e), -EIO);
	assert_non_null(strstr(e.text, "Linux accepted 0 KiB while 4100 KiB were touched"));
}

static void hugetlb_is_refused_where_it_cannot_be_done(void **unused)
{
	static const char *const not_done[] = {"fresh", "unaccepted", "zero", "cow", "free"};

	(void)unused;
	for (size_t i = 0; i < sizeof(not_done) / sizeof(not_done[0]); i++) {
		struct cell cell = memory_cell(&kernel_touch, not_done[i], 2 << 20, 1);
		struct setup setup = memory_setup(&cell);
		struct err e = {""};

		cell.pages = MEM_2M;
		assert_int_equal(touch_probe(&setup, &e), -ENOTSUP);
		assert_non_null(strstr(e.text, "is not done with hugetlb pages"));
		cell.pages = MEM_THP;
		assert_int_equal(touch_probe(&setup, &e), 0);
	}
}

/* The child that shares the pages must not outlive the cell. */
static void the_child_of_cow_is_gone_after(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "cow", 64 << 10, 1);
	struct state *state = open_or_skip(&cell);
	pid_t child = state->child;

	(void)unused;
	assert_true(child > 0);
	assert_int_equal(kill(child, 0), 0);
	touch_teardown(state);
	assert_int_equal(kill(child, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void resident_pages_are_all_followed(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "resident", 64 << 10, 1);
	struct state *state = open_or_skip(&cell);
	const struct cycle_node *first = state->at;
	unsigned char seen[16] = {0};

	(void)unused;
	for (unsigned i = 0; i < 16; i++) {
		uint64_t page = (uint64_t)((char *)state->at - (char *)state->mem.base) / 4096;

		assert_true(page < 16);
		assert_int_equal(seen[page]++, 0);
		touch_run(state, 0, 1);
	}
	assert_ptr_equal(state->at, first);
	touch_teardown(state);
}

static void the_baseline_faults_not(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "write", 64 << 10, 1);
	struct state *state = open_or_skip(&cell);
	uint64_t faults = 1;

	(void)unused;
	for (int i = 0; i < TRIES && faults; i++) {
		faults = noise_page_faults();
		touch_baseline(state, 0, 100);
		faults = noise_page_faults() - faults;
	}
	assert_int_equal(faults, 0);
	touch_teardown(state);
}

/* Fault as any function may that is called, or any memory that is used, for the first time. */
static void fault(void)
{
	char *page =
	        mmap(NULL, SMALL_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(page, MAP_FAILED);
	touch(page, WRITE);
	munmap(page, SMALL_PAGE);
}

static int reset_and_fault(void *state, struct err *e)
{
	int rc = touch_reset(state, e);

	fault();
	return rc;
}

static int fault_and_verify(void *state, struct err *e)
{
	fault();
	return touch_verify(state, e);
}

static int use_first_page(void *state, struct err *e)
{
	(void)e;
	touch(((struct state *)state)->mem.base, WRITE);
	return 0;
}

/* As if Linux had taken pages away. */
static int drop_pages(void *state, struct err *e)
{
	(void)e;
	assert_int_equal(madvise(((struct state *)state)->mem.base, 8 * SMALL_PAGE, MADV_DONTNEED),
	                 0);
	return 0;
}

/* As if Linux had been moving one of the pages that the operations use besides. */
static void fault_and_touch(void *state, unsigned thread, uint64_t iterations)
{
	static unsigned calls;

	if (calls++ % 16 == 3)
		fault();
	touch_run(state, thread, iterations);
}

/* Measure 16 pages by the rules of the sampler; "" or why they are no result. */
static const char *measure(const struct kernel *kernel, const char *variant)
{
	static char reason[sizeof(((struct sampler_result *)NULL)->reason)];
	const struct sampler_plan plan = {.samples = 1000};
	const struct clock clock = {.hz = 1e9, .step = 1};
	struct cell cell = memory_cell(kernel, variant, 64 << 10, 1);
	struct setup setup = memory_setup(&cell);
	struct sampler_result result;
	struct err e = {""};
	struct place place;

	if (place_choose(1, NULL, &place, &e))
		fail_msg("%s", e.text);
	setup.place = &place;
	if (sampler_run(&setup, &plan, &clock, &result, &e))
		fail_msg("%s", e.text);
	assert_int_equal(result.status, result.reason[0] ? CELL_FAILED : CELL_OK);
	memcpy(reason, result.reason, sizeof(reason));
	sampler_result_free(&result);
	return reason;
}

static void faults_before_and_after_are_not_counted(void **unused)
{
	struct kernel kernel = kernel_touch;

	(void)unused;
	kernel.reset = reset_and_fault;
	kernel.verify = fault_and_verify;
	assert_string_equal(measure(&kernel, "write"), "");
	assert_string_equal(measure(&kernel, "free"), "");
}

static void memory_that_was_used_before_shows(void **unused)
{
	struct kernel kernel = kernel_touch;

	(void)unused;
	kernel.reset = use_first_page;
	assert_string_equal(measure(&kernel, "write"), "16 operations took 15 page faults, not 16");
}

static void free_pages_that_were_taken_show(void **unused)
{
	struct kernel kernel = kernel_touch;

	(void)unused;
	kernel.reset = drop_pages;
	assert_string_equal(measure(&kernel, "free"),
	                    "16 operations took 8 page faults, not 0: Linux moved pages meanwhile, "
	                    "or took some away");
}

static void one_page_that_linux_moves_is_no_failure(void **unused)
{
	struct kernel kernel = kernel_touch;

	(void)unused;
	kernel.run = fault_and_touch;
	assert_string_equal(measure(&kernel, "write"), "");
	assert_string_equal(measure(&kernel, "free"), "");
}

/* Where the check faults, smaps tells whether a page is small or was only moved. */
static void huge_pages_are_known_from_smaps(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "write", 8 << 20, 1);
	struct err e = {""};
	struct state *state;

	(void)unused;
	cell.pages = MEM_THP;
	state = open_or_skip(&cell);
	faults_of(state, 4);
	if (touch_verify(state, &e) == -ENOTSUP)
		skip_because("%s", e.text);
	assert_true(are_huge(state));
	state->touched++;
	assert_false(are_huge(state));
	touch_teardown(state);
}

static void small_pages_that_claim_to_be_huge_show(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "write", 4 << 20, 1);
	struct err e = {""};
	struct state *state = open_or_skip(&cell);

	(void)unused;
	state->page = 2 << 20; /* as if THP had been asked for */
	touch_reset(state, &e);
	touch_run(state, 0, 2);
	assert_int_equal(touch_verify(state, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "2 of 2 pages were not huge"));
	touch_teardown(state);
}

/* As if Linux had found no contiguous memory for one of them. */
static void a_page_that_is_not_huge_shows(void **unused)
{
	static const char *const names[] = {"write", "populate"};

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		struct cell cell = memory_cell(&kernel_touch, names[i], 8 << 20, 1);
		struct err e = {""};
		struct state *state;

		cell.pages = MEM_THP;
		state = open_or_skip(&cell);
		assert_int_equal(madvise(state->next + state->page, state->page, MADV_NOHUGEPAGE),
		                 0);
		faults_of(state, 4);
		assert_int_equal(touch_verify(state, &e), -ENOTSUP);
		touch_teardown(state);
		assert_non_null(strstr(e.text, " of 4 pages were not huge"));
	}
}

static void parts_of_pages_are_refused(void **unused)
{
	struct cell cell = memory_cell(&kernel_touch, "write", 5000, 1);

	(void)unused;
	memory_cell_is_refused(&cell, "size 5000 is not a multiple of the page (4096 bytes)");
	cell.size = 4096;
	cell.pages = MEM_THP;
	memory_cell_is_refused(&cell, "size 4096 is not a multiple of the page (2097152 bytes)");
	cell.size = 0;
	memory_cell_is_refused(&cell, "size 0");
	cell = memory_cell(&kernel_touch, "resident", 4096, 1);
	memory_cell_is_refused(&cell, "at least two pages");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(small_pages_fault_once_each),
	        cmocka_unit_test(huge_pages_fault_once_each),
	        cmocka_unit_test(loads_map_the_page_of_zeros),
	        cmocka_unit_test(stores_replace_the_page_of_zeros),
	        cmocka_unit_test(fresh_memory_is_there_or_said_to_be_used),
	        cmocka_unit_test(unaccepted_memory_is_there_or_said_to_be_missing),
	        cmocka_unit_test(touches_that_accept_nothing_are_found_out),
	        cmocka_unit_test(hugetlb_is_refused_where_it_cannot_be_done),
	        cmocka_unit_test(the_child_of_cow_is_gone_after),
	        cmocka_unit_test(resident_pages_are_all_followed),
	        cmocka_unit_test(the_baseline_faults_not),
	        cmocka_unit_test(faults_before_and_after_are_not_counted),
	        cmocka_unit_test(memory_that_was_used_before_shows),
	        cmocka_unit_test(free_pages_that_were_taken_show),
	        cmocka_unit_test(one_page_that_linux_moves_is_no_failure),
	        cmocka_unit_test(huge_pages_are_known_from_smaps),
	        cmocka_unit_test(small_pages_that_claim_to_be_huge_show),
	        cmocka_unit_test(a_page_that_is_not_huge_shows),
	        cmocka_unit_test(parts_of_pages_are_refused),
	};

	return cmocka_run_group_tests_name("touch", tests, NULL, NULL);
}
