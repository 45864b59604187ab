/* SPDX-License-Identifier: MIT */
#include "harness/text.h"

#include "tests/cmocka.h"

static void test_what_has_no_room_is_cut(void **state)
{
	char text[8] = "";

	(void)state;
	text_add(text, sizeof(text), "%s", "one");
	text_add(text, sizeof(text), ", %d", 2);
	assert_string_equal(text, "one, 2");
	text_add(text, sizeof(text), "345");
	assert_string_equal(text, "one, 23");
	text_add(text, sizeof(text), "4");
	assert_string_equal(text, "one, 23");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_has_no_room_is_cut)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
