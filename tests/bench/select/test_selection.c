/* SPDX-License-Identifier: MIT */
#include "bench/select/selection.h"

#include <errno.h>

#include "tests/cmocka.h"

struct fixture {
	struct selection s;
	struct err e;
};

static int open_selection(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	selection_init(&f.s);
	*state = &f;
	return 0;
}

static int close_selection(void **state)
{
	struct fixture *f = *state;

	selection_free(&f->s);
	return 0;
}

static void set(struct fixture *f, const char *name, const char *value)
{
	assert_int_equal(selection_option(&f->s, name, value, &f->e), 0);
}

static void test_values_that_cannot_be_meant(void **state)
{
	static const char *const cases[][2] = {
	        {"size", "0"},         {"size", "4K,,8K"},     {"size", "-1"},
	        {"threads", "0"},      {"threads", "9999999"}, {"pages", "8k"},
	        {"backing", "public"}, {"fill", "blue"},       {"samples", "0"},
	        {"samples", "many"},   {"param", "stride"},    {"param", "=3"},
	        {"param", "stride="},  {"seed", "-1"},         {"iterations", "0"},
	        {"node", "60000"},     {"batch-us", "0"},      {"size", "4xL9"},
	        {"size", "xLLC"},      {"size", "0xLLC"},      {"size", "1/0xLLC"},
	        {"size", "4x"},        {"size", "9999xLLC"},   {"size", "1/2/3xL2"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = {""};
		int rc = selection_option(&f->s, cases[i][0], cases[i][1], &e);

		if (rc != -EINVAL && rc != -ERANGE)
			fail_msg("--%s %s gave %d", cases[i][0], cases[i][1], rc);
		assert_true(strlen(e.text) > 0);
	}
	assert_int_equal(selection_option(&f->s, "colour", "red", &f->e), -ENOENT);
}

static void test_too_many_values(void **state)
{
	struct fixture *f = *state;
	char list[4 * SELECTION_LIST_MAX + 8] = "1";

	for (int i = 0; i < SELECTION_LIST_MAX; i++)
		strcat(list, ",1");
	assert_int_equal(selection_option(&f->s, "threads", list, &f->e), -EINVAL);
	assert_says(f->e, "more than");
}

static void test_copy_owns_its_strings(void **state)
{
	struct fixture *f = *state;
	struct selection copy;

	set(f, "variant", "avx2");
	set(f, "param", "stride=128");
	set(f, "cpu", "0");
	assert_int_equal(selection_copy(&f->s, &copy, &f->e), 0);
	selection_free(&f->s);
	assert_string_equal(copy.variants, "avx2");
	assert_string_equal(copy.params[0], "stride=128");
	assert_string_equal(copy.cpus, "0");
	selection_free(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_selection, close_selection)
	        TEST(test_values_that_cannot_be_meant),
	        TEST(test_too_many_values),
	        TEST(test_copy_owns_its_strings),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
