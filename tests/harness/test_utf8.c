/* SPDX-License-Identifier: MIT */
#include "harness/utf8.h"

#include "tests/cmocka.h"

static void expect(const char *text, const char *clean)
{
	json_t *json = utf8_json(text);

	assert_non_null(json);
	assert_string_equal(json_string_value(json), clean);
	json_decref(json);
}

static void test_what_is_utf8_stays(void **state)
{
	(void)state;
	expect("", "");
	expect("caf\303\251 \342\202\254 \360\220\215\210\n",
	       "caf\303\251 \342\202\254 \360\220\215\210\n");
}

static void test_the_rest_becomes_question_marks(void **state)
{
	(void)state;
	expect("caf\351", "caf?");
	expect("\200\277", "??");
	expect("\300\257", "??");           /* not the shortest */
	expect("\355\240\200", "???");      /* half a pair */
	expect("\364\220\200\200", "????"); /* beyond the last */
	expect("cut \342\202", "cut ??");
	expect("\303(", "?(");
	expect("\377\376", "??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_utf8_stays),
	        cmocka_unit_test(test_the_rest_becomes_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
