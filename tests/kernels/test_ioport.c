/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests look into it. */
#include "kernels/ioport.c"
#include "tests/kernels/disassembly.h"
#include "tests/kernels/sysfs.h"
#include "tests/skip.h"

#define FACP "/sys/firmware/acpi/tables/FACP"

static int root_open(void **state)
{
	static char root[64];

	*state = root;
	return sysfs_open(root);
}

static int root_close(void **state)
{
	sysfs_close(*state);
	return 0;
}

static void put_u32(uint8_t *p, uint32_t value)
{
	memcpy(p, &value, sizeof(value));
}

/* The fields that count, as QEMU 7.2 gives them for q35 (revision 3, 244 bytes). */
static void q35_fadt(uint8_t table[244])
{
	memset(table, 0, 244);
	put_u32(table, 0x50434146); /* "FACP" */
	put_u32(table + FADT_LENGTH, 244);
	put_u32(table + FADT_PM_TMR_BLK, 0x608);
	table[FADT_PM_TMR_LEN] = 4;
	put_u32(table + FADT_FLAGS, 0x84a5);
	table[FADT_X_PM_TMR_BLK] = SPACE_IO;
	put_u32(table + FADT_X_PM_TMR_BLK + 4, 0x608);
}

static int pm_timer(const char *root, const uint8_t *table, size_t length, uint16_t *port)
{
	struct err e = {""};
	int rc;

	assert_int_equal(sysfs_put(root, FACP, table, length), 0);
	rc = ioport_pm_timer(root, port, &e);
	assert_int_equal(rc != 0, e.text[0] != '\0');
	return rc;
}

static void finds_the_timer(void **state)
{
	uint8_t table[244];
	uint16_t port = 0;

	q35_fadt(table);
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), 0);
	assert_int_equal(port, 0x608);
	/* Only the extended address is given. */
	put_u32(table + FADT_PM_TMR_BLK, 0);
	put_u32(table + FADT_X_PM_TMR_BLK + 4, 0xb008);
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), 0);
	assert_int_equal(port, 0xb008);
}

static void no_timer_is_a_reason(void **state)
{
	uint8_t table[244];
	uint16_t port;
	struct err e = {""};

	assert_int_equal(ioport_pm_timer(*state, &port, &e), -ENOTSUP);
	q35_fadt(table);
	put_u32(table + FADT_FLAGS, FADT_HW_REDUCED);
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -ENOTSUP);
	q35_fadt(table);
	put_u32(table + FADT_PM_TMR_BLK, 0);
	table[FADT_X_PM_TMR_BLK] = 0; /* in memory space */
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -ENOTSUP);
	q35_fadt(table);
	put_u32(table + FADT_PM_TMR_BLK, 0x10000);
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -ENOTSUP);
	q35_fadt(table);
	table[FADT_PM_TMR_LEN] = 0;
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -ENOTSUP);
}

static void garbage_is_no_fadt(void **state)
{
	uint8_t table[244];
	uint16_t port;

	q35_fadt(table);
	assert_int_equal(pm_timer(*state, table, 0, &port), -EPROTO);
	assert_int_equal(pm_timer(*state, table, 115, &port), -EPROTO);
	put_u32(table + FADT_LENGTH, 40);
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -EPROTO);
	q35_fadt(table);
	put_u32(table, 0x43495041); /* "APIC" */
	assert_int_equal(pm_timer(*state, table, sizeof(table), &port), -EPROTO);
}

/* No port is touched natively, whoever asks: it is somebody's chipset. */
static void natively_no_port_is_touched(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < kernel_ioport.variant_count; i++) {
		const struct cell cell = {.kernel = &kernel_ioport,
		                          .variant = &kernel_ioport.variants[i],
		                          .threads = 1};
		const struct setup setup = {.cell = &cell, .platform = PLATFORM_NATIVE};
		struct err e = {""};
		void *state;

		assert_int_equal(kernel_ioport.probe(&setup, &e), -ENOTSUP);
		assert_non_null(strstr(e.text, "times the chipset"));
		assert_int_equal(kernel_ioport.setup(&setup, &state, &e), -ENOTSUP);
	}
}

static void nothing_done_is_found(void **unused)
{
	struct ioport_state s = {.target = IN_PIC, .port = PIC_MASK};
	struct err e = {""};

	(void)unused;
	kernel_ioport.baseline(&s, 0, 10);
	assert_int_equal(kernel_ioport.verify(&s, &e), -EIO);
	s.iterations = 1;
	assert_int_equal(kernel_ioport.verify(&s, &e), 0);
}

static void each_loop_has_one_access(void **unused)
{
	(void)unused;
	if (disassembly_count("ioport_run", "") < 0)
		skip_because(
		        "the compiled loop cannot be read: no objdump, or sanitizers inside it");
	assert_int_equal(disassembly_count("ioport_run", "^in +\\(%dx\\),%al"), 1);
	assert_int_equal(disassembly_count("ioport_run", "^in +\\(%dx\\),%eax"), 1);
	assert_int_equal(disassembly_count("ioport_run", "^out +%al,\\(%dx\\)"), 1);
	assert_int_equal(disassembly_count("ioport_run", "^call"), 0);
	assert_int_equal(disassembly_count("ioport_baseline", "^(in|out|call) "), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(finds_the_timer, root_open, root_close),
	        cmocka_unit_test_setup_teardown(no_timer_is_a_reason, root_open, root_close),
	        cmocka_unit_test_setup_teardown(garbage_is_no_fadt, root_open, root_close),
	        cmocka_unit_test(natively_no_port_is_touched),
	        cmocka_unit_test(nothing_done_is_found),
	        cmocka_unit_test(each_loop_has_one_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
