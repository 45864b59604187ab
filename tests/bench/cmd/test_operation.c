/* SPDX-License-Identifier: MIT */
#include "bench/cmd/operation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cmocka.h"

static int set_up(void **state)
{
	static struct switches switches;
	struct err e;

	*state = &switches;
	return switches_load(&switches, &e);
}

static int tear_down(void **state)
{
	switches_free(*state);
	return 0;
}

static void expect(const struct switches *switches, const char *kernel, const char *variant,
                   const char *found_kernel, const char *found_variant)
{
	struct operation found;
	struct err e;

	assert_int_equal(operation_find(switches, kernel, variant, NULL, &found, &e), 0);
	assert_string_equal(found.kernel, found_kernel);
	assert_string_equal(found.variant, found_variant);
}

static void operations_are_one_word_or_two(void **state)
{
	expect(*state, "cpuid", "0xb", "cpuid", "0xb");
	expect(*state, "cpuid/0xb", NULL, "cpuid", "0xb");
	expect(*state, "memcpy", NULL, "memcpy", "*");
	expect(*state, "memcpy", "avx2", "memcpy", "avx2");
}

/* The first that is known of it, where none is named. */
static void an_operation_has_parameters(void **state)
{
	struct operation found;
	struct err e;

	assert_int_equal(operation_find(*state, "convert", "4k", NULL, &found, &e), 0);
	assert_string_equal(found.params, "pages_converted=1");
	assert_int_equal(operation_find(*state, "convert", "4k", "pages_converted=64", &found, &e),
	                 0);
	assert_string_equal(found.params, "pages_converted=64");
	assert_int_equal(operation_find(*state, "convert", "4k", "pages_converted=63", &found, &e),
	                 -EINVAL);
	assert_non_null(strstr(e.text, "with pages_converted=63: the table has it with "
	                               "pages_converted=1"));
	assert_int_equal(operation_find(*state, "cpuid", "0xb", NULL, &found, &e), 0);
	assert_string_equal(found.params, "");
}

static void refuse(const struct switches *switches, const char *kernel, const char *variant,
                   const char *text)
{
	struct operation found;
	struct err e;

	assert_int_equal(operation_find(switches, kernel, variant, NULL, &found, &e), -EINVAL);
	if (!strstr(e.text, text))
		fail_msg("no %s in \"%s\"", text, e.text);
}

static void others_are_refused_with_the_nearest(void **state)
{
	char longest[256];

	refuse(*state, "cpuid", "0xbb", "names are \"cpuid 0xb\"");
	refuse(*state, "cpuid", NULL, "\"cpuid 0x0\", \"cpuid 0x1\", \"cpuid 0xb\"");
	refuse(*state, "rdmsr_0x1b", NULL, "\"ring0_msr rdmsr_0x1b\"");
	refuse(*state, "", NULL, "operation \"\"");
	refuse(*state, "/", NULL, "nearest names");
	memset(longest, 'c', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	refuse(*state, longest, longest, "nearest names");
	refuse(*state, longest, NULL, "nearest names");
}

static void the_list_names_each_once(void **state)
{
	char *text = NULL, *first;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	operation_list(*state, out);
	fclose(out);
	assert_non_null(strstr(text, "  cpuid            0x0 0x1 0xb 0x40000000\n"));
	assert_non_null(strstr(text, "  memcpy           (every variant)\n"));
	first = strstr(text, "  mmio ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "  mmio "));
	assert_ptr_equal(strstr(first, " read write eventfd\n"), strchr(first + 2, ' ') + 12);
	free(text);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(operations_are_one_word_or_two),
	        T(an_operation_has_parameters),
	        T(others_are_refused_with_the_nearest),
	        T(the_list_names_each_once),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
