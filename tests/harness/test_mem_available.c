/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/mem.h"
#include "harness/mem_available.h"

#define MIB  (1ULL << 20)
#define NODE "/sys/devices/system/node/node"

static char root[64];

static void put(const char *path, const char *text)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_mem_available.XXXXXX");
	if (!mkdtemp(root))
		return -1;
	put("/proc/meminfo", "MemTotal: 4194304 kB\nMemFree: 1 kB\nMemAvailable: 2097152 kB\n");
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void test_machine(void **state)
{
	(void)state;
	assert_int_equal(mem_available_at(root), 2048 * MIB);
	put("/proc/self/cgroup", "0::/\n");
	assert_int_equal(mem_available_at(root), 2048 * MIB);
	put("/proc/meminfo", "MemTotal: 4194304 kB\n");
	assert_int_equal(mem_available_at(root), 0);
	assert_int_equal(mem_available_at("/nonexistent"), 0);
	assert_true(mem_available() > 0);
}

/* A virtual machine of 4 GiB whose tables give its two nodes less than half of that. */
static void test_nodes(void **state)
{
	struct mem_totals totals;

	(void)state;
	put("/proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n");
	assert_int_equal(mem_available_on_at(root, 1), 0);
	put(NODE "0/meminfo", "Node 0 MemTotal: 2097152 kB\nNode 0 MemFree: 4096 kB\n");
	put(NODE "7/meminfo",
	    "Node 7 MemTotal: 2097152 kB\nNode 7 MemFree: 1048576 kB\nNode 7 FilePages: 2048 kB\n");
	assert_int_equal(mem_available_on_at(root, 0), 4 * MIB);
	assert_int_equal(mem_available_on_at(root, 7), 1025 * MIB);
	assert_int_equal(mem_available_on_at(root, 1), 0);
	totals = mem_totals_at(root);
	assert_int_equal(totals.nodes, 4096 * MIB);
	assert_int_equal(totals.linux_bytes, 4096 * MIB);
	put(NODE "0/meminfo", "Node 0 MemTotal: 1048576 kB\nNode 0 MemFree: 4096 kB\n");
	assert_int_equal(mem_available_on_at(root, 0), 0);
	assert_int_equal(mem_available_on_at(root, 7), 0);
}

static void test_unaccepted(void **state)
{
	(void)state;
	put("/proc/meminfo", "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\n");
	assert_int_equal(mem_unaccepted_at(root), 0);
	put("/proc/meminfo",
	    "MemTotal: 4194304 kB\nMemAvailable: 2097152 kB\nUnaccepted:      1024 kB\n");
	assert_int_equal(mem_unaccepted_at(root), MIB);
	assert_int_equal(mem_unaccepted_at("/nonexistent"), 0);
}

static void test_version_2(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "0::/system.slice/run.service\n");
	put("/sys/fs/cgroup/system.slice/run.service/memory.max", "max\n");
	put("/sys/fs/cgroup/system.slice/run.service/memory.current", "104857600\n");
	assert_int_equal(mem_available_at(root), 2048 * MIB);
	/* The limit of an ancestor counts. */
	put("/sys/fs/cgroup/system.slice/memory.max", "536870912\n");
	put("/sys/fs/cgroup/system.slice/memory.current", "209715200\n");
	assert_int_equal(mem_available_at(root), (512 - 200) * MIB);
	/* File pages can be dropped. */
	put("/sys/fs/cgroup/system.slice/memory.stat",
	    "anon 1\ninactive_file 52428800\nactive_file 52428800\n");
	assert_int_equal(mem_available_at(root), (512 - 100) * MIB);
	put("/sys/fs/cgroup/system.slice/memory.max", "104857600\n");
	put("/sys/fs/cgroup/system.slice/memory.stat", "anon 1\n");
	assert_int_equal(mem_available_at(root), 0);
}

static void test_version_1(void **state)
{
	(void)state;
	put("/proc/self/cgroup", "5:devices:/\n4:memory:/docker/abc\n0::/\n");
	put("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "1073741824\n");
	put("/sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "268435456\n");
	put("/sys/fs/cgroup/memory/docker/abc/memory.stat",
	    "inactive_file 7\ntotal_inactive_file 67108864\ntotal_active_file 0\n");
	assert_int_equal(mem_available_at(root), (1024 - 192) * MIB);
	put("/proc/self/cgroup", "4:memory\nnonsense\n\n");
	assert_int_equal(mem_available_at(root), 2048 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_machine, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_version_2, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_version_1, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_nodes, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_unaccepted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
