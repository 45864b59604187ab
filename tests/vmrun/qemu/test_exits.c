/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/exits.h"

#include "tests/cmocka.h"

/* As QEMU 7.2 answers query-stats for two vCPUs, shortened. */
static void all_vcpus_count(void **state)
{
	json_t *stats = json_pack("[{s:s, s:s, s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:[i]}]},"
	                          " {s:s, s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}]}]",
	                          "provider", "kvm", "qom-path", "/machine/unattached/device[0]",
	                          "stats", "name", "exits", "value", 1220, "name", "io_exits",
	                          "value", 210, "name", "halt_poll_success_hist", "value", 1,
	                          "provider", "kvm", "stats", "name", "exits", "value", 5, "name",
	                          "mmio_exits", "value", 2, "name", "irq_exits", "value", 3);
	struct counts now;

	(void)state;
	exits_read(stats, &now);
	json_decref(stats);
	assert_int_equal(now.by, COUNTS_KVM);
	assert_int_equal(now.of[COUNTS_EXITS], 1225);
	assert_int_equal(now.of[COUNTS_EXITS_IO], 210);
	assert_int_equal(now.of[COUNTS_EXITS_MMIO], 2);
	assert_int_equal(now.of[COUNTS_EXITS_IRQ], 3);
	assert_int_equal(now.of[COUNTS_EXITS_HALT], 0);
	assert_int_equal(now.of[COUNTS_VC], 0);
}

/* QEMU before 7.1, or without KVM: no counter is no zero. */
static void without_counters_nobody_counts(void **state)
{
	json_t *replies[] = {NULL, json_array(), json_pack("{s:s}", "exits", "many"),
	                     json_pack("[{s:[{s:s, s:s}, {s:i}]}]", "stats", "name", "exits",
	                               "value", "many", "value", 4)};
	struct counts now;

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		exits_read(replies[i], &now);
		assert_int_equal(now.by, COUNTS_NOBODY);
		json_decref(replies[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_vcpus_count),
	        cmocka_unit_test(without_counters_nobody_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
