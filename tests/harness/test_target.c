/* SPDX-License-Identifier: MIT */
#include "harness/target.h"

#include <errno.h>
#include <string.h>

#include "tests/cmocka.h"

/* Every target has a name of its own, which begins with that of its platform. */
static void test_names(void **state)
{
	(void)state;
	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		const char *platform = platform_name(target_platform(t));
		bool off = target_snp_is_off(t);
		const char *end = off ? "@snpoff" : "";
		enum mem_pages pages;
		char expected[32];

		snprintf(expected, sizeof(expected), "%s%s", platform, end);
		assert_string_equal(target_name(target_usual(t)), expected);
		assert_int_equal(target_snp_off(target_snp_off(t, !off), off), t);
		if (target_pages(t, &pages)) {
			assert_int_equal(target_snp_off(target_on(target_platform(t), pages), off),
			                 t);
			snprintf(expected, sizeof(expected), "%s@%s%s", platform,
			         mem_pages_name(pages), end);
		} else {
			assert_int_equal(target_usual(t), t);
		}
		assert_string_equal(target_name(t), expected);
	}
}

static void test_parse(void **state)
{
	struct err e = {""};
	unsigned target;

	(void)state;
	assert_int_equal(target_parse("sev-es", &target, &e), 0);
	assert_int_equal(target, PLATFORM_SEV_ES);
	assert_int_equal(target_parse("nosev@thp", &target, &e), 0);
	assert_int_equal(target, target_on(PLATFORM_NOSEV, MEM_THP));
	assert_int_equal(target_parse("nosev@", &target, &e), -EINVAL);
	assert_int_equal(target_parse("nosev@3m", &target, &e), -EINVAL);
	assert_int_equal(target_parse("@thp", &target, &e), -EINVAL);
	assert_int_equal(target_parse("native@thp", &target, &e), -EINVAL);
	assert_says(e, "native is no guest");
	assert_int_equal(target_parse("snp@2m", &target, &e), -EINVAL);
	assert_says(e, "4 KiB pages, whatever");
	assert_int_equal(target_parse("snp-vtom", &target, &e), 0);
	assert_int_equal(target, PLATFORM_SNP_VTOM);
	assert_int_equal(target_parse("tdx@thp", &target, &e), -EINVAL);
	assert_says(e, "does not know its host pages");
	assert_int_equal(target_parse("native@snpoff", &target, &e), 0);
	assert_int_equal(target, target_snp_off(PLATFORM_NATIVE, true));
	assert_int_equal(target_parse("nosev@thp@snpoff", &target, &e), 0);
	assert_int_equal(target, target_snp_off(target_on(PLATFORM_NOSEV, MEM_THP), true));
	assert_int_equal(target_parse("@snpoff", &target, &e), -EINVAL);
	assert_int_equal(target_parse("nosev@snpoff@thp", &target, &e), -EINVAL);
	assert_int_equal(target_parse("snp@snpoff", &target, &e), -EINVAL);
	assert_says(e, "no SNP guests");
}

/* Every target has one place, and pages stand behind their platform. */
static void test_order(void **state)
{
	bool seen[TARGET_COUNT] = {false};

	(void)state;
	for (unsigned place = 0; place < TARGET_COUNT; place++) {
		unsigned target = target_at(place);

		assert_true(target < TARGET_COUNT);
		assert_false(seen[target]);
		seen[target] = true;
		assert_int_equal(target_place(target), place);
		if (place)
			assert_true(target_platform(target_at(place - 1)) <=
			            target_platform(target));
	}
	assert_int_equal(target_at(0), PLATFORM_NATIVE);
	assert_int_equal(target_place(target_on(PLATFORM_NOSEV, MEM_4K)),
	                 target_place(PLATFORM_NOSEV) + 1);
}

static void test_parse_list(void **state)
{
	struct err e = {""};
	bool targets[TARGET_COUNT];

	(void)state;
	memset(targets, true, sizeof(targets));
	assert_int_equal(target_parse_list("snp,nosev@thp,snp", targets, &e), 0);
	for (unsigned t = 0; t < TARGET_COUNT; t++)
		assert_int_equal(targets[t],
		                 t == PLATFORM_SNP || t == target_on(PLATFORM_NOSEV, MEM_THP));
	assert_int_equal(target_parse_list("native,tdx", targets, &e), -EINVAL);
	assert_says(e, "tdx is no guest to launch");
	assert_int_equal(target_parse_list("snp,", targets, &e), -EINVAL);
	assert_int_equal(target_parse_list("", targets, &e), -EINVAL);
	assert_int_equal(target_parse_list("snp,mars", targets, &e), -EINVAL);
	assert_says(e, "mars");
	assert_int_equal(target_parse_list("nosev,nosev@snpoff", targets, &e), -EINVAL);
	assert_says(e, "compare --snp-off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_names),
	        cmocka_unit_test(test_parse),
	        cmocka_unit_test(test_order),
	        cmocka_unit_test(test_parse_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
