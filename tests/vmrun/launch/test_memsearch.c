/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/memsearch.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define PAGE    4096UL
#define CHUNK   (256 * PAGE) /* what memsearch.c reads at a time */
#define PRESENT (1ULL << 63)

static const char needle[] = "a needle of thirty-two bytes....";
#define NEEDLE (sizeof(needle) - 1)

/* Files in place of /proc/PID/mem and pagemap: `pages` of them, all present. */
struct files {
	struct memsearch_source source;
	struct memsearch result;
	struct err e;
	size_t pages;
};

static int setup(void **state)
{
	struct files *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->source.mem = memfd_create("mem", MFD_CLOEXEC);
	f->source.pagemap = memfd_create("pagemap", MFD_CLOEXEC);
	assert_true(f->source.mem >= 0 && f->source.pagemap >= 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct files *f = *state;

	close(f->source.mem);
	close(f->source.pagemap);
	free(f);
	return 0;
}

static void set_pages(struct files *f, size_t pages)
{
	const uint64_t present = PRESENT;

	f->pages = pages;
	assert_int_equal(ftruncate(f->source.mem, (off_t)(pages * PAGE)), 0);
	for (size_t i = 0; i < pages; i++)
		assert_int_equal(pwrite(f->source.pagemap, &present, 8, (off_t)(8 * i)), 8);
}

static void set_absent(struct files *f, size_t page)
{
	const uint64_t absent = 0;

	assert_int_equal(pwrite(f->source.pagemap, &absent, 8, (off_t)(8 * page)), 8);
}

static void plant(struct files *f, size_t at)
{
	assert_int_equal(pwrite(f->source.mem, needle, NEEDLE, (off_t)at), NEEDLE);
}

static uint64_t count(struct files *f)
{
	struct memsearch_pattern p = {.bytes = needle, .length = NEEDLE};
	const struct memsearch_range all = {0, f->pages * PAGE};

	assert_int_equal(memsearch_source(&f->source, &all, 1, &p, 1, -1, &f->result, &f->e), 0);
	return p.found;
}

/* First bytes, last bytes, across pages, across what is read at a time, side by side. */
static void test_everywhere(void **state)
{
	struct files *f = *state;
	static const size_t at[] = {0,          4000,          PAGE - 16,
	                            CHUNK - 31, CHUNK + 1,     2 * CHUNK - 32,
	                            2 * CHUNK,  3 * CHUNK - 1, 4 * CHUNK - NEEDLE};

	set_pages(f, 4 * CHUNK / PAGE);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		plant(f, at[i]);
	assert_int_equal(count(f), sizeof(at) / sizeof(at[0]));
	assert_int_equal(f->result.searched, 4 * CHUNK);
	assert_int_equal(f->result.absent + f->result.unreadable, 0);
}

static void test_nothing_there(void **state)
{
	struct files *f = *state;

	set_pages(f, 300);
	assert_int_equal(pwrite(f->source.mem, needle, NEEDLE - 1, 100), NEEDLE - 1);
	assert_int_equal(count(f), 0);
	assert_int_equal(f->result.searched, 300 * PAGE);
}

/* What stands before a gap and behind it is not one. */
static void test_pages_that_are_not_there(void **state)
{
	struct files *f = *state;

	set_pages(f, 600);
	plant(f, 10 * PAGE);
	plant(f, 20 * PAGE - 8); /* goes on in a page that is not there */
	plant(f, 30 * PAGE);
	assert_int_equal(pwrite(f->source.mem, needle, 16, 40 * PAGE - 16), 16);
	assert_int_equal(pwrite(f->source.mem, needle + 16, 16, 41 * PAGE), 16);
	set_absent(f, 20);
	set_absent(f, 30);
	set_absent(f, 40);
	assert_int_equal(count(f), 1);
	assert_int_equal(f->result.absent, 3 * PAGE);
	assert_int_equal(f->result.searched, 597 * PAGE);
}

/* The pagemap promises more than can be read. */
static void test_unreadable(void **state)
{
	struct files *f = *state;

	set_pages(f, 512);
	plant(f, 100 * PAGE);
	plant(f, 200 * PAGE);
	assert_int_equal(ftruncate(f->source.mem, 150 * PAGE + 100), 0);
	assert_int_equal(count(f), 1);
	assert_int_equal(f->result.searched, 150 * PAGE + 100);
	assert_int_equal(f->result.searched + f->result.unreadable, 512 * PAGE);
}

static void test_a_pagemap_that_ends(void **state)
{
	struct files *f = *state;
	struct memsearch_pattern p = {.bytes = needle, .length = NEEDLE};
	const struct memsearch_range all = {0, 2 * CHUNK};

	set_pages(f, 300);
	assert_true(memsearch_source(&f->source, &all, 1, &p, 1, -1, &f->result, &f->e) < 0);
	assert_says(f->e, "which pages of the guest are there");
}

/* Two patterns of different lengths, each counted once; and an end when there is enough. */
static void test_two_patterns(void **state)
{
	struct files *f = *state;
	struct memsearch_pattern p[] = {{.bytes = needle, .length = NEEDLE},
	                                {.bytes = "thirty", .length = 6}};
	const struct memsearch_range all = {0, 4 * CHUNK};

	set_pages(f, 4 * CHUNK / PAGE);
	plant(f, CHUNK - 20);
	plant(f, 3 * CHUNK + 5);
	assert_int_equal(memsearch_source(&f->source, &all, 1, p, 2, -1, &f->result, &f->e), 0);
	assert_int_equal(p[0].found, 2);
	assert_int_equal(p[1].found, 2);
	p[0].enough = p[1].enough = 1;
	assert_int_equal(memsearch_source(&f->source, &all, 1, p, 2, -1, &f->result, &f->e), 0);
	assert_int_equal(p[0].found, 1);
	assert_true(f->result.searched < 4 * CHUNK);
}

static void test_interrupted(void **state)
{
	struct files *f = *state;
	struct memsearch_pattern p = {.bytes = needle, .length = NEEDLE};
	const struct memsearch_range all = {0, 2 * CHUNK};
	int cancel = eventfd(1, EFD_CLOEXEC);

	set_pages(f, 512);
	assert_int_equal(memsearch_source(&f->source, &all, 1, &p, 1, cancel, &f->result, &f->e),
	                 -EINTR);
	assert_true(f->result.searched < 2 * CHUNK);
	close(cancel);
}

/* Real texts, shortened: QEMU 7.2 with a memfd, with anonymous memory, and one that is split. */
static const struct {
	const char *maps;
	uint64_t size;
	size_t count;
	uint64_t from, to;
} maps[] = {
        {"55d0a0000000-55d0a0200000 r-xp 00000000 fe:00 123 /usr/bin/qemu-system-x86_64\n"
         "7f0000000000-7f0010000000 rw-s 00000000 00:01 77 /memfd:memory-backend-memfd (deleted)\n"
         "7f0020000000-7f0020021000 rw-p 00000000 00:00 0 \n",
         256 << 20, 1, 0x7f0000000000, 0x7f0010000000},
        {"7f0000000000-7f0010000000 rw-p 00000000 00:00 0 \n"
         "7f0010000000-7f0010001000 ---p 00000000 00:00 0 \n",
         256 << 20, 1, 0x7f0000000000, 0x7f0010000000},
        {"7f0000000000-7f0008000000 rw-s 00000000 00:01 77 /memfd:m (deleted)\n"
         "7f0008000000-7f0010000000 rw-s 08000000 00:01 77 /memfd:m (deleted)\n",
         256 << 20, 1, 0x7f0000000000, 0x7f0010000000},
        /* Side by side, but not one thing; and one that cannot be read. */
        {"7f0000000000-7f0008000000 rw-s 00000000 00:01 77 /memfd:m (deleted)\n"
         "7f0008000000-7f0010000000 rw-p 00000000 00:00 0 \n"
         "7f0020000000-7f0030000000 ---p 00000000 00:00 0 \n",
         256 << 20, 0, 0, 0},
        {"nonsense\n\n7f00-\n", 4096, 0, 0, 0},
        {"", 4096, 0, 0, 0},
};

static void test_ranges(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct memsearch_range ranges[MEMSEARCH_RANGES] = {{0}};
		FILE *file = fmemopen((char *)maps[i].maps, strlen(maps[i].maps) + 1, "r");
		size_t found;

		assert_non_null(file);
		found = memsearch_ranges(file, maps[i].size, ranges);
		fclose(file);
		if (found != maps[i].count)
			fail_msg("text %zu has %zu ranges", i, found);
		assert_int_equal(ranges[0].from, maps[i].from);
		assert_int_equal(ranges[0].to, maps[i].to);
	}
}

/* A process with sparse memory of 33 MiB (a size that nothing else of it has), shared or private.
 */
#define SPARSE (33UL << 20)

static pid_t start_process(int flags)
{
	pid_t pid;
	char *memory;
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		memory = mmap(NULL, SPARSE, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
		for (size_t i = 0; i < 8; i++)
			memcpy(memory + i * (SPARSE / 8) + 100 * i, needle, NEEDLE);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &(char){0}, 1), 1);
	close(ready[0]);
	return pid;
}

static void search_process(int flags)
{
	struct memsearch_pattern p = {.bytes = needle, .length = NEEDLE};
	pid_t pid = start_process(flags);
	struct memsearch result, again;
	struct err e;

	assert_int_equal(memsearch(pid, SPARSE, &p, 1, -1, &result, &e), 0);
	assert_int_equal(p.found, 8);
	assert_int_equal(result.searched + result.absent, SPARSE);
	assert_true(result.searched >= 8 * PAGE);
	assert_int_equal(result.unreadable, 0);
	/* The search has not allocated what was not there. */
	assert_int_equal(memsearch(pid, SPARSE, &p, 1, -1, &again, &e), 0);
	assert_int_equal(again.searched, result.searched);
	assert_int_equal(memsearch(pid, SPARSE + PAGE, &p, 1, -1, &result, &e), -ENOENT);
	assert_says(e, "no mapping of");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_shared_memory(void **state)
{
	(void)state;
	search_process(MAP_SHARED);
}

static void test_private_memory(void **state)
{
	(void)state;
	search_process(MAP_PRIVATE);
}

static void test_no_process(void **state)
{
	struct memsearch_pattern p = {.bytes = needle, .length = NEEDLE};
	struct memsearch result;
	struct err e;

	(void)state;
	assert_int_equal(memsearch(1 << 30, PAGE, &p, 1, -1, &result, &e), -ENOENT);
	assert_says(e, "cannot read the memory of QEMU");
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_everywhere),
	        t(test_nothing_there),
	        t(test_pages_that_are_not_there),
	        t(test_unreadable),
	        t(test_a_pagemap_that_ends),
	        t(test_two_patterns),
	        t(test_interrupted),
	        cmocka_unit_test(test_ranges),
	        cmocka_unit_test(test_shared_memory),
	        cmocka_unit_test(test_private_memory),
	        cmocka_unit_test(test_no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
