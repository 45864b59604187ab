/* SPDX-License-Identifier: MIT */
/* What a launch's report says of how its guest differs from the plain one. */
#include "vmrun/launch/report.h"

#include "tests/cmocka.h"

static json_t *differences(struct plan *plan, const char *objects, enum platform platform)
{
	json_t *report = json_object(), *out;
	char **argv;
	struct err e;

	plan->qemu = (struct qemu){.path = "/usr/bin/qemu-system-x86_64",
	                           .major = 10,
	                           .dialect = dialect_choose(objects)};
	plan->argv = (struct argv_plan){.qemu = &plan->qemu,
	                                .platform = platform,
	                                .accel = ACCEL_KVM,
	                                .firmware = "/usr/share/ovmf/OVMF.fd",
	                                .kernel = "/boot/vmlinuz",
	                                .cpu_model = "host",
	                                .memory = 1ULL << 30,
	                                .vcpus = 2,
	                                .node = -1,
	                                .cbit = 51,
	                                .directory = "/tmp/a"};
	assert_int_equal(argv_build(&plan->argv, &argv, &e), 0);
	assert_int_equal(report_differences(report, plan, argv, &e), 0);
	argv_free(argv);
	out = json_incref(json_object_get(report, "differences"));
	json_decref(report);
	assert_non_null(out);
	return out;
}

static const json_t *setting(const json_t *differences, const char *where)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(differences, "settings"), i, one) {
		if (!strcmp(json_string_value(json_object_get(one, "where")), where))
			return one;
	}
	fail_msg("%s is not among the differences", where);
	return NULL;
}

static void test_plain(void **state)
{
	struct plan plan = {0};
	json_t *d = differences(&plan, "  sev-guest\n", PLATFORM_NOSEV);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(d, "settings")), 0);
	assert_true(json_integer_value(json_object_get(d, "same")) > 30);
	json_decref(d);
}

static void test_encrypted(void **state)
{
	static const enum platform platforms[] = {PLATFORM_SEV, PLATFORM_SEV_ES, PLATFORM_SNP};
	struct plan plan = {0};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t *d = differences(&plan, "  sev-guest\n  sev-snp-guest\n", platforms[i]);
		const json_t *policy = setting(d, "-object sev0 policy");

		assert_int_equal(json_integer_value(json_object_get(d, "unexplained")), 0);
		assert_true(json_is_null(json_object_get(policy, "nosev")));
		assert_string_equal(json_string_value(json_object_get(policy, "here")),
		                    i == 0   ? "0x1"
		                    : i == 1 ? "0x5"
		                             : "0x30000");
		assert_non_null(strstr(json_string_value(json_object_get(policy, "why")), "owner"));
		assert_non_null(json_string_value(json_object_get(policy, "source")));
		json_decref(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plain),
	        cmocka_unit_test(test_encrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
