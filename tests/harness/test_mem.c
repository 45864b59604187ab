/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/mem.h"
#include "harness/mem_alloc.h"
#include "harness/mem_available.h"
#include "harness/mem_random.h"
#include "harness/mem_usage.h"

#define MIB (1UL << 20)

static struct mem_spec spec_of(size_t bytes, enum mem_pages pages)
{
	return (struct mem_spec){.bytes = bytes, .pages = pages, .node = -1, .seed = 11};
}

static struct mem_usage usage_of(const struct mem *mem)
{
	struct mem_usage u;
	struct err e = {""};

	if (mem_usage_read("/proc/self/smaps", mem->base, mem->mapped, &u, &e) != 0)
		fail_msg("%s", e.text);
	return u;
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

static void test_small_pages(void **state)
{
	struct mem_spec spec = spec_of(3 * MIB + 5, MEM_4K);
	struct mem_usage u;
	struct mem mem;
	struct err e = {""};
	unsigned char *wanted;
	long before;

	(void)state;
	assert_int_equal(mem_alloc(&spec, &mem, &e), 0);
	assert_int_equal(mem.bytes, 3 * MIB + 5);
	assert_int_equal(mem.mapped, 3 * MIB + 4096);
	assert_int_equal((uintptr_t)mem.base % 4096, 0);
	u = usage_of(&mem);
	assert_int_equal(u.mapped, mem.mapped); /* merged with no neighbour */
	assert_int_equal(u.page, 4096);
	assert_int_equal(u.huge, 0);
	assert_int_equal(u.anonymous, mem.mapped);
	/* Every page was written: reading costs no fault. */
	before = faults();
	for (size_t i = 0; i < mem.mapped; i += 4096)
		(void)((volatile char *)mem.base)[i];
	assert_int_equal(faults() - before, 0);
	wanted = malloc(mem.bytes);
	assert_non_null(wanted);
	mem_fill(wanted, mem.bytes, MEM_RANDOM, 11);
	assert_memory_equal(mem.base, wanted, 3 * MIB);
	free(wanted);
	mem_free(&mem);
	assert_null(mem.base);
	mem_free(&mem); /* a second time does nothing */
}

static void test_neighbours_do_not_merge(void **state)
{
	struct mem_spec spec = spec_of(MIB, MEM_4K);
	struct mem mems[4];
	struct err e = {""};

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(mem_alloc(&spec, &mems[i], &e), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(usage_of(&mems[i]).mapped, MIB);
		mem_free(&mems[i]);
	}
}

static void test_transparent_huge_pages(void **state)
{
	struct mem_spec spec = spec_of(8 * MIB, MEM_THP);
	struct mem mem;
	struct err e = {""};
	int rc = mem_alloc(&spec, &mem, &e);

	(void)state;
	if (rc == -ENOTSUP) {
		assert_null(mem.base);
		skip_because("no transparent huge pages here: %s", e.text);
	}
	assert_int_equal(rc, 0);
	assert_int_equal((uintptr_t)mem.base % (2 * MIB), 0);
	assert_int_equal(usage_of(&mem).huge, 8 * MIB);
	mem_free(&mem);
}

static void test_untouched_stays_untouched(void **state)
{
	static const enum mem_pages kinds[] = {MEM_4K, MEM_THP};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct mem_spec spec = spec_of(4 * MIB, kinds[i]);
		struct mem mem;
		struct err e = {""};
		long before;
		int rc;

		spec.untouched = true;
		rc = mem_alloc(&spec, &mem, &e);
		if (rc == -ENOTSUP && kinds[i] == MEM_THP)
			continue;
		assert_int_equal(rc, 0);
		assert_int_equal(usage_of(&mem).anonymous, 0);
		before = faults();
		/* No sanitizer looks at it: its shadow of the page would fault too. */
		__asm__ volatile("movb $1, %0" : "=m"(*(char *)mem.base));
		assert_int_equal(faults() - before, 1);
		assert_int_equal(usage_of(&mem).anonymous, kinds[i] == MEM_4K ? 4096 : 2 * MIB);
		mem_free(&mem);
	}
}

static void test_hugetlb(void **state)
{
	struct mem_spec spec = spec_of(4 * MIB, MEM_2M);
	struct mem mem;
	struct err e = {""};
	int rc = mem_alloc(&spec, &mem, &e);

	(void)state;
	if (rc == 0) {
		assert_int_equal(usage_of(&mem).page, 2 * MIB);
		assert_int_equal(usage_of(&mem).hugetlb, 4 * MIB);
		mem_free(&mem);
	} else {
		assert_int_equal(rc, -ENOTSUP);
		assert_non_null(strstr(e.text, "2 huge pages of 2 MiB are needed"));
		assert_non_null(strstr(e.text, "nr_hugepages"));
	}
	/* More than any pool holds. */
	spec = spec_of(1UL << 46, MEM_2M);
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "huge pages of 2 MiB"));
	assert_null(mem.base);
	spec = spec_of(1UL << 46, MEM_1G);
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOTSUP);
	assert_non_null(strstr(e.text, "1024 MiB"));
}

static void test_refused_before_anything_is_mapped(void **state)
{
	struct mem_spec spec = spec_of(0, MEM_4K);
	struct mem mem;
	struct err e = {""};

	(void)state;
	assert_int_equal(mem_alloc(&spec, &mem, &e), -EINVAL);
	assert_non_null(strstr(e.text, "0 bytes"));
	spec = spec_of(mem_available() + MIB * 1024, MEM_4K);
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOMEM);
	assert_non_null(strstr(e.text, "are available"));
	assert_null(mem.base);
	spec.pages = MEM_THP;
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOMEM);
	spec = spec_of(SIZE_MAX, MEM_THP);
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOMEM);
	assert_non_null(strstr(e.text, "address space"));
	spec = spec_of(SIZE_MAX - 4096, MEM_1G);
	assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOMEM);
}

/* What the module hands out is tested where it is loaded: tests/kernels/module_inside.c. */
static void test_memory_of_the_module(void **state)
{
	static const enum mem_backing backings[] = {MEM_SHARED, MEM_TWIN};
	struct err e = {""};
	struct mem mem;

	(void)state;
	for (size_t i = 0; i < sizeof(backings) / sizeof(backings[0]); i++) {
		struct mem_spec spec = spec_of(MIB, MEM_THP);

		spec.backing = backings[i];
		assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOTSUP);
		assert_says(e, "pages of 4 KiB, not thp");
		spec.pages = MEM_4K;
		spec.untouched = true;
		assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOTSUP);
		assert_says(e, "first touch");
		spec.untouched = false;
		if (access("/dev/sevbench", F_OK) == 0)
			continue;
		assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOTSUP);
		assert_says(e, "the guest kernel module is not loaded");
		assert_null(mem.base);
	}
}

static void test_node(void **state)
{
	struct mem_spec spec = spec_of(MIB, MEM_4K);
	struct mem mem;
	struct err e = {""};

	(void)state;
	spec.node = 0;
	if (access("/sys/devices/system/node/node0", F_OK) == 0) {
		if (mem_alloc(&spec, &mem, &e) != 0)
			fail_msg("%s", e.text);
		mem_free(&mem);
	}
	spec.node = 1023;
	assert_int_equal(mem_alloc(&spec, &mem, &e), -EINVAL);
	assert_non_null(strstr(e.text, "NUMA node 1023"));
	spec.node = 100000;
	assert_int_equal(mem_alloc(&spec, &mem, &e), -EINVAL);
	spec.node = 1023;
	spec.pages = MEM_2M;
	assert_int_equal(mem_alloc(&spec, &mem, &e), -EINVAL);
	if (access("/sys/devices/system/node/node0", F_OK) == 0) {
		spec = spec_of(1UL << 50, MEM_4K);
		spec.node = 0;
		assert_int_equal(mem_alloc(&spec, &mem, &e), -ENOMEM);
	}
}

/* One byte beyond the memory is a crash, not a wrong number. */
static void test_guards(void **state)
{
	struct mem_spec spec = spec_of(8192, MEM_4K);
	struct mem mem;
	struct err e = {""};

	(void)state;
	assert_int_equal(mem_alloc(&spec, &mem, &e), 0);
	for (int i = 0; i < 2; i++) {
		int status = 0;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct rlimit none = {0, 0};

			setrlimit(RLIMIT_CORE, &none);
			signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on with the tests */
			((volatile char *)mem.base)[i ? (long)mem.mapped : -1] = 1;
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	mem_free(&mem);
}

static void test_names(void **state)
{
	enum mem_pages pages;
	enum mem_backing backing;
	enum mem_fill fill;
	struct err e = {""};

	(void)state;
	for (int i = 0; i < MEM_PAGES_COUNT; i++) {
		assert_int_equal(mem_pages_parse(mem_pages_name((enum mem_pages)i), &pages, &e), 0);
		assert_int_equal(pages, i);
	}
	for (int i = 0; i < MEM_BACKING_COUNT; i++) {
		assert_int_equal(
		        mem_backing_parse(mem_backing_name((enum mem_backing)i), &backing, &e), 0);
		assert_int_equal(backing, i);
	}
	for (int i = 0; i < MEM_FILL_COUNT; i++) {
		assert_int_equal(mem_fill_parse(mem_fill_name((enum mem_fill)i), &fill, &e), 0);
		assert_int_equal(fill, i);
	}
	assert_int_equal(mem_pages_parse("4K", &pages, &e), -EINVAL);
	assert_string_equal(e.text, "unknown page size '4K': use one of 4k, thp, 2m, 1g");
	assert_int_equal(mem_backing_parse("", &backing, &e), -EINVAL);
	assert_int_equal(mem_fill_parse("two", &fill, &e), -EINVAL);
	assert_string_equal(e.text, "unknown fill 'two': use one of random, zero, one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_small_pages),
	        cmocka_unit_test(test_neighbours_do_not_merge),
	        cmocka_unit_test(test_transparent_huge_pages),
	        cmocka_unit_test(test_untouched_stays_untouched),
	        cmocka_unit_test(test_hugetlb),
	        cmocka_unit_test(test_refused_before_anything_is_mapped),
	        cmocka_unit_test(test_memory_of_the_module),
	        cmocka_unit_test(test_node),
	        cmocka_unit_test(test_guards),
	        cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
