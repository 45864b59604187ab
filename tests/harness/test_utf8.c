/* SPDX-License-Identifier: MIT */
#include "harness/utf8.h"

#include <string.h>

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

/* Each that a terminal obeys, or that turns a line around: sequences that do no harm. */
static void test_what_moves_a_terminal_too(void **state)
{
	(void)state;
	expect("\033[1mbold\033[0m", "?[1mbold?[0m");
	expect("a\tb\r\n", "a\tb\r\n");
	expect("bell \a, back \b, del \177", "bell ?, back ?, del ?");
	expect("C1 \302\233[1m", "C1 ??[1m");
	expect("bare C1 \2331m", "bare C1 ?1m");
	expect("long ESC \300\233, \340\200\233", "long ESC ??, ???");
	expect("turned \342\200\256cba\n", "turned ???cba\n");
	expect("apart \342\201\246x\342\201\251", "apart ???x???");
	expect("line \342\200\250 end", "line ??? end");
}

/* Wherever a stream is cut, it comes to the same. */
static void test_a_stream_is_cleaned_in_parts(void **state)
{
	static const char whole[] = "x\360\220\215\210\302\233\342\200\256\n\303(\342\202";
	char wanted[sizeof(whole)];

	(void)state;
	memcpy(wanted, whole, sizeof(whole));
	utf8_clean(wanted);
	for (size_t cut = 0; cut < strlen(whole); cut++) {
		char part[sizeof(whole)];
		size_t clean;

		memcpy(part, whole, sizeof(whole));
		clean = utf8_clean_part(part, cut);
		assert_true(clean <= cut && cut - clean <= 3);
		utf8_clean_part(part + clean, strlen(whole) - clean);
		utf8_clean(part); /* its last character never ends */
		assert_string_equal(part, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_utf8_stays),
	        cmocka_unit_test(test_the_rest_becomes_question_marks),
	        cmocka_unit_test(test_what_moves_a_terminal_too),
	        cmocka_unit_test(test_a_stream_is_cleaned_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
