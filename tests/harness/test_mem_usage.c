/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <unistd.h>

#include "harness/mem_usage.h"

#define BASE ((const void *)0x7f0000000000)

/* Recorded from Linux 6.1, shortened to the fields that exist everywhere. */
static const char recorded[] =
        "55d0a0000000-55d0a0002000 r--p 00000000 fe:00 247134      /usr/bin/a-b: c\n"
        "KernelPageSize:        4 kB\n"
        "AnonHugePages:      9999 kB\n"
        "THPeligible:    0\n"
        "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
        "Size:               4096 kB\n"
        "KernelPageSize:        4 kB\n"
        "Rss:                4096 kB\n"
        "Anonymous:          4096 kB\n"
        "AnonHugePages:      2048 kB\n"
        "Private_Hugetlb:       0 kB\n"
        "THPeligible:    1\n"
        "VmFlags: rd wr mr mw me ac sd hg\n"
        "7f0000400000-7f0000600000 rw-p 00000000 00:0f 21 /anon_hugepage (deleted)\n"
        "KernelPageSize:     2048 kB\n"
        "Private_Hugetlb:    2048 kB\n"
        "7ffff0000000-7ffff0001000 rw-p 00000000 00:00 0                  [stack]\n"
        "KernelPageSize:        4 kB\n"
        "Anonymous:          4096 kB\n";

static char path[] = "/tmp/test_mem_usage.XXXXXX";

static int write_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0 || write(fd, recorded, sizeof(recorded) - 1) != (ssize_t)sizeof(recorded) - 1)
		return -1;
	return close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void test_one_mapping(void **state)
{
	struct mem_usage u;
	struct err e = {""};

	(void)state;
	assert_int_equal(mem_usage_read(path, BASE, 4 << 20, &u, &e), 0);
	assert_int_equal(u.mapped, 4 << 20);
	assert_int_equal(u.page, 4096);
	assert_int_equal(u.resident, 4 << 20);
	assert_int_equal(u.anonymous, 4 << 20);
	assert_int_equal(u.huge, 2 << 20);
	assert_int_equal(u.hugetlb, 0);
	assert_true(u.eligible);
}

static void test_two_mappings(void **state)
{
	struct mem_usage u;
	struct err e = {""};

	(void)state;
	assert_int_equal(mem_usage_read(path, BASE, 6 << 20, &u, &e), 0);
	assert_int_equal(u.mapped, 6 << 20);
	assert_int_equal(u.page, 2 << 20);
	assert_int_equal(u.hugetlb, 2 << 20);
}

static void test_nothing_there(void **state)
{
	struct mem_usage u;
	struct err e = {""};

	(void)state;
	assert_int_equal(mem_usage_read(path, (const char *)BASE + 4096, 4096, &u, &e), -ENODATA);
	assert_non_null(strstr(e.text, "0x7f0000001000"));
	assert_int_equal(mem_usage_read("/nonexistent/smaps", BASE, 1, &u, &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/smaps"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_one_mapping),
	        cmocka_unit_test(test_two_mappings),
	        cmocka_unit_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, write_file, remove_file);
}
