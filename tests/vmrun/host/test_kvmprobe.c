/* SPDX-License-Identifier: MIT */
#include "vmrun/host/kvmprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/cmocka.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void test_missing_device(void **state)
{
	struct kvmprobe probe;
	struct err e;

	(void)state;
	assert_int_equal(kvmprobe_run("/dev/no-such-kvm", &probe, &e), -ENOTSUP);
	assert_false(probe.works);
	assert_non_null(strstr(e.text, "/dev/no-such-kvm cannot be opened: No such file"));
	assert_non_null(strstr(e.text, "BIOS"));
	assert_string_equal(e.text, probe.reason);
}

static void test_device_that_is_no_kvm(void **state)
{
	struct kvmprobe probe;
	struct err e;

	(void)state;
	assert_int_equal(kvmprobe_run("/dev/null", &probe, &e), -ENOTSUP);
	assert_string_equal(e.text, "/dev/null is not KVM with API version 12");
}

/* Whatever this machine's KVM is: the verdict fits the figure, comes in time, and leaves no child.
 */
static void test_verdict_of_this_machine(void **state)
{
	struct kvmprobe probe;
	struct err e;
	double start = now();
	int rc = kvmprobe_run("/dev/kvm", &probe, &e);

	(void)state;
	assert_true(now() - start < KVMPROBE_SECONDS + KVMPROBE_CREATE_SECONDS + 2);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	assert_true(probe.reason[0] != '\0');
	if (rc == 0) {
		assert_true(probe.works);
		assert_true(probe.speed >= KVMPROBE_MIN_SPEED);
		return;
	}
	assert_int_equal(rc, -ENOTSUP);
	assert_false(probe.works);
	assert_string_equal(e.text, probe.reason);
	if (access("/dev/kvm", R_OK | W_OK) != 0) {
		assert_non_null(strstr(e.text, "cannot be opened"));
		return;
	}
	assert_true(probe.speed < KVMPROBE_MIN_SPEED);
	print_message("# this machine: %s\n", probe.reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_missing_device),
	        cmocka_unit_test(test_device_that_is_no_kvm),
	        cmocka_unit_test(test_verdict_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
