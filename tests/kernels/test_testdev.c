/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernels/testdev.h"
#include "tests/kernels/sysfs.h"

#define BUS "/sys/bus/pci/devices/"

static void put(const char *root, const char *path, const char *text)
{
	assert_int_equal(sysfs_put(root, path, text, strlen(text)), 0);
}

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

/* As recorded in a q35 guest of QEMU 7.2, without the lines of the BARs that are not there. */
static void put_q35(const char *root)
{
	put(root, BUS "0000:00:00.0/vendor", "0x8086\n");
	put(root, BUS "0000:00:00.0/device", "0x29c0\n");
	put(root, BUS "0000:00:02.0/vendor", "0x1af4\n");
	put(root, BUS "0000:00:02.0/device", "0x1003\n");
	put(root, BUS "0000:00:1f.3/vendor", "0x8086\n");
	put(root, BUS "0000:00:1f.3/device", "0x2930\n");
}

static void put_testdev(const char *root, const char *resource)
{
	put(root, BUS "0000:00:05.0/vendor", "0x1b36\n");
	put(root, BUS "0000:00:05.0/device", "0x0005\n");
	put(root, BUS "0000:00:05.0/resource", resource);
}

static void finds_the_device(void **state)
{
	struct testdev dev;
	struct err e = {""};

	put_q35(*state);
	put_testdev(*state, "0x00000000febd5000 0x00000000febd5fff 0x0000000000040200\n"
	                    "0x000000000000c000 0x000000000000c0ff 0x0000000000040101\n"
	                    "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	if (testdev_find(*state, &dev, &e))
		fail_msg("%s", e.text);
	assert_non_null(strstr(dev.path, "/0000:00:05.0"));
	assert_int_equal(dev.memory, 0xfebd5000);
	assert_int_equal(dev.memory_size, 4096);
	assert_int_equal(dev.port, 0xc000);
	assert_int_equal(dev.ports, 256);
}

static void says_what_to_add(void **state)
{
	struct testdev dev;
	struct err e = {""};

	put_q35(*state);
	/* Red Hat's vendor id alone is not it, nor is device 5 of another vendor. */
	put(*state, BUS "0000:00:06.0/vendor", "0x1b36\n");
	put(*state, BUS "0000:00:06.0/device", "0x000d\n");
	put(*state, BUS "0000:00:07.0/vendor", "0x1af4\n");
	put(*state, BUS "0000:00:07.0/device", "0x0005\n");
	put(*state, BUS "0000:00:08.0/vendor", "\n");
	assert_int_equal(testdev_find(*state, &dev, &e), -ENOTSUP);
	assert_string_equal(e.text, "no pci-testdev (1b36:0005) among 6 PCI devices: start QEMU "
	                            "with -device pci-testdev");
}

static void no_pci_is_no_crash(void **state)
{
	struct testdev dev;
	struct err e = {""};

	assert_int_equal(testdev_find(*state, &dev, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "no PCI bus here"));
}

static void broken_bars_are_refused(void **state)
{
	static const char *const resources[] = {
	        "",
	        "0x00000000febd5000 0x00000000febd5fff 0x0000000000040200\n",
	        "0x00000000febd5000\n0x000000000000c000 0x000000000000c0ff 0x40101\n",
	        /* BAR 1 was left unassigned */
	        "0xfebd5000 0xfebd5fff 0x40200\n0x0 0x0 0x0\n",
	        /* both are memory */
	        "0xfebd5000 0xfebd5fff 0x40200\n0xc000 0xc0ff 0x40200\n",
	        /* ports beyond 64 K */
	        "0xfebd5000 0xfebd5fff 0x40200\n0xfff00 0xfffff 0x40101\n",
	        "nonsense\nnonsense\n",
	};
	struct testdev dev;
	struct err e = {""};

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		put_testdev(*state, resources[i]);
		assert_int_equal(testdev_find(*state, &dev, &e), -EPROTO);
	}
}

/* QEMU's device, as far as this file goes. */
struct fake {
	bool silent; /* nobody answers: all ones */
	bool portio;
	int test;
	uint32_t count;
};

static uint8_t fake_read(void *context, unsigned offset)
{
	static const char *const names[] = {"no-eventfd", "wildcard-eventfd"};
	const struct fake *f = context;
	uint8_t header[64] = {(uint8_t)f->test, 1};
	uint32_t target = (f->portio ? 131U : 2048U) + (uint32_t)f->test;
	size_t end;

	if (f->silent)
		return 0xff;
	memcpy(header + 4, &target, sizeof(target));
	header[8] = f->test ? 0xce : 0xfa;
	memcpy(header + 12, &f->count, sizeof(f->count));
	end = 16 + (size_t)sprintf((char *)header + 16, "%s-%s", f->portio ? "portio" : "mmio",
	                           names[f->test]);
	return offset < end ? header[offset] : 0;
}

static void fake_write(void *context, unsigned offset, uint8_t value)
{
	struct fake *f = context;

	if (offset == TESTDEV_TEST) {
		f->test = value;
		f->count = 0;
	} else if (offset == (f->portio ? 131U : 2048U) && value == 0xfa) {
		f->count++;
	}
}

static void starts_a_test(void **unused)
{
	struct fake f = {.count = 7};
	const struct testdev_access access = {fake_read, fake_write, &f};
	struct testdev_target target;
	struct err e = {""};

	(void)unused;
	assert_int_equal(testdev_start(&access, "mmio", TESTDEV_NO_EVENTFD, &target, &e), 0);
	assert_int_equal(target.offset, 2048);
	assert_int_equal(target.value, 0xfa);
	assert_int_equal(testdev_count(&access), 0);
	for (int i = 0; i < 1000; i++)
		access.write(&f, target.offset, target.value);
	assert_int_equal(testdev_count(&access), 1000);
	assert_int_equal(testdev_start(&access, "mmio", TESTDEV_EVENTFD, &target, &e), 0);
	assert_int_equal(target.offset, 2049);
	assert_int_equal(target.value, 0xce);
	f.portio = true;
	assert_int_equal(testdev_start(&access, "portio", TESTDEV_NO_EVENTFD, &target, &e), 0);
	assert_int_equal(target.offset, 131);
}

static void another_device_is_found_out(void **unused)
{
	struct fake f = {.portio = true};
	const struct testdev_access access = {fake_read, fake_write, &f};
	struct testdev_target target;
	struct err e = {""};

	(void)unused;
	assert_int_equal(testdev_start(&access, "mmio", TESTDEV_NO_EVENTFD, &target, &e), -EIO);
	assert_string_equal(e.text,
	                    "the pci-testdev calls its test \"portio-no-eventfd\" instead of "
	                    "\"mmio-no-eventfd\"");
	f.silent = true;
	assert_int_equal(testdev_start(&access, "mmio", TESTDEV_NO_EVENTFD, &target, &e), -EIO);
	assert_non_null(strstr(e.text, "\"????"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(finds_the_device, root_open, root_close),
	        cmocka_unit_test_setup_teardown(says_what_to_add, root_open, root_close),
	        cmocka_unit_test_setup_teardown(no_pci_is_no_crash, root_open, root_close),
	        cmocka_unit_test_setup_teardown(broken_bars_are_refused, root_open, root_close),
	        cmocka_unit_test(starts_a_test),
	        cmocka_unit_test(another_device_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
