/* SPDX-License-Identifier: MIT */
#include "harness/module.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/cmocka.h"

static void test_a_missing_module_has_a_remedy(void **state)
{
	struct err e = {""};

	(void)state;
	assert_int_equal(module_open("/nonexistent/sevbench", &e), -ENOTSUP);
	assert_says(e, "/nonexistent/sevbench: No such file or directory");
	assert_says(e, "make module");
	assert_says(e, "insmod");
}

static void test_another_device_is_found_out(void **state)
{
	struct err e = {""};

	(void)state;
	assert_int_equal(module_open("/dev/null", &e), -ENOTSUP);
	assert_says(e, "/dev/null is not the guest kernel module's device");
}

static void test_another_version_is_found_out(void **state)
{
	struct sevbench_info info = {.version = SEVBENCH_VERSION, .release = "6.1.0"};
	struct utsname here;
	struct err e = {""};

	(void)state;
	assert_int_equal(uname(&here), 0);
	assert_int_equal(module_check(&info, &e), 0);
	info.version++;
	assert_int_equal(module_check(&info, &e), -ENOTSUP);
	assert_says(e, "speaks version 3, this program 2");
	assert_says(e, "make module KDIR=");
	assert_says(e, here.release); /* the Linux that it must be built for */
}

static void test_who_may_not_open_it_is_told(void **state)
{
	char path[] = "/tmp/sevbench-test-XXXXXX";
	struct err e = {""};
	int fd = mkstemp(path);
	int rc;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(path, 0), 0);
	if (!geteuid())
		assert_int_equal(seteuid(65534), 0);
	rc = module_open(path, &e);
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
	unlink(path);
	assert_int_equal(rc, -ENOTSUP);
	assert_says(e, "only root");
}

/* A request that never reaches the module is an error with a sentence, too. */
static void test_errors_without_a_reason(void **state)
{
	struct sevbench_request r = {.taken = 7};
	struct err e = {""};
	void *base;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(module_probe(fd, SEVBENCH_CPUID, 0, &e), -ENOTTY);
	assert_says(e, "the guest kernel module: ");
	assert_int_equal(module_run(fd, &r, &e), -ENOTTY);
	assert_int_equal(r.taken, 0);
	assert_int_equal(r.version, SEVBENCH_VERSION);
	assert_int_equal(module_map(fd, SEVBENCH_BLOCK, true, &base, &e), -ENODEV);
	assert_says(e, "cannot map 2 MiB");
	close(fd);
}

/* What both sides compile must have one layout, whoever compiles it. */
static void test_the_layout_has_no_holes(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct sevbench_sample), 16);
	assert_int_equal(sizeof(struct sevbench_request), 48 + SEVBENCH_REASON);
	assert_int_equal(offsetof(struct sevbench_request, iterations), 24);
	assert_int_equal(offsetof(struct sevbench_request, reason), 48);
	assert_int_equal(sizeof(struct sevbench_info), 72);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_missing_module_has_a_remedy),
	        cmocka_unit_test(test_another_device_is_found_out),
	        cmocka_unit_test(test_another_version_is_found_out),
	        cmocka_unit_test(test_who_may_not_open_it_is_told),
	        cmocka_unit_test(test_errors_without_a_reason),
	        cmocka_unit_test(test_the_layout_has_no_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
