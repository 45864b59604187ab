/* SPDX-License-Identifier: MIT */
#include "analysis/decide/guest_status.h"

#include "tests/cmocka.h"

/* What is said of a run with one guest whose SEV_STATUS is that. */
static void expect(const char *status, const char *says)
{
	struct machine machine = {0};
	struct summary summary = {.dear_exits = "before"};

	machine.manifest = json_pack("{s:{s:{s:s, s:n}}, s:[{s:{s:{s:s, s:s}}}]}", "environment",
	                             "sev", "platform", "native", "status", "launches",
	                             "environment", "sev", "platform", "snp", "status", status);
	assert_non_null(machine.manifest);
	guest_status_apply(&summary, &machine, 1);
	if (says && !strstr(summary.dear_exits, says))
		fail_msg("'%s' is not in '%s'", says, summary.dear_exits);
	if (!says)
		assert_string_equal(summary.dear_exits, "");
	machine_free(&machine);
}

static void ibpb_on_entry_is_named(void **state)
{
	(void)state;
	expect("0x800007", "snp had IBPB on entry (SEV_STATUS bit 23)");
}

static void others_are_not(void **state)
{
	(void)state;
	expect("0x7", NULL);
	expect("0x40807", NULL);
	expect("", NULL);
}

/* A virtual machine of somebody's, measured as it is. */
static void so_is_a_machine_that_is_measured_as_it_is(void **state)
{
	struct summary summary = {.host_count = 0};
	struct machine machine = {0};

	(void)state;
	machine.manifest = json_pack("{s:{s:{s:s, s:s}}}", "environment", "sev", "platform", "snp",
	                             "status", "0x800807");
	guest_status_apply(&summary, &machine, 1);
	assert_non_null(strstr(summary.dear_exits, "snp had IBPB on entry"));
	machine_free(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ibpb_on_entry_is_named),
	        cmocka_unit_test(others_are_not),
	        cmocka_unit_test(so_is_a_machine_that_is_measured_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
