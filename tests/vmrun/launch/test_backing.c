/* SPDX-License-Identifier: MIT */
/* This program's own memory stands in for a guest's. */
#include "vmrun/launch/backing.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define GUEST_BYTES (37UL << 20) /* as nothing else here has */
#define TOUCHED     (2UL << 20)

static void test_own_memory(void **state)
{
	char *memory =
	        mmap(NULL, GUEST_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct backing m;

	(void)state;
	assert_ptr_not_equal(memory, MAP_FAILED);
	memset(memory, 1, TOUCHED);
	m = backing_read(getpid(), GUEST_BYTES);
	assert_int_equal(m.page, 4);
	assert_true(m.resident >= TOUCHED / 1024);
	assert_true(m.huge <= m.resident);
	munmap(memory, GUEST_BYTES);
	m = backing_read(getpid(), GUEST_BYTES);
	assert_int_equal(m.page, 0);
	assert_int_equal(m.resident, 0);
}

static void judged(struct backing m, enum mem_pages asked, const char *says)
{
	char text[200];

	backing_judge(&m, asked, text, sizeof(text));
	if (says[0] ? !strstr(text, says) : text[0])
		fail_msg("'%s', not '%s'", text, says);
}

static void test_judgement(void **state)
{
	(void)state;
	judged((struct backing){100, 0, 4}, MEM_4K, "");
	judged((struct backing){100, 8, 4}, MEM_4K, "8 of 100 KiB of the guest's memory are on");
	judged((struct backing){100, 90, 4}, MEM_THP, "");
	judged((struct backing){100, 89, 4}, MEM_THP, "only 89 of 100 KiB");
	judged((struct backing){4096, 4096, 2048}, MEM_2M, "");
	judged((struct backing){4096, 0, 4}, MEM_2M, "on pages of 4 KiB, not on 2m");
	judged((struct backing){4096, 4096, 2048}, MEM_1G, "on pages of 2048 KiB, not on 1g");
	judged((struct backing){0, 0, 4}, MEM_4K, "could not be read");
	judged((struct backing){0}, MEM_THP, "could not be read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_own_memory),
	        cmocka_unit_test(test_judgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
