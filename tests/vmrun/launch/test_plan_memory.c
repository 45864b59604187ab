/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_memory.h"

#include <errno.h>

#include "tests/vmrun/launch/planned.h"

static void put(const char *path, const char *text)
{
	FILE *file = tree_create(root, path);

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_huge_pages(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	spec.backing = MEM_2M;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "no huge pages of 2M");
	put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "63\n");
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "128M is more than the 126M of free huge pages");
	put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "64\n");
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	spec.backing = MEM_1G;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);

	spec.backing = MEM_THP;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	put("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_says(e, "echo madvise >");
	put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	assert_int_equal(resolve(&spec, &plan, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_huge_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
