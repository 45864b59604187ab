/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_cpus.h"

#include <errno.h>
#include <sched.h>

#include "tests/vmrun/launch/planned.h"

static void test_cpus_are_split(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	cpu_set_t allowed;
	struct err e;

	(void)state;
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	assert_int_equal(plan.apart, CPU_COUNT(&allowed) > 1);
	assert_int_equal(CPU_ISSET(plan.place.cpu[0], &plan.others), !plan.apart);
	assert_int_equal(CPU_COUNT(&plan.others), CPU_COUNT(&allowed) - plan.apart);
	spec.vcpus = (unsigned)CPU_COUNT(&allowed);
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_false(plan.apart);
	assert_true(CPU_EQUAL(&plan.others, &allowed));
	spec.vcpus = 256;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
}

static void test_cpus_of_several_guests(void **state)
{
	struct vm_spec spec = plain();
	static struct plan one, other;
	cpu_set_t allowed;
	struct err e;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	spec.guests = (unsigned)CPU_COUNT(&allowed) + 1;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	spec.guests = VM_GUESTS_MAX + 1;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	spec.guests = 2;
	spec.memory = 1ULL << 50;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	assert_non_null(strstr(e.text, "2 times guest memory"));
	spec.memory = 128ULL << 20;
	if (CPU_COUNT(&allowed) < 2)
		skip_because("two guests need two CPUs");
	assert_int_equal(resolve(&spec, &one, &e), 0);
	spec.guest = 1;
	assert_int_equal(resolve(&spec, &other, &e), 0);
	assert_int_equal(other.place.count, 1);
	assert_int_not_equal(one.place.cpu[0], other.place.cpu[0]);
	assert_true(CPU_EQUAL(&one.others, &other.others));
	assert_int_equal(one.apart, CPU_COUNT(&allowed) > 2);
	assert_true(!one.apart || !CPU_ISSET(other.place.cpu[0], &one.others));
}

static void test_unlike(void **state)
{
	struct place place = {.count = 3, .core_threads = 0};
	char text[PLAN_UNLIKE];

	(void)state;
	plan_cpus_compare(&place, text);
	assert_non_null(strstr(text, "it sees 3 cores"));
	place.core_threads = 1;
	plan_cpus_compare(&place, text);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_cpus_are_split),
	        t(test_cpus_of_several_guests),
	        t(test_unlike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
