/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/views.h"

#include <string.h>

#include "tests/cmocka.h"

#define BYTES (1ull << 30)

static void keeps_a_state_for_each_page(void **state)
{
	struct page_map views;

	(void)state;
	assert_int_equal(page_map_open(&views, BYTES), 0);
	assert_int_equal(views_state(&views, 0x5000), VIEWS_NEW);
	views_set(&views, 0x5abc, VIEWS_PRIVATE);
	assert_int_equal(views_state(&views, 0x5fff), VIEWS_PRIVATE);
	assert_int_equal(views_state(&views, 0x6000), VIEWS_NEW);
	/* Nothing is kept beyond the map. */
	views_set(&views, BYTES, VIEWS_PRIVATE);
	assert_int_equal(views_state(&views, BYTES), VIEWS_SHARED);
	assert_null(page_map_at(&views, BYTES));
	page_map_close(&views);
}

/* Bytes that are the same in both. */
static unsigned same(const uint8_t *a, const uint8_t *b)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGE_MAP_PAGE; i++)
		n += a[i] == b[i];
	return n;
}

static void mixes_there_and_back(void **state)
{
	uint8_t page[PAGE_MAP_PAGE], was[PAGE_MAP_PAGE];

	(void)state;
	memset(was, 0x41, sizeof(was));
	memcpy(page, was, sizeof(page));
	views_mix(page, 0x7000, 1);
	/* Of random bytes 16 of 4096 are the same: 64 are 12 deviations off. */
	assert_in_range(same(page, was), 0, 64);
	views_mix(page, 0x7fff, 1);
	assert_memory_equal(page, was, sizeof(page));
}

static void mixes_each_page_and_key_otherwise(void **state)
{
	static uint8_t page[3][PAGE_MAP_PAGE];

	(void)state;
	views_mix(page[0], 0x7000, 1);
	views_mix(page[1], 0x8000, 1);
	views_mix(page[2], 0x7000, 2);
	assert_in_range(same(page[0], page[1]), 0, 64);
	assert_in_range(same(page[0], page[2]), 0, 64);
	/* And no two blocks of a page alike. */
	assert_memory_not_equal(page[0], page[0] + 16, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(keeps_a_state_for_each_page),
	        cmocka_unit_test(mixes_there_and_back),
	        cmocka_unit_test(mixes_each_page_and_key_otherwise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
