/* SPDX-License-Identifier: MIT */
#include "bench/select/suite.h"

#include <errno.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char path[] = "/tmp/test_suite.XXXXXX";

static int load(const char *text, struct suite *suite, struct err *e)
{
	FILE *f;
	int rc;

	strcpy(path, "/tmp/test_suite.XXXXXX");
	f = fdopen(mkstemp(path), "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	rc = suite_load(path, NULL, suite, e);
	unlink(path);
	return rc;
}

static void test_built_in_suites_load(void **state)
{
	(void)state;
	for (const char *const *name = suite_names(); *name; name++) {
		struct suite suite;
		struct err e = {""};

		if (suite_load(*name, NULL, &suite, &e))
			fail_msg("%s", e.text);
		assert_true(suite.count > 10);
		assert_non_null(suite.about);
		suite_free(&suite);
	}
}

/* A machine without caches in sight: the rest of a suite is measured there all the same. */
static void test_unknown_caches_leave_a_line_out(void **state)
{
	struct suite s;
	struct err e = {""};

	(void)state;
	setenv("HWLOC_SYNTHETIC", "core:2 pu:1", 1);
	assert_int_equal(load("kernel cpuid --variant 0x0\n"
	                      "kernel stream --size 4xLLC\n"
	                      "kernel memcpy --variant libc --size 1/2xL2",
	                      &s, &e),
	                 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(s.left_out_count, 2);
	assert_non_null(strstr(s.left_out[0], "line 2 is left out: this machine does not show"));
	assert_non_null(strstr(s.left_out[1], "line 3 is left out"));
	suite_free(&s);
	assert_int_equal(load("kernel stream --size 4xLLC", &s, &e), -EINVAL);
	assert_non_null(strstr(e.text, "selects nothing: line 1 is left out: this machine"));
	unsetenv("HWLOC_SYNTHETIC");
}

static void test_lines(void **state)
{
	struct suite s;
	struct err e = {""};

	(void)state;
	assert_int_equal(load("# a comment\n"
	                      "about Two cells.\n\n"
	                      "rounds 7\n"
	                      "default --samples 5 --batch-us 100\n"
	                      "kernel cpuid --variant 0x0 # behind a line\n"
	                      "default --samples 9\n"
	                      "kernel\tmemcpy --variant libc --size 4K --samples 3",
	                      &s, &e),
	                 0);
	assert_string_equal(s.about, "Two cells.");
	assert_int_equal(s.rounds, 7);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.cells[0].plan.samples, 5);
	assert_int_equal(s.cells[1].plan.samples, 3);
	assert_true(s.cells[1].plan.batch_ns > 99999 && s.cells[1].plan.batch_ns < 100001);
	suite_free(&s);
}

static void test_mistakes_name_the_line(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	        {"kernel cpuid\nkernel nothing\n", "line 2: there is no kernel \"nothing\""},
	        {"kernel\n", "line 1: `kernel` needs"},
	        {"rounds 0\n", "line 1: rounds"},
	        {"rounds\n", "line 1: \"rounds\""},
	        {"kernel cpuid --variant\n", "--variant needs a value"},
	        {"kernel cpuid variant\n", "\"variant\" is not an option"},
	        {"kernel cpuid --colour red\n", "--colour"},
	        {"kernel memcpy --size 0\n", "zero"},
	        {"kernel cpuid --variant 0x0\nkernel cpuid\n", "selects cpuid/0x0 twice"},
	        {"kernel memcpy --size 4K,4096 --variant libc\n", "memcpy/libc 4K 4k twice"},
	        {"paint it\n", "\"paint\""},
	        {"# nothing\n", "selects nothing"},
	        {"", "empty"},
	        {"kernel memcpy --size 4xL9\n", "no multiple of a cache"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct suite s;
		struct err e = {""};

		assert_true(load(cases[i].text, &s, &e) < 0);
		assert_says(e, cases[i].says);
	}
}

static void test_unknown_names(void **state)
{
	struct suite s;
	struct err e = {""};

	(void)state;
	assert_true(suite_load("quickest", NULL, &s, &e) < 0);
	assert_says(e, "no suite \"quickest\"");
	assert_true(suite_load("./nowhere.suite", NULL, &s, &e) < 0);
	assert_says(e, "nowhere.suite");
	assert_true(suite_load("/", NULL, &s, &e) < 0);
}

static void test_filter(void **state)
{
	struct suite s;
	struct err e = {""};

	(void)state;
	assert_int_equal(load("kernel memcpy --variant libc --size 4K\nkernel cpuid --variant 0x0\n"
	                      "kernel memcpy --variant libc --size 8K\n",
	                      &s, &e),
	                 0);
	assert_int_equal(suite_filter(&s, "memcpy", &e), 0);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.cells[0].cell.size, 4096);
	assert_int_equal(s.cells[1].cell.size, 8192);
	assert_int_equal(suite_filter(&s, "nothing", &e), -EINVAL);
	assert_int_equal(suite_filter(&s, "cpuid", &e), -EINVAL);
	suite_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_built_in_suites_load),
	        cmocka_unit_test(test_unknown_caches_leave_a_line_out),
	        cmocka_unit_test(test_lines),
	        cmocka_unit_test(test_mistakes_name_the_line),
	        cmocka_unit_test(test_unknown_names),
	        cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
