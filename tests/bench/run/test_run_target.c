/* SPDX-License-Identifier: MIT */
#include "bench/run/run_target.h"

#include "tests/cmocka.h"

static void test_a_target_is_a_guest_on_host_pages(void **state)
{
	const struct vm_spec vm = {.vcpus = 3, .backing = MEM_2M};
	struct vm_spec spec = run_target_spec(&vm, target_on(PLATFORM_NOSEV, MEM_THP));

	(void)state;
	assert_int_equal(spec.platform, PLATFORM_NOSEV);
	assert_int_equal(spec.backing, MEM_THP);
	assert_int_equal(spec.vcpus, 3);
	spec = run_target_spec(&vm, PLATFORM_SEV); /* those that the command line chose */
	assert_int_equal(spec.platform, PLATFORM_SEV);
	assert_int_equal(spec.backing, MEM_2M);
}

static void test_rows_carry_the_pages_that_linux_maps(void **state)
{
	const struct vm_spec vm = {.backing = MEM_2M};

	(void)state;
	assert_null(run_target_host_pages(&vm, PLATFORM_NATIVE));
	assert_string_equal(run_target_host_pages(&vm, PLATFORM_NOSEV), "2m");
	assert_string_equal(run_target_host_pages(&vm, target_on(PLATFORM_NOSEV, MEM_THP)), "thp");
	assert_string_equal(run_target_host_pages(&vm, PLATFORM_SNP), "4k");
}

/* Only a plain guest that has no encrypted one beside it is free to boot as it likes. */
static void test_the_firmware_is_that_of_encrypted_guests(void **state)
{
	struct run_target targets[TARGET_COUNT] = {[PLATFORM_NOSEV] = {.launch = true}};
	struct vm_spec plain = {0}, matched = {0}, chosen = {.firmware = "OVMF.fd"};

	(void)state;
	run_target_firmware(targets, &plain);
	assert_string_equal(plain.firmware, "default");
	run_target_firmware(targets, &chosen);
	assert_string_equal(chosen.firmware, "OVMF.fd");
	targets[PLATFORM_SEV].launch = true;
	run_target_firmware(targets, &matched);
	assert_null(matched.firmware);
}

static void test_the_manifest_names_what_is_wanted(void **state)
{
	const struct run_target targets[TARGET_COUNT] = {
	        [PLATFORM_NOSEV] = {.wanted = true, .launch = true, .choice = {.accel = ACCEL_TCG}},
	        [PLATFORM_SNP] = {.wanted = true, .reason = "no firmware"}};
	json_t *all = run_target_describe(targets), *snp = json_object_get(all, "snp");

	(void)state;
	assert_int_equal(json_object_size(all), 2);
	assert_true(json_is_true(json_object_get(json_object_get(all, "nosev"), "launched")));
	assert_true(json_is_false(json_object_get(snp, "launched")));
	assert_string_equal(json_string_value(json_object_get(snp, "reason")), "no firmware");
	assert_true(json_is_false(json_object_get(json_object_get(all, "nosev"), "here")));
	json_decref(all);
}

/* A platform that is no guest of ours, for whoever reads its name in the rows. */
static void test_this_machine_is_described(void **state)
{
	const struct run_target targets[TARGET_COUNT] = {
	        [PLATFORM_SNP] = {.wanted = true,
	                          .launch = true,
	                          .here = true,
	                          .choice = {.accel = ACCEL_KVM, .why = "SEV_STATUS says so"}}};
	json_t *all = run_target_describe(targets), *snp = json_object_get(all, "snp");

	(void)state;
	assert_int_equal(json_object_size(all), 1);
	assert_true(json_is_true(json_object_get(snp, "here")));
	assert_string_equal(json_string_value(json_object_get(snp, "accel")), "kvm");
	assert_string_equal(json_string_value(json_object_get(snp, "why")), "SEV_STATUS says so");
	json_decref(all);
}

/* One line for all of them, where there is a way, and none for what nobody wants. */
static void test_a_hint_for_what_cannot_be_launched(void **state)
{
	struct run_target targets[TARGET_COUNT] = {
	        [PLATFORM_NOSEV] = {.wanted = true, .launch = true},
	        [PLATFORM_SEV] = {.wanted = true},
	        [PLATFORM_SNP] = {.choice = {.hint = "emulate it"}}};

	(void)state;
	assert_string_equal(run_target_hint(targets), "");
	targets[PLATFORM_SNP].wanted = true;
	assert_string_equal(run_target_hint(targets), "emulate it");
	targets[PLATFORM_SNP].launch = true;
	assert_string_equal(run_target_hint(targets), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_target_is_a_guest_on_host_pages),
	        cmocka_unit_test(test_rows_carry_the_pages_that_linux_maps),
	        cmocka_unit_test(test_the_firmware_is_that_of_encrypted_guests),
	        cmocka_unit_test(test_a_hint_for_what_cannot_be_launched),
	        cmocka_unit_test(test_the_manifest_names_what_is_wanted),
	        cmocka_unit_test(test_this_machine_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
