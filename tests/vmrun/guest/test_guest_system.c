/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_system.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/wire/hello.h"

static void test_reads_whole_files(void **state)
{
	char path[] = "/tmp/test_guest_system.XXXXXX";
	static char bytes[100000];
	int fd = mkstemp(path);
	size_t length = 1;
	struct err e;
	char *text;
	size_t i;

	(void)state;
	assert_true(fd >= 0);
	text = guest_system_read(path, &length, NULL, &e);
	assert_non_null(text);
	assert_int_equal(length, 0);
	assert_string_equal(text, "");
	free(text);
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	close(fd);
	text = guest_system_read(path, &length, NULL, &e);
	assert_non_null(text);
	assert_int_equal(length, sizeof(bytes));
	assert_memory_equal(text, bytes, sizeof(bytes));
	assert_int_equal(text[length], '\0');
	free(text);
	unlink(path);
}

static void test_says_what_it_cannot_read(void **state)
{
	struct err e = {""};
	int rc = 0;

	(void)state;
	assert_null(guest_system_read("/no/such/file", NULL, &rc, &e));
	assert_int_equal(rc, -ENOENT);
	assert_string_equal(e.text, "cannot read /no/such/file: No such file or directory");
	assert_null(guest_system_read("/tmp", NULL, &rc, NULL));
	assert_int_equal(rc, -EISDIR);
}

/* A module that Linux refuses is told about, and is no reason to give up; a missing file is. */
static void test_modules_that_are_none(void **state)
{
	char path[] = "/tmp/test_guest_system.XXXXXX";
	const char *const paths[] = {path, path};
	const char *const missing[] = {"/no/such/module.ko"};
	struct job_list list = {.modules = paths, .module_count = 2};
	json_t *errors = json_array();
	struct err e = {""};

	(void)state;
	close(mkstemp(path));
	assert_int_equal(guest_system_load(&list, errors, &e), 0);
	assert_int_equal(json_array_size(errors), 2);
	assert_non_null(strstr(json_string_value(json_array_get(errors, 1)),
	                       "Linux refuses the module /tmp/test_guest_system."));
	unlink(path);
	list = (struct job_list){.modules = missing, .module_count = 1};
	assert_int_equal(guest_system_load(&list, errors, &e), -ENOENT);
	assert_says(e, "cannot read /no/such/module.ko");
	json_decref(errors);
}

static void test_no_port(void **state)
{
	struct err e = {""};
	int fd = -1;

	(void)state;
	assert_int_equal(guest_system_open_port("no.such.port", 0, &fd, &e), -ENODEV);
	assert_says(e, "this guest has no virtio-serial port named no.such.port");
	assert_int_equal(fd, -1);
}

/* As a file of /proc/sys is: read from its beginning, and written to as a whole. */
static void test_counting_is_let(void **state)
{
	static const struct {
		const char *before, *after;
		int was;
	} cases[] = {{"3\n", "2\n", 3}, {"4\n", "2\n", 4}, {"2\n", "2\n", 2}, {"-1\n", "-1\n", -1}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[] = "/tmp/test_guest_system.XXXXXX", *text;
		FILE *out = fdopen(mkstemp(path), "w");

		assert_non_null(out);
		fputs(cases[i].before, out);
		fclose(out);
		assert_int_equal(guest_system_let_count(path), cases[i].was);
		text = guest_system_read(path, NULL, NULL, NULL);
		assert_non_null(text);
		assert_string_equal(text, cases[i].after);
		free(text);
		unlink(path);
	}
	assert_int_equal(guest_system_let_count("/nonexistent"), -1);
}

static void test_describes_the_system(void **state)
{
	const struct job_list list = {.module_count = 3, .job_count = 2};
	json_t *errors = json_pack("[s]", "Linux refuses the module x: why");
	char *text = guest_system_describe(
	        &list, &(struct guest_start){.uptime_ms = 1234, .paranoid = 3}, errors, "a5a5");
	struct utsname name;
	struct err e = {""};
	json_t *hello;

	(void)state;
	assert_non_null(text);
	/* What the host takes is what is written here, key by key. */
	assert_int_equal(hello_read(text, strlen(text), &hello, &e), 0);
	assert_int_equal(uname(&name), 0);
	assert_string_equal(json_string_value(json_object_get(hello, "release")), name.release);
	assert_int_equal(json_integer_value(json_object_get(hello, "uptime_ms")), 1234);
	assert_true(json_integer_value(json_object_get(hello, "ready_ms")) > 0);
	assert_int_equal(json_integer_value(json_object_get(hello, "modules")), 3);
	assert_int_equal(json_integer_value(json_object_get(hello, "jobs")), 2);
	assert_int_equal(json_integer_value(json_object_get(hello, "cpus")),
	                 sysconf(_SC_NPROCESSORS_ONLN));
	assert_true(json_integer_value(json_object_get(hello, "memory_kib")) > 1024);
	assert_true(json_is_string(json_object_get(hello, "command_line")));
	assert_true(json_is_string(json_object_get(hello, "how")));
	assert_string_equal(json_string_value(json_object_get(hello, "marker")), "a5a5");
	assert_int_equal(json_integer_value(json_object_get(hello, "perf_event_paranoid")), 3);
	assert_true(json_equal(json_object_get(hello, "module_errors"), errors));
	/* Never left out: null when it cannot be told. */
	assert_non_null(json_object_get(hello, "platform"));
	assert_non_null(json_object_get(hello, "accel"));
	assert_non_null(json_object_get(hello, "sev_status"));
	assert_non_null(json_object_get(hello, "cpuid_8000001f"));
	json_decref(hello);
	json_decref(errors);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_reads_whole_files),
	        cmocka_unit_test(test_says_what_it_cannot_read),
	        cmocka_unit_test(test_modules_that_are_none),
	        cmocka_unit_test(test_no_port),
	        cmocka_unit_test(test_counting_is_let),
	        cmocka_unit_test(test_describes_the_system),
	};

	return cmocka_run_group_tests_name("guest_system", tests, NULL, NULL);
}
