/* SPDX-License-Identifier: MIT */
#include "vmrun/wire/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char directory[64];

static int setup(void **state)
{
	(void)state;
	snprintf(directory, sizeof(directory), "/tmp/test_logs-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/a.console.log", directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/a.qemu.log", directory);
	unlink(path);
	return rmdir(directory);
}

static void open_logs(struct logs *logs)
{
	struct err e;

	assert_int_equal(logs_open(logs, directory, "a", &e), 0);
}

static off_t size_of(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void test_bytes_and_panic(void **state)
{
	struct logs logs;
	struct err e;

	(void)state;
	open_logs(&logs);
	logs_console(&logs, "hello\r\n[ 1.0] Kernel pa", 23);
	assert_string_equal(logs.panic, "");
	logs_console(&logs, "nic - not syncing: why\r\nmore", 28);
	assert_string_equal(logs.panic, "Kernel panic - not syncing: why");
	assert_int_equal(logs_close(&logs, &e), 0);
	assert_int_equal(size_of("a.console.log"), 51);
}

static void test_panic_without_a_last_newline(void **state)
{
	struct logs logs;
	struct err e;

	(void)state;
	open_logs(&logs);
	logs_console(&logs, "Kernel panic - not syncing: x", 29);
	assert_int_equal(logs_close(&logs, &e), 0);
	assert_string_equal(logs.panic, "Kernel panic - not syncing: x");
}

static void test_long_lines_and_nul_bytes(void **state)
{
	struct logs logs;
	struct err e;
	char line[1000];

	(void)state;
	open_logs(&logs);
	memset(line, 'x', sizeof(line));
	logs_console(&logs, line, sizeof(line));
	logs_console(&logs, "\0\n", 2);
	logs_console(&logs, "Kernel panic - not syncing: y\n", 30);
	assert_string_equal(logs.panic, "Kernel panic - not syncing: y");
	assert_int_equal(logs_close(&logs, &e), 0);
}

static void test_flood(void **state)
{
	static char block[1U << 20];
	struct logs logs;
	struct err e;

	(void)state;
	open_logs(&logs);
	memset(block, '.', sizeof(block));
	for (size_t i = 0; i < LOGS_MAX / (sizeof(block) / 2); i++)
		logs_console(&logs, block, sizeof(block));
	logs_console(&logs, "\nKernel panic - not syncing: z\n", 31);
	assert_int_equal(logs_close(&logs, &e), 0);
	assert_in_range(size_of("a.console.log"), LOGS_MAX, LOGS_MAX + 100);
	/* What is said after the flood is still known. */
	assert_string_equal(logs.panic, "Kernel panic - not syncing: z");
}

static void test_last_words_of_qemu(void **state)
{
	struct logs logs;
	struct err e;
	char big[LOGS_TAIL + 10];

	(void)state;
	open_logs(&logs);
	logs_qemu(&logs, "one ", 4);
	logs_qemu(&logs, "two", 3);
	assert_string_equal(logs.qemu.tail, "one two");
	memset(big, 'a', sizeof(big));
	logs_qemu(&logs, big, LOGS_TAIL - 2);
	assert_int_equal(strlen(logs.qemu.tail), LOGS_TAIL);
	assert_memory_equal(logs.qemu.tail, "wo", 2);
	logs_qemu(&logs, big, sizeof(big));
	assert_int_equal(strlen(logs.qemu.tail), LOGS_TAIL);
	assert_int_equal(logs_close(&logs, &e), 0);
}

static void test_without_files(void **state)
{
	struct logs logs;
	struct err e;
	char text[LOGS_TAIL + 1];

	(void)state;
	assert_int_equal(logs_open(&logs, NULL, "a", &e), 0);
	logs_console(&logs, "one\r\ntwo\033[0m\303\244", 14);
	logs_end(&logs.console, text);
	assert_string_equal(text, "one\ntwo?[0m??");
	logs_end(&logs.qemu, text);
	assert_string_equal(text, "");
	assert_int_equal(logs_close(&logs, &e), 0);
}

static void test_disk_that_is_full(void **state)
{
	struct logs logs;
	struct err e;

	(void)state;
	open_logs(&logs);
	assert_true(dup2(open("/dev/full", O_WRONLY), logs.console.fd) >= 0);
	logs_console(&logs, "text\n", 5);
	logs_console(&logs, "Kernel panic - not syncing: w\n", 30);
	assert_string_equal(logs.panic, "Kernel panic - not syncing: w");
	assert_int_equal(logs_close(&logs, &e), -ENOSPC);
	assert_string_equal(e.text, "the console log is incomplete: No space left on device");
}

static void test_directory_that_is_not_there(void **state)
{
	struct logs logs;
	struct err e;

	(void)state;
	assert_int_equal(logs_open(&logs, "/no/such", "a", &e), -ENOENT);
	assert_non_null(strstr(e.text, "/no/such/a.console.log"));
	assert_int_equal(logs_close(&logs, &e), 0);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_bytes_and_panic),
	        t(test_panic_without_a_last_newline),
	        t(test_long_lines_and_nul_bytes),
	        t(test_flood),
	        t(test_last_words_of_qemu),
	        t(test_disk_that_is_full),
	        cmocka_unit_test(test_without_files),
	        cmocka_unit_test(test_directory_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
