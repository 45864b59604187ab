/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_memory.h"

#include <errno.h>

#include "harness/mem_available.h"
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

/* Private and shared pages stand beside each other, and both may be all of the guest's. */
static void test_snp_may_take_twice(void **state)
{
	struct vm_spec spec = {.memory = 4ULL << 30};
	struct err e = {""};

	(void)state;
	assert_int_equal(plan_memory_doubt(&spec, 8ULL << 30, &e), 0);
	assert_int_equal(plan_memory_doubt(&spec, 0, &e), 0); /* nobody knows */
	assert_int_equal(plan_memory_doubt(&spec, 7ULL << 30, &e), -ENOMEM);
	assert_says(e, "an SNP guest of 4G may take nearly 8G");
	assert_says(e, "this host has 7G available");
	spec.guests = 2;
	assert_int_equal(plan_memory_doubt(&spec, 8ULL << 30, &e), -ENOMEM);
}

static int find(enum platform platform, bool emulated, uint64_t memory, struct plan *plan,
                struct err *e)
{
	struct vm_spec spec = plain();

	spec.platform = platform;
	spec.memory = memory;
	*plan = (struct plan){.emulated = emulated};
	return plan_memory_find(&spec, &host, plan, e);
}

/* Of hardware alone: an emulated guest has one kind of pages. */
static void test_snp_is_planned_with_that(void **state)
{
	uint64_t half = mem_available() / 2;
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(find(PLATFORM_SNP, false, half + half / 2, &plan, &e), 0);
	assert_says(plan.memory_doubt, "an SNP guest of");
	assert_says(plan.memory_doubt, "free some, or give guests less (--memory)");
	assert_int_equal(find(PLATFORM_SNP, false, half / 2, &plan, &e), 0);
	assert_string_equal(plan.memory_doubt.text, "");
	assert_int_equal(find(PLATFORM_SNP, true, half + half / 2, &plan, &e), 0);
	assert_string_equal(plan.memory_doubt.text, "");
	assert_int_equal(find(PLATFORM_SEV_ES, false, half + half / 2, &plan, &e), 0);
	assert_string_equal(plan.memory_doubt.text, "");

	assert_int_equal(find(PLATFORM_SNP, false, half * 4, &plan, &e), -EINVAL);
	assert_says(e, "an SNP guest may take nearly twice its memory, private and shared pages "
	               "together: free some, or give guests less (--memory)");
	assert_int_equal(find(PLATFORM_SEV, false, half * 4, &plan, &e), -EINVAL);
	assert_says(e, "that this host has available: free some, or give guests less");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_huge_pages),
	        t(test_snp_may_take_twice),
	        t(test_snp_is_planned_with_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
