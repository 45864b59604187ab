/* SPDX-License-Identifier: MIT */
#include "harness/shape.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int wrong(struct err *e, const char *wanted)
{
	return err_set(e, EPROTO, "%s is expected", wanted);
}

static int check_text(const json_t *value, struct err *e)
{
	if (!json_is_string(value))
		return wrong(e, "a text");
	if (json_string_length(value) <= SHAPE_TEXT_MAX)
		return 0;
	return err_set(e, EPROTO, "a text of %zu bytes, more than the %d that one may have",
	               json_string_length(value), SHAPE_TEXT_MAX);
}

static int check_integer(const json_t *value, struct err *e)
{
	json_int_t n = json_integer_value(value);

	return json_is_integer(value) && n >= -SHAPE_INTEGER_MAX && n <= SHAPE_INTEGER_MAX
	               ? 0
	               : wrong(e, "an integer of at most 2^53");
}

static int check_real(const json_t *value, struct err *e)
{
	double n = json_number_value(value);

	return json_is_number(value) && isfinite(n) && n >= 0 && n <= SHAPE_REAL_MAX
	               ? 0
	               : wrong(e, "a number from 0 to 1e18");
}

static int check_scalar(const json_t *value, struct err *e)
{
	if (json_is_string(value))
		return check_text(value, e);
	return json_is_integer(value) || json_is_boolean(value)
	               ? 0
	               : wrong(e, "a text, an integer or a truth");
}

static int check_value(const json_t *value, const struct shape *shape, struct err *e);

static int check_map(const json_t *map, const struct shape *of, struct err *e)
{
	const char *key;
	json_t *value;
	int rc;

	if (!json_is_object(map))
		return wrong(e, "an object");
	if (json_object_size(map) > SHAPE_MEMBERS_MAX)
		return err_set(e, EPROTO, "%zu members, more than the %d that one may have",
		               json_object_size(map), SHAPE_MEMBERS_MAX);
	json_object_foreach ((json_t *)map, key, value) {
		rc = strlen(key) > SHAPE_KEY_MAX ? wrong(e, "a shorter key")
		                                 : check_value(value, of, e);
		if (rc)
			return err_wrap(e, rc, "%.40s", key);
	}
	return 0;
}

static int check_list(const json_t *list, const struct shape *of, struct err *e)
{
	if (!json_is_array(list))
		return wrong(e, "an array");
	if (json_array_size(list) > SHAPE_MEMBERS_MAX)
		return err_set(e, EPROTO, "%zu members, more than the %d that one may have",
		               json_array_size(list), SHAPE_MEMBERS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		int rc = check_value(json_array_get(list, i), of, e);

		if (rc)
			return err_wrap(e, rc, "%s %zu", of->key, i);
	}
	return 0;
}

/* What is not known is null, whatever it would be. */
static int check_value(const json_t *value, const struct shape *shape, struct err *e)
{
	if (json_is_null(value))
		return 0;
	switch (shape->type) {
	case SHAPE_TEXT:
		return check_text(value, e);
	case SHAPE_INTEGER:
		return check_integer(value, e);
	case SHAPE_WORD:
		return json_is_integer(value) ? 0 : wrong(e, "an integer");
	case SHAPE_REAL:
		return check_real(value, e);
	case SHAPE_TRUTH:
		return json_is_boolean(value) ? 0 : wrong(e, "true or false");
	case SHAPE_SCALAR:
		return check_scalar(value, e);
	case SHAPE_OBJECT:
		return shape_check(value, shape->of, e);
	case SHAPE_MAP:
		return check_map(value, shape->of, e);
	case SHAPE_LIST:
		return check_list(value, shape->of, e);
	}
	return wrong(e, "something else");
}

int shape_check(const json_t *value, const struct shape *keys, struct err *e)
{
	const char *key;
	json_t *member;

	if (!json_is_object(value))
		return wrong(e, "an object");
	json_object_foreach ((json_t *)value, key, member) {
		const struct shape *row = keys;
		int rc;

		while (row->key && strcmp(row->key, key) != 0)
			row++;
		rc = row->key ? check_value(member, row, e)
		              : err_set(e, EPROTO, "a key that nobody knows");
		if (rc)
			return err_wrap(e, rc, "%.40s", key);
	}
	return 0;
}

static int too_large(struct err *e, const char *what)
{
	return err_set(e, EINVAL, "%s: no sevbench wrote this", what);
}

static int limit(const json_t *value, unsigned depth, struct err *e)
{
	const char *key;
	json_t *member;
	int rc = 0;

	if (depth > SHAPE_FILE_DEPTH)
		return too_large(e, "more than 16 objects or arrays in one another");
	if (json_string_length(value) > SHAPE_FILE_TEXT_MAX)
		return too_large(e, "a text of more than 4 MiB");
	if (json_is_real(value) && fabs(json_real_value(value)) > SHAPE_REAL_MAX)
		return too_large(e, "a number beyond 1e18");
	if (json_object_size(value) > SHAPE_FILE_MEMBERS_MAX ||
	    json_array_size(value) > SHAPE_FILE_MEMBERS_MAX)
		return too_large(e, "an object or array of more than 2^20 members");
	json_object_foreach ((json_t *)value, key, member) {
		rc = limit(member, depth + 1, e);
		if (rc)
			return rc;
	}
	for (size_t i = 0; !rc && i < json_array_size(value); i++)
		rc = limit(json_array_get(value, i), depth + 1, e);
	return rc;
}

int shape_limits(const json_t *value, struct err *e)
{
	return limit(value, 1, e);
}
