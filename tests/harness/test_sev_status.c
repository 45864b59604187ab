/* SPDX-License-Identifier: MIT */
#include "harness/sev_status.h"

#include <stdbool.h>

#include "tests/cmocka.h"

/* Those of sev_ret_code in Linux 7.0 that are failures: runs of codes, both ends included. */
static const struct {
	unsigned long first, last;
} known[] = {{0x01, 0x1d}, {0x1f, 0x28}, {0x30, 0x33}, {0x35, 0x3f}};

static bool is_known(unsigned long status)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (status >= known[i].first && status <= known[i].last)
			return true;
	return false;
}

static void every_status_has_words_of_its_own(void **state)
{
	(void)state;
	for (unsigned long status = 0; status < 0x200; status++) {
		const char *text = sev_status_text(status);

		assert_int_equal(text != NULL, is_known(status));
		for (unsigned long other = 0; text && other < status; other++)
			if (is_known(other))
				assert_string_not_equal(text, sev_status_text(other));
	}
	assert_null(sev_status_text(~0UL));
}

static void some_say_what_they_are_called(void **state)
{
	(void)state;
	assert_string_equal(sev_status_text(0x13), "the hardware reports an error");
	assert_string_equal(sev_status_text(0x28), "its shutdown is incomplete");
	assert_string_equal(sev_status_text(0x39), "pages have to be reclaimed first");
	assert_string_equal(sev_status_text(0x3f), "a response is too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_status_has_words_of_its_own),
	        cmocka_unit_test(some_say_what_they_are_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
