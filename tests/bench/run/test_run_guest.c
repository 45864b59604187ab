/* SPDX-License-Identifier: MIT */
#include "bench/run/run_guest.h"

#include "tests/cmocka.h"

static json_t *describe(const char *text, enum vm_job_end how, struct err *fault)
{
	return run_guest_environment(text, strlen(text), how, fault);
}

/* A proof that failed ends the guest before job 0: that is no fault of its description. */
static void a_guest_that_ended_is_not_blamed_for_its_description(void **state)
{
	struct err fault;
	json_t *json;

	(void)state;
	assert_null(describe("", VM_JOB_NEVER_RAN, &fault));
	assert_string_equal(fault.text, "");
	assert_null(describe("{\"cpu\": ", VM_JOB_CUT, &fault));
	assert_string_equal(fault.text, "");
	json = describe("{\"cpu\": {\"vendor\": null}}", VM_JOB_EXITED, &fault);
	assert_non_null(json);
	assert_string_equal(fault.text, "");
	json_decref(json);
	assert_null(describe("what a fine day", VM_JOB_EXITED, &fault));
	assert_string_equal(fault.text, "the guest could not describe its environment");
	assert_null(describe("", VM_JOB_TIMED_OUT, &fault));
	assert_true(*fault.text);
}

/* Each would make the manifest that it went into unreadable, or say what nothing measured. */
static void a_description_holds_what_a_description_may(void **state)
{
	static const char begin[] = "{\"cpu\": {\"flags\": ";
	static const size_t depth = 2046, used = sizeof(begin) - 1;
	static const char *const bad[] = {
	        "[]",
	        "{\"launches\": []}",
	        "{\"cpu\": {\"model\": \"8\"}}",
	        "{\"cpu\": {\"model\": 1, \"model\": 2}}",
	        "{\"clock\": {\"tsc_hz\": -1}}",
	        "{\"memory\": {\"total_bytes\": 9223372036854775807}}",
	        "{\"unknown\": {\"a\": {}}}",
	};
	char deep[8192];
	struct err fault;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_null(describe(bad[i], VM_JOB_EXITED, &fault));
		assert_true(*fault.text);
	}
	memcpy(deep, begin, sizeof(begin));
	memset(deep + used, '[', depth);
	memset(deep + used + depth, ']', depth);
	strcpy(deep + used + 2 * depth, "}}");
	assert_null(describe(deep, VM_JOB_EXITED, &fault));
	assert_says(fault, "cpu: flags: a text is expected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_guest_that_ended_is_not_blamed_for_its_description),
	        cmocka_unit_test(a_description_holds_what_a_description_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
