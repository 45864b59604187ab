/* SPDX-License-Identifier: MIT */
/* What a launch's report says of how its guest differs from the plain one. */
#include "vmrun/launch/report.h"

#include "tests/cmocka.h"

/* Of a guest with the accelerator and the emulation of plan->argv. */
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
	                                .accel = plan->argv.accel,
	                                .emulated = plan->argv.emulated,
	                                .plugin = plan->argv.plugin,
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
	struct plan plan = {.argv.accel = ACCEL_KVM};
	json_t *d = differences(&plan, "  sev-guest\n", PLATFORM_NOSEV);

	(void)state;
	assert_int_equal(json_array_size(json_object_get(d, "settings")), 0);
	assert_true(json_integer_value(json_object_get(d, "same")) > 30);
	json_decref(d);
}

static void test_encrypted(void **state)
{
	static const enum platform platforms[] = {PLATFORM_SEV, PLATFORM_SEV_ES, PLATFORM_SNP};
	struct plan plan = {.argv.accel = ACCEL_KVM};

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

/* Emulated SEV is a plugin, which the plain guest has not; all else is one. */
static void test_emulated(void **state)
{
	static const enum platform platforms[] = {PLATFORM_SEV, PLATFORM_SEV_ES, PLATFORM_SNP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct plan plan = {
		        .argv = {.accel = ACCEL_TCG, .emulated = true, .plugin = "/lib/sevemu.so"}};
		json_t *d = differences(&plan, "", platforms[i]);
		const json_t *plugin = setting(d, "-plugin");

		assert_int_equal(json_array_size(json_object_get(d, "settings")), 1);
		assert_int_equal(json_integer_value(json_object_get(d, "unexplained")), 0);
		assert_true(json_is_null(json_object_get(plugin, "nosev")));
		assert_non_null(
		        strstr(json_string_value(json_object_get(plugin, "here")), "mode=s"));
		json_decref(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plain),
	        cmocka_unit_test(test_encrypted),
	        cmocka_unit_test(test_emulated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
