/* SPDX-License-Identifier: MIT */
#include "harness/threats.h"

#include "tests/cmocka.h"
#include "tests/tree.h"

static char root[] = "/tmp/test_threats-XXXXXX";
static const struct place place = {.count = 2, .cpu = {2, 3}};

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_threats-XXXXXX");
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

/* How many threats there are; the first that has `part` must exist unless it is NULL. */
static size_t threats(const char *part)
{
	json_t *found = threats_find(root, &place);
	size_t count = json_array_size(found), i;
	const json_t *one;
	bool said = !part;

	assert_non_null(found);
	json_array_foreach (found, i, one)
		said |= part && strstr(json_string_value(one), part);
	if (!said)
		fail_msg("nothing of %zu says \"%s\"", count, part);
	json_decref(found);
	return count;
}

/* A machine made ready, and one of which nothing can be read. */
static void test_quiet(void **state)
{
	(void)state;
	assert_int_equal(threats(NULL), 0);
	set("sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "performance\n");
	set("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
	set("sys/devices/system/cpu/cpufreq/boost", "0\n");
	set("sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "2-3\n");
	set("sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "2-3\n");
	set("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	set("sys/kernel/mm/ksm/run", "0\n");
	set("proc/sys/kernel/numa_balancing", "0\n");
	set("proc/stat", "cpu  9 9 9 9 9 9 9 900 0 0\ncpu0 0 0 0 99 0 0 0 900 0 0\n"
	                 "cpu2 100 0 0 9000 0 0 0 1 0 0\n");
	set("proc/self/cgroup", "0::/run\n");
	set("sys/fs/cgroup/run/cpu.max", "200000 100000\n");
	set("sys/fs/cgroup/run/cpu.stat", "nr_throttled 0\nthrottled_usec 0\n");
	set("proc/irq/9/effective_affinity_list", "0-1\n");
	assert_int_equal(threats(NULL), 0);
}

static void test_each(void **state)
{
	static const struct {
		const char *path, *text, *says;
	} rows[] = {
	        {"sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "schedutil\n",
	         "the governor of CPU 3 is schedutil"},
	        {"sys/devices/system/cpu/cpufreq/boost", "1\n", "boost is on"},
	        {"sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "turbo is on"},
	        {"sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "2,66\n",
	         "CPU 66 shares a core"},
	        {"proc/stat", "cpu2 50 0 0 49 0 0 0 1 0 0\n", "taken 1.0% of the time"},
	        {"sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n",
	         "khugepaged"},
	        {"sys/kernel/mm/ksm/run", "1\n", "KSM merges"},
	        {"proc/sys/kernel/numa_balancing", "1\n", "NUMA balancing"},
	        {"proc/irq/44/effective_affinity_list", "3\n", "1 interrupts of devices"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		teardown(state);
		setup(state);
		set(rows[i].path, rows[i].text);
		assert_int_equal(threats(rows[i].says), 1);
	}
}

/* Enough for the CPUs that measure is no threat, until it has stopped something all the same. */
static void test_quota(void **state)
{
	(void)state;
	set("proc/self/cgroup", "0::/run\n");
	set("sys/fs/cgroup/run/cpu.max", "150000 100000\n");
	assert_int_equal(threats("1.50 CPUs' worth of time in each 100 ms"), 1);
	set("sys/fs/cgroup/run/cpu.max", "200000 100000\n");
	assert_int_equal(threats(NULL), 0);
	set("sys/fs/cgroup/run/cpu.stat", "nr_throttled 4\n");
	assert_int_equal(threats("(4 times so far)"), 1);
}

static void test_nonsense(void **state)
{
	(void)state;
	set("sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "a-b,,-\n");
	set("sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "7-3\n");
	set("proc/stat", "cpu2\n\ncpu3 1 2\nnothing");
	set("proc/irq/5/effective_affinity_list", "\n");
	set("proc/irq/default_smp_affinity", "f\n");
	assert_int_equal(threats(NULL), 0);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {t(test_quiet), t(test_each), t(test_quota),
	                                   t(test_nonsense)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
