/* SPDX-License-Identifier: MIT */
#include "kernels/guard.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/cmocka.h"

static void do_nothing(void *argument)
{
	(void)argument;
}

static void raise_signal(void *argument)
{
	raise(*(int *)argument);
}

static void touch(void *argument)
{
	*(volatile char *)argument = 1;
}

static void illegal(void *argument)
{
	(void)argument;
	asm volatile("ud2");
}

static void harmless_is_harmless(void **state)
{
	(void)state;
	assert_int_equal(guard_try(do_nothing, NULL), 0);
}

static void the_signal_is_told(void **state)
{
	int sig = SIGTERM;
	FILE *f = tmpfile();
	char *page;

	(void)state;
	assert_int_equal(guard_try(raise_signal, &sig), SIGTERM);
	assert_int_equal(guard_try(illegal, NULL), SIGILL);
	/* A page beyond the end of a file answers with SIGBUS, like MMIO under #VC. */
	assert_non_null(f);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(f), 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_int_equal(guard_try(touch, page), SIGBUS);
	munmap(page, 4096);
	fclose(f);
}

/* What is tried happens to shared mappings, and to nothing else of this process. */
static void memory_stays_as_it_was(void **state)
{
	char own = 0,
	     *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(guard_try(touch, &own), 0);
	assert_int_equal(own, 0);
	assert_int_equal(guard_try(touch, shared), 0);
	assert_int_equal(*shared, 1);
	munmap(shared, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(harmless_is_harmless),
	        cmocka_unit_test(the_signal_is_told),
	        cmocka_unit_test(memory_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
