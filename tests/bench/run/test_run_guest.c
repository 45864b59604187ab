/* SPDX-License-Identifier: MIT */
#include "bench/run/run_guest.h"

#include "tests/cmocka.h"

/* A proof that failed ends the guest before job 0: that is no fault of its description. */
static void a_guest_that_ended_is_not_blamed_for_its_description(void **state)
{
	(void)state;
	assert_null(run_guest_fault(VM_JOB_NEVER_RAN, false));
	assert_null(run_guest_fault(VM_JOB_CUT, false));
	assert_null(run_guest_fault(VM_JOB_EXITED, true));
	assert_string_equal(run_guest_fault(VM_JOB_EXITED, false),
	                    "the guest could not describe its environment");
	assert_non_null(run_guest_fault(VM_JOB_TIMED_OUT, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_guest_that_ended_is_not_blamed_for_its_description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
