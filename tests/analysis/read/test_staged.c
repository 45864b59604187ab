/* SPDX-License-Identifier: MIT */
#include "analysis/read/staged.h"

#include <errno.h>

#include "tests/cmocka.h"

static int apply(const char *manifest, struct samples_source *source, struct err *e)
{
	struct machine machine = {.manifest = json_loads(manifest, 0, NULL)};
	int rc;

	assert_non_null(machine.manifest);
	*source = (struct samples_source){.path = (char *)"somewhere"};
	rc = staged_apply(source, &machine, e);
	machine_free(&machine);
	return rc;
}

static void a_design_is_taken(void **state)
{
	struct samples_source source;
	struct err e;

	(void)state;
	assert_int_equal(apply("{\"design\": {\"pilot\": 5, \"margin\": 0.03}}", &source, &e), 0);
	assert_true(source.pilot == 5 && source.margin == 0.03);
	assert_int_equal(apply("{}", &source, &e), 0);
	assert_true(source.pilot == 0 && source.margin == 0);
}

/* A pilot of none would make every round a further one, or none of them. */
static void a_design_that_is_none_is_refused(void **state)
{
	static const char *const wrong[] = {
	        "{\"design\": {\"pilot\": 1, \"margin\": 0.03}}",
	        "{\"design\": {\"pilot\": \"5\", \"margin\": 0.03}}",
	        "{\"design\": {\"pilot\": -5, \"margin\": 0.03}}",
	        "{\"design\": {\"pilot\": 5}}",
	        "{\"design\": []}",
	};
	struct samples_source source;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(apply(wrong[i], &source, &e), -EINVAL);
		assert_non_null(strstr(e.text, "somewhere: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_design_is_taken),
	        cmocka_unit_test(a_design_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
