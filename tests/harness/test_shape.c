/* SPDX-License-Identifier: MIT */
#include "harness/shape.h"

#include <errno.h>

#include "harness/environment.h"
#include "tests/cmocka.h"

static const struct shape member[] = {{"member", SHAPE_INTEGER, NULL}, {NULL, SHAPE_TEXT, NULL}};
static const struct shape inner[] = {{"deep", SHAPE_TRUTH, NULL}, {NULL, SHAPE_TEXT, NULL}};
static const struct shape keys[] = {
        {"text", SHAPE_TEXT, NULL},      {"integer", SHAPE_INTEGER, NULL},
        {"word", SHAPE_WORD, NULL},      {"real", SHAPE_REAL, NULL},
        {"truth", SHAPE_TRUTH, NULL},    {"scalar", SHAPE_SCALAR, NULL},
        {"object", SHAPE_OBJECT, inner}, {"map", SHAPE_MAP, member},
        {"list", SHAPE_LIST, member},    {NULL, SHAPE_TEXT, NULL},
};

/* `count` times `open`, then as often `close`. */
static char *nested(size_t count, const char *before, char open, char close, const char *after)
{
	size_t size = strlen(before) + 2 * count + strlen(after) + 1;
	char *text = malloc(size), *at = text;

	assert_non_null(text);
	at = stpcpy(at, before);
	memset(at, open, count);
	memset(at + count, close, count);
	strcpy(at + 2 * count, after);
	return text;
}

static void test_what_is_known_passes(void **state)
{
	static const char *const good[] = {
	        "{}",
	        "{\"text\": \"a\", \"integer\": -1, \"word\": 9223372036854775807, \"real\": 0.5}",
	        "{\"real\": 3, \"truth\": false, \"scalar\": \"never\"}",
	        "{\"scalar\": true, \"object\": {\"deep\": true}, \"map\": {\"a\": 1, \"b\": 2}}",
	        "{\"list\": [1, null, 3], \"text\": null, \"object\": null, \"scalar\": 7}",
	        "{\"integer\": 9007199254740992}",
	};
	struct err e = {""};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		json_t *json = json_loads(good[i], 0, NULL);

		assert_non_null(json);
		if (shape_check(json, keys, &e))
			fail_msg("%s: %s", good[i], e.text);
		json_decref(json);
	}
}

static void test_nothing_else_does(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
	        {"[]", "an object is expected"},
	        {"{\"other\": 1}", "other: a key that nobody knows"},
	        {"{\"text\": 1}", "text: a text is expected"},
	        {"{\"integer\": 1.5}", "integer: an integer of at most 2^53"},
	        {"{\"integer\": 9007199254740993}", "integer: an integer of at most 2^53"},
	        {"{\"integer\": -9223372036854775807}", "integer: an integer of at most 2^53"},
	        {"{\"word\": true}", "word: an integer is expected"},
	        {"{\"real\": -1}", "real: a number from 0"},
	        {"{\"real\": 1e300}", "real: a number from 0"},
	        {"{\"truth\": \"yes\"}", "truth: true or false is expected"},
	        {"{\"scalar\": [1]}", "scalar: a text, an integer or a truth"},
	        {"{\"object\": 1}", "object: an object is expected"},
	        {"{\"object\": {\"deep\": {}}}", "object: deep: true or false"},
	        {"{\"map\": {\"a\": \"b\"}}", "map: a: an integer"},
	        {"{\"map\": []}", "map: an object is expected"},
	        {"{\"list\": {}}", "list: an array is expected"},
	        {"{\"list\": [1, []]}", "list: member 1: an integer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *json = json_loads(rows[i].text, 0, NULL);
		struct err e = {""};

		assert_non_null(json);
		assert_int_equal(shape_check(json, keys, &e), -EPROTO);
		assert_says(e, rows[i].why);
		json_decref(json);
	}
}

static void test_what_is_too_long_does_not_pass(void **state)
{
	json_t *json = json_object(), *list = json_array();
	char text[SHAPE_TEXT_MAX + 2], key[SHAPE_KEY_MAX + 2];
	struct err e = {""};

	(void)state;
	memset(text, 'x', sizeof(text));
	text[SHAPE_TEXT_MAX] = '\0';
	json_object_set_new(json, "text", json_string(text));
	assert_int_equal(shape_check(json, keys, &e), 0);
	text[SHAPE_TEXT_MAX] = 'x';
	text[SHAPE_TEXT_MAX + 1] = '\0';
	json_object_set_new(json, "text", json_string(text));
	assert_int_equal(shape_check(json, keys, &e), -EPROTO);
	assert_says(e, "text: a text of 16385 bytes");
	json_object_clear(json);
	for (int i = 0; i <= SHAPE_MEMBERS_MAX; i++)
		json_array_append_new(list, json_integer(i));
	json_object_set_new(json, "list", list);
	assert_int_equal(shape_check(json, keys, &e), -EPROTO);
	assert_says(e, "list: 1025 members");
	memset(key, 'k', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	json_object_clear(json);
	json_object_set_new(json, "map", json_pack("{s:i}", key, 1));
	assert_int_equal(shape_check(json, keys, &e), -EPROTO);
	assert_says(e, "a shorter key");
	json_decref(json);
}

/* Deep enough to be read, and so deep that what holds it could not be. */
static void test_a_description_is_no_deeper_than_its_table(void **state)
{
	static const char *const before[] = {
	        "{\"other\": ", "{\"cpu\": ", "{\"cpu\": {\"flags\": "};
	static const char *const after[] = {"}", "}", "}}"};
	struct err e = {""};

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		char *text = nested(2046, before[i], '[', ']', after[i]);
		json_t *json = json_loads(text, 0, NULL);

		assert_non_null(json);
		assert_int_equal(environment_check(json, &e), -EPROTO);
		json_decref(json);
		free(text);
	}
}

static void test_a_file_has_limits(void **state)
{
	json_t *json, *list;
	struct err e = {""};
	char *text = nested(SHAPE_FILE_DEPTH - 1, "{\"a\": ", '[', ']', "}");

	(void)state;
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	assert_int_equal(shape_limits(json, &e), 0);
	json_decref(json);
	free(text);
	text = nested(SHAPE_FILE_DEPTH, "{\"a\": ", '[', ']', "}");
	json = json_loads(text, 0, NULL);
	assert_int_equal(shape_limits(json, &e), -EINVAL);
	assert_says(e, "in one another");
	json_decref(json);
	free(text);
	json = json_pack("{s:[f]}", "a", 1e300);
	assert_int_equal(shape_limits(json, &e), -EINVAL);
	assert_says(e, "a number beyond 1e18");
	json_decref(json);
	text = calloc(1, SHAPE_FILE_TEXT_MAX + 2);
	assert_non_null(text);
	memset(text, 'x', SHAPE_FILE_TEXT_MAX + 1);
	json = json_pack("{s:s}", "a", text);
	assert_int_equal(shape_limits(json, &e), -EINVAL);
	assert_says(e, "a text of more than 4 MiB");
	json_decref(json);
	free(text);
	list = json_array();
	for (unsigned i = 0; i <= SHAPE_FILE_MEMBERS_MAX; i++)
		json_array_append_new(list, json_true());
	assert_int_equal(shape_limits(list, &e), -EINVAL);
	assert_says(e, "members");
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_known_passes),
	        cmocka_unit_test(test_nothing_else_does),
	        cmocka_unit_test(test_what_is_too_long_does_not_pass),
	        cmocka_unit_test(test_a_description_is_no_deeper_than_its_table),
	        cmocka_unit_test(test_a_file_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
