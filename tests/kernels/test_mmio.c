/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The state is the kernel's own: the tests put plain memory where the device would be. */
#include "kernels/mmio.c"
#include "tests/kernels/disassembly.h"
#include "tests/skip.h"

static int probe_on(enum platform platform, struct err *e)
{
	const struct cell cell = {
	        .kernel = &kernel_mmio, .variant = &kernel_mmio.variants[0], .threads = 1};
	const struct setup setup = {.cell = &cell, .platform = platform};

	return kernel_mmio.probe(&setup, e);
}

static void natively_there_is_no_exit(void **unused)
{
	struct err e = {""};

	(void)unused;
	assert_int_equal(probe_on(PLATFORM_NATIVE, &e), -ENOTSUP);
	assert_string_equal(e.text,
	                    "no hypervisor emulates a device natively: there is no exit to time");
}

static void a_missing_device_is_a_reason(void **unused)
{
	struct testdev dev;
	struct err e = {""};

	(void)unused;
	if (!testdev_find("", &dev, &e))
		skip_because("this machine has a pci-testdev");
	assert_int_equal(probe_on(PLATFORM_NOSEV, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "-device pci-testdev"));
}

static void the_refusal_names_its_cause(void **unused)
{
	struct setup setup = {.platform = PLATFORM_SEV_ES};
	struct err e = {""};

	(void)unused;
	assert_int_equal(refused(&setup, SIGBUS, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "#VC"));
	assert_non_null(strstr(e.text, "6.1.60"));
	setup.platform = PLATFORM_NOSEV;
	assert_int_equal(refused(&setup, SIGBUS, &e), -ENOTSUP);
	assert_null(strstr(e.text, "#VC"));
	assert_int_equal(refused(&setup, -EAGAIN, &e), -EAGAIN);
}

/* A header without the name, which only starting a test needs. */
static struct mmio_state over_memory(uint8_t *memory, enum mmio_access access)
{
	struct mmio_state s = {.access = access, .bar = memory, .expect = 0xfa};

	memory[TESTDEV_DATA] = 0xfa;
	s.target = memory + (access == MMIO_READ ? (unsigned)TESTDEV_DATA : 2048U);
	return s;
}

static void a_wrong_read_is_found(void **unused)
{
	uint8_t memory[4096] = {0};
	struct mmio_state s = over_memory(memory, MMIO_READ);
	struct err e = {""};

	(void)unused;
	assert_int_equal(kernel_mmio.verify(&s, &e), -EIO); /* nothing was read yet */
	kernel_mmio.run(&s, 0, 10);
	assert_int_equal(kernel_mmio.verify(&s, &e), 0);
	memory[TESTDEV_DATA] = 0xff;
	kernel_mmio.run(&s, 0, 10);
	assert_int_equal(kernel_mmio.verify(&s, &e), -EIO);
	assert_string_equal(e.text, "pci-testdev gave 0xff instead of 0xfa");
}

static void a_lost_write_is_found(void **unused)
{
	uint8_t memory[4096] = {0};
	struct mmio_state s = over_memory(memory, MMIO_WRITE);
	struct err e = {""};

	(void)unused;
	kernel_mmio.run(&s, 0, 10);
	assert_int_equal(memory[2048], 0xfa);
	assert_int_equal(kernel_mmio.verify(&s, &e), -EIO);
	assert_string_equal(e.text, "QEMU counted 0 writes to pci-testdev instead of 10");
	memory[TESTDEV_COUNT] = 10;
	assert_int_equal(kernel_mmio.verify(&s, &e), 0);
	/* A write to the ioeventfd that QEMU's device counted did not end where it should. */
	s.access = MMIO_EVENTFD;
	assert_int_equal(kernel_mmio.verify(&s, &e), -EIO);
}

static void each_loop_has_one_access(void **unused)
{
	(void)unused;
	if (disassembly_count("mmio_run", "") < 0)
		skip_because(
		        "the compiled loop cannot be read: no objdump, or sanitizers inside it");
	/* One byte read and one byte written, each in its own loop. */
	assert_int_equal(disassembly_count("mmio_run", "^mov +\\(%r..\\),%al"), 1);
	assert_int_equal(disassembly_count("mmio_run", "^mov +%al,\\(%r..\\)"), 1);
	assert_int_equal(disassembly_count("mmio_run", "^call"), 0);
	assert_int_equal(disassembly_count("mmio_baseline", "^mov +\\(%r..\\),%al"), 0);
	assert_int_equal(disassembly_count("mmio_baseline", "^(mov +%al,|call)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(natively_there_is_no_exit),
	        cmocka_unit_test(a_missing_device_is_a_reason),
	        cmocka_unit_test(the_refusal_names_its_cause),
	        cmocka_unit_test(a_wrong_read_is_found),
	        cmocka_unit_test(a_lost_write_is_found),
	        cmocka_unit_test(each_loop_has_one_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
