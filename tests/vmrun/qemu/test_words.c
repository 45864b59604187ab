/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/words.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/cmocka.h"

static void test_words(void **state)
{
	struct words w = {0};
	char expected[16];

	(void)state;
	words_add(&w, "%s", "qemu");
	words_add_option(&w, "m", "%uM", 512);
	assert_int_equal(w.count, 3);
	assert_string_equal(w.at[0], "qemu");
	assert_string_equal(w.at[1], "-m");
	assert_string_equal(w.at[2], "512M");
	assert_null(w.at[3]);
	for (unsigned i = 0; i < 1000; i++)
		words_add(&w, "%u", i);
	assert_false(w.failed);
	assert_int_equal(w.count, 1003);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(expected, sizeof(expected), "%u", i);
		assert_string_equal(w.at[3 + i], expected);
	}
	assert_null(w.at[w.count]);
	for (size_t i = 0; i < w.count; i++)
		free(w.at[i]);
	free(w.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
