/* SPDX-License-Identifier: MIT */
#include "analysis/read/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t add(struct intern *t, const char *text)
{
	uint32_t id = UINT32_MAX;
	struct err e;

	assert_int_equal(intern_add(t, text, strlen(text), &id, &e), 0);
	return id;
}

static void equal_texts_share_a_number(void **state)
{
	struct intern t = {0};

	(void)state;
	assert_int_equal(add(&t, "a"), 0);
	assert_int_equal(add(&t, ""), 1);
	assert_int_equal(add(&t, "b"), 2);
	assert_int_equal(add(&t, "a"), 0);
	assert_int_equal(add(&t, ""), 1);
	assert_string_equal(intern_text(&t, 2), "b");
	intern_free(&t);
}

static void bytes_are_compared_whole(void **state)
{
	struct intern t = {0};
	uint32_t a, b;
	struct err e;

	(void)state;
	assert_int_equal(intern_add(&t, "x\0y", 3, &a, &e), 0);
	assert_int_equal(intern_add(&t, "x\0z", 3, &b, &e), 0);
	assert_int_not_equal(a, b);
	assert_int_not_equal(add(&t, "x"), a);
	intern_free(&t);
}

static void texts_stay_where_they_are(void **state)
{
	struct intern t = {0};
	const char *first;
	char text[32];

	(void)state;
	add(&t, "first");
	first = intern_text(&t, 0);
	for (int i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		assert_int_equal(add(&t, text), i + 1);
	}
	assert_ptr_equal(intern_text(&t, 0), first);
	assert_string_equal(intern_text(&t, 99999), "text 99998");
	assert_int_equal(add(&t, "text 5"), 6);
	intern_free(&t);
}

static void a_text_larger_than_a_block_fits(void **state)
{
	struct intern t = {0};
	size_t size = 1 << 20;
	char *text = malloc(size + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', size);
	text[size] = '\0';
	add(&t, "small");
	assert_int_equal(add(&t, text), 1);
	assert_string_equal(intern_text(&t, 1), text);
	free(text);
	intern_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(equal_texts_share_a_number),
	        cmocka_unit_test(bytes_are_compared_whole),
	        cmocka_unit_test(texts_stay_where_they_are),
	        cmocka_unit_test(a_text_larger_than_a_block_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
