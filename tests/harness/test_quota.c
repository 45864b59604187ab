/* SPDX-License-Identifier: MIT */
/* In the form of Linux 6.12 with systemd (version 2), and of a container (version 1); made up. */
#include "harness/quota.h"

#include <math.h>

#include "tests/cmocka.h"
#include "tests/tree.h"

static char root[] = "/tmp/test_quota-XXXXXX";

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_quota-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(root);
}

static void set(const char *path, const char *text)
{
	assert_int_equal(tree_set(root, path, text), 0);
}

static void expect(double cpus, double period, double stopped, uint64_t stops)
{
	struct quota q;

	quota_read(root, &q);
	assert_true(isinf(cpus) ? isinf(q.cpus) : fabs(q.cpus - cpus) < 1e-9);
	assert_true(fabs(q.period_ms - period) < 1e-9);
	assert_true(fabs(q.stopped_s - stopped) < 1e-9);
	assert_int_equal(q.stops, stops);
}

static void test_no_group_is_no_quota(void **state)
{
	(void)state;
	expect((double)INFINITY, 0, 0, 0);
	set("proc/self/cgroup", "0::/\n");
	expect((double)INFINITY, 0, 0, 0);
}

/* The least of the group and its ancestors counts, and what all of them have stopped. */
static void test_version_2(void **state)
{
	(void)state;
	set("proc/self/cgroup", "0::/system.slice/run.service\n");
	set("sys/fs/cgroup/system.slice/run.service/cpu.max", "max 100000\n");
	set("sys/fs/cgroup/system.slice/run.service/cpu.stat",
	    "usage_usec 4321\nuser_usec 4000\nsystem_usec 321\nnr_periods 0\nnr_throttled 0\n"
	    "throttled_usec 0\nnr_bursts 0\nburst_usec 0\n");
	expect((double)INFINITY, 0, 0, 0);
	set("sys/fs/cgroup/system.slice/cpu.max", "150000 50000\n");
	set("sys/fs/cgroup/system.slice/cpu.stat",
	    "usage_usec 9321\nnr_periods 40\nnr_throttled 7\nthrottled_usec 250000\n");
	expect(3, 50, 0.25, 7);
	set("sys/fs/cgroup/system.slice/run.service/cpu.max", "50000 100000\n");
	set("sys/fs/cgroup/system.slice/run.service/cpu.stat",
	    "nr_periods 9\nnr_throttled 2\nthrottled_usec 500000\n");
	expect(0.5, 100, 0.75, 9);
}

static void test_version_1(void **state)
{
	(void)state;
	set("proc/self/cgroup",
	    "5:cpuset:/\n4:cpu,cpuacct:/docker/1\n3:cpuacct:/elsewhere\n0::/\n");
	set("sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "-1\n");
	set("sys/fs/cgroup/cpu/docker/1/cpu.cfs_period_us", "100000\n");
	expect((double)INFINITY, 0, 0, 0);
	set("sys/fs/cgroup/cpu/docker/1/cpu.cfs_quota_us", "25000\n");
	set("sys/fs/cgroup/cpu/docker/1/cpu.stat",
	    "nr_periods 90\nnr_throttled 11\nthrottled_time 1500000000\n");
	expect(0.25, 100, 1.5, 11);
}

static void test_nonsense(void **state)
{
	(void)state;
	set("proc/self/cgroup", "0::/a\n\n:\n7\n");
	set("sys/fs/cgroup/a/cpu.max", "50000 0\n");
	set("sys/fs/cgroup/a/cpu.stat", "nr_throttled many\n");
	expect((double)INFINITY, 0, 0, 0);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {t(test_no_group_is_no_quota), t(test_version_2),
	                                   t(test_version_1), t(test_nonsense)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
