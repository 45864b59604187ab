/* SPDX-License-Identifier: MIT */
#include "harness/usage.h"

#include <errno.h>
#include <getopt.h>

#include "tests/cmocka.h"

static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                        {"output", required_argument, NULL, 'O'},
                                        {"force", no_argument, NULL, 'f'},
                                        {"zero", no_argument, NULL, 0},
                                        {0}};

static void test_what_is_said_of_an_option(void **state)
{
	static const struct {
		const char *words[3];
		const char *sentence;
	} cases[] = {
	        {{"--nonsense"}, "--nonsense is no option here: try --help"},
	        {{"--nonsense=1", "x"}, "--nonsense is no option here: try --help"},
	        {{"--ou", "x"}, "--ou is no option here: try --help"},
	        {{"--out"}, "--out needs a value: try --help"},
	        {{"--force=1"}, "--force takes no value: try --help"},
	        {{"-x"}, "-x is no option here: try --help"},
	        {{"-qx"}, "-x is no option here: try --help"},
	        {{"-xq", "y"}, "-x is no option here: try --help"},
	        {{"-qo"}, "-o needs a value: try --help"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *argv[] = {(char *)"program", (char *)cases[i].words[0],
		                (char *)cases[i].words[1], NULL};
		int argc = argv[2] ? 3 : 2, answer;
		struct err e = {{0}};

		opterr = 0;
		optind = 0;
		do
			answer = getopt_long(argc, argv, ":qo:", options, NULL);
		while (answer != ':' && answer != '?' && answer != -1);
		assert_int_not_equal(answer, -1);
		assert_int_equal(usage_option(answer, argv, &e), -EINVAL);
		assert_string_equal(e.text, cases[i].sentence);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_said_of_an_option)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
