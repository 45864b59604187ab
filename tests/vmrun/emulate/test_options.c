/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/options.h"

#include "tests/cmocka.h"

static struct options options;
static char why[600];

static bool take(const char *word)
{
	why[0] = 0;
	return options_take(&options, word, why, sizeof(why));
}

static int setup(void **state)
{
	(void)state;
	options_init(&options);
	return 0;
}

static void takes_what_the_page_says(void **state)
{
	(void)state;
	assert_true(take("mode=sev-es"));
	assert_int_equal(options.mode, MODE_SEV_ES);
	assert_true(options_done(&options, why, sizeof(why)));
	assert_int_equal(options.c_bit, 51);
	assert_true(take("cbit=47"));
	assert_int_equal(options.c_bit, 47);
	assert_true(take("check=count"));
	assert_int_equal(options.check, CHECK_COUNT);
	assert_true(take("kvm=beside"));
	assert_int_equal(options.kvm, KVM_BESIDE);
	assert_true(options.mmio);
	assert_true(take("mmio=off"));
	assert_false(options.mmio);
	assert_true(take("rmp=4k") && options.rmp_4k);
	assert_true(take("summary=on") && options.summary);
	assert_true(take("counters=/a/b"));
	assert_string_equal(options.counters, "/a/b");
	assert_true(take("trace=/c"));
	assert_string_equal(options.trace, "/c");
}

static void refused(const char *word, const char *part)
{
	assert_false(take(word));
	assert_non_null(strstr(why, part));
}

static void refuses_the_rest_with_a_sentence(void **state)
{
	char file[700] = "counters=";

	(void)state;
	refused("mode=tdx", "'mode=tdx' is no option of it");
	refused("mode=", "mode=sev|sev-es|snp");
	refused("mode", "is no option");
	refused("", "is no option");
	refused("colour=red", "is no option");
	refused("cbit=46", "cbit=46 is out of range: it is 47 to 51");
	refused("cbit=52", "out of range");
	refused("cbit=5x", "out of range");
	refused("cbit=", "out of range");
	refused("counters=", "name of a file");
	memset(file + 9, 'x', sizeof(file) - 10);
	refused(file, "name of a file");
	assert_false(options_done(&options, why, sizeof(why)));
	assert_non_null(strstr(why, "mode=snp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(takes_what_the_page_says, setup),
	        cmocka_unit_test_setup(refuses_the_rest_with_a_sentence, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
