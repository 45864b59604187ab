/* SPDX-License-Identifier: MIT */
/* Where SEV is emulated by itself, where it is only hinted at, and what a trace asks of it. */
#include "vmrun/launch/plan_emulate.h"

#include <errno.h>

#include "tests/vmrun/launch/planned.h"

static struct vm_spec encrypted(void)
{
	struct vm_spec spec = plain();

	spec.platform = PLATFORM_SNP;
	return spec;
}

static void without_kvm_it_is_on_by_itself(void **state)
{
	struct vm_spec spec = encrypted();
	static struct plan plan;
	struct err e;

	(void)state;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	assert_true(plan.emulated);
	assert_string_equal(plan.accel_why, "it only emulates");
}

/* A plain guest beside emulated ones is emulated for their reason, and nobody asked for that. */
static void a_plain_guest_matches_emulated_ones(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	plan.emulated = false;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	assert_false(plan.emulated);
	spec.emulate = VM_EMULATE_MATCH;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	assert_true(plan.emulated);
	assert_null(strstr(plan.accel_why, "as asked for"));
	assert_non_null(strstr(plan.accel_why, "emulates"));
}

static void with_kvm_it_is_asked_for(void **state)
{
	struct vm_spec spec = encrypted();
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	assert_false(plan.emulated);
	spec.emulate = VM_EMULATE_ALWAYS;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	assert_true(plan.emulated);
	spec.accel = ACCEL_KVM;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), -EINVAL);
	assert_says(e, "exclude one another");
}

static const char *hint_for(const struct vm_spec *spec)
{
	static char hint[160];

	plan_emulate_hint(spec, &host, hint, sizeof(hint));
	return hint;
}

static void with_kvm_it_is_hinted_at(void **state)
{
	struct vm_spec spec = encrypted();

	(void)state;
	assert_string_equal(hint_for(&spec),
	                    "--emulate-sev would show that sev, sev-es and snp work, on this "
	                    "machine too, though not what they cost");
	spec.accel = ACCEL_KVM;
	assert_string_not_equal(hint_for(&spec), "");
}

static void where_it_is_known_or_no_help_nothing_is_said(void **state)
{
	struct vm_spec spec = encrypted(), nosev = plain();

	(void)state;
	assert_string_equal(hint_for(&nosev), "");
	spec.emulate = VM_EMULATE_ALWAYS;
	assert_string_equal(hint_for(&spec), "");
	spec.emulate = VM_EMULATE_NEVER;
	assert_string_equal(hint_for(&spec), "");
	spec.emulate = VM_EMULATE_AUTO;
	spec.accel = ACCEL_TCG;
	assert_string_equal(hint_for(&spec), "");
	spec.accel = ACCEL_NONE;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	assert_string_equal(hint_for(&spec), "");
}

static void a_trace_is_of_one_emulated_guest(void **state)
{
	struct vm_spec spec = encrypted();
	static struct plan plan;
	struct err e;

	(void)state;
	spec.trace = "t";
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), -EINVAL);
	assert_says(e, "this guest's would be one of hardware");
	spec.emulate = VM_EMULATE_ALWAYS;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), 0);
	spec.guests = 2;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), -EINVAL);
	assert_says(e, "leave out --guests");
	spec.guests = 1;
	spec.platform = PLATFORM_NOSEV;
	assert_int_equal(plan_emulate_decide(&spec, &host, &plan, &e), -EINVAL);
	assert_says(e, "a plain guest has none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(without_kvm_it_is_on_by_itself),
	        t(a_plain_guest_matches_emulated_ones),
	        t(with_kvm_it_is_asked_for),
	        t(with_kvm_it_is_hinted_at),
	        t(where_it_is_known_or_no_help_nothing_is_said),
	        t(a_trace_is_of_one_emulated_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
