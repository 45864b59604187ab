/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/pages.h"

#include <pthread.h>

#include "tests/cmocka.h"

#define BYTES (1ull << 30)
#define LARGE 0x200000ull

static struct page_map pages;

static int setup(void **state)
{
	(void)state;
	return page_map_open(&pages, BYTES);
}

static int teardown(void **state)
{
	(void)state;
	page_map_close(&pages);
	return 0;
}

static void knows_what_a_guest_validated(void **state)
{
	bool unchanged;

	(void)state;
	assert_int_equal(pages_state(&pages, 0x5000), PAGES_PRIVATE);
	assert_int_equal(pages_validate(&pages, 0x5000, false, true, &unchanged), PAGES_DONE);
	assert_false(unchanged);
	assert_int_equal(pages_state(&pages, 0x5fff), PAGES_VALID);
	assert_int_equal(pages_state(&pages, 0x6000), PAGES_PRIVATE);
	assert_int_equal(pages_validate(&pages, 0x5000, false, true, &unchanged), PAGES_DONE);
	assert_true(unchanged);
	assert_int_equal(pages_validate(&pages, 0x5000, false, false, &unchanged), PAGES_DONE);
	assert_false(unchanged);
	assert_int_equal(pages_state(&pages, 0x5000), PAGES_PRIVATE);
}

static void validates_large_pages(void **state)
{
	bool unchanged;

	(void)state;
	assert_int_equal(pages_validate(&pages, 0x1000, true, true, &unchanged), PAGES_FAIL_INPUT);
	assert_int_equal(pages_validate(&pages, LARGE, true, true, &unchanged), PAGES_DONE);
	assert_int_equal(pages_state(&pages, LARGE), PAGES_VALID);
	assert_int_equal(pages_state(&pages, 2 * LARGE - 1), PAGES_VALID);
	assert_int_equal(pages_state(&pages, 2 * LARGE), PAGES_PRIVATE);
	/* One of its small pages had another state. */
	pages_validate(&pages, LARGE + 0x3000, false, false, &unchanged);
	assert_int_equal(pages_validate(&pages, LARGE, true, true, &unchanged), PAGES_DONE);
	assert_false(unchanged);
}

static void leaves_shared_pages_to_the_hypervisor(void **state)
{
	bool unchanged;

	(void)state;
	pages_validate(&pages, 0x1000, false, true, &unchanged);
	assert_true(pages_assign(&pages, 0x1000, true));
	assert_false(pages_assign(&pages, 0x1000, true));
	assert_int_equal(pages_state(&pages, 0x1000), PAGES_SHARED);
	assert_int_equal(pages_validate(&pages, 0x1000, false, true, &unchanged), PAGES_NOT_OURS);
	assert_true(pages_assign(&pages, 0x1000, false));
	/* The guest's again, but not validated. */
	assert_int_equal(pages_state(&pages, 0x1000), PAGES_PRIVATE);
	/* Being given what it has it keeps as it is. */
	pages_validate(&pages, 0x1000, false, true, &unchanged);
	assert_false(pages_assign(&pages, 0x1000, false));
	assert_int_equal(pages_state(&pages, 0x1000), PAGES_VALID);
}

static void makes_vmsas_of_validated_pages_alone(void **state)
{
	bool unchanged;

	(void)state;
	assert_int_equal(pages_adjust(&pages, 0x1000, true), PAGES_FAIL_INPUT);
	pages_validate(&pages, 0x1000, false, true, &unchanged);
	assert_int_equal(pages_adjust(&pages, 0x1000, true), PAGES_DONE);
	assert_int_equal(pages_state(&pages, 0x1000), PAGES_VMSA);
	assert_int_equal(pages_adjust(&pages, 0x1000, false), PAGES_DONE);
	assert_int_equal(pages_state(&pages, 0x1000), PAGES_VALID);
}

static void is_shared_beyond_its_end(void **state)
{
	bool unchanged;

	(void)state;
	assert_int_equal(pages_state(&pages, BYTES), PAGES_SHARED);
	assert_int_equal(pages_validate(&pages, BYTES, false, true, &unchanged), PAGES_NOT_OURS);
	assert_int_equal(pages_adjust(&pages, BYTES, true), PAGES_NOT_OURS);
	pages_launch(&pages, BYTES - 0x1000, 0x2000);
	assert_int_equal(pages_state(&pages, BYTES - 1), PAGES_VALID);
	assert_false(pages_assign(&pages, BYTES, false));
}

#define ROUNDS 20000
static unsigned changes;

/* Each validation that changes a page is one that no other thread's did. */
static void *validate_and_rescind(void *valid)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		bool unchanged;

		pages_validate(&pages, 0x8000, false, valid != NULL, &unchanged);
		if (!unchanged)
			__atomic_fetch_add(&changes, valid ? 1 : -1u, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void changes_in_single_steps(void **state)
{
	pthread_t thread[4];

	(void)state;
	changes = 0;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, validate_and_rescind,
		                                i % 2 ? &pages : NULL),
		                 0);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(changes, pages_state(&pages, 0x8000) == PAGES_VALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(knows_what_a_guest_validated, setup, teardown),
	        cmocka_unit_test_setup_teardown(validates_large_pages, setup, teardown),
	        cmocka_unit_test_setup_teardown(leaves_shared_pages_to_the_hypervisor, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(makes_vmsas_of_validated_pages_alone, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(is_shared_beyond_its_end, setup, teardown),
	        cmocka_unit_test_setup_teardown(changes_in_single_steps, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
