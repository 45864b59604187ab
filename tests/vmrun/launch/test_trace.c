/* SPDX-License-Identifier: MIT */
/* The trace of an emulated SEV processor, with this test in QEMU's place. */
#include "vmrun/launch/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/tree.h"
#include "vmrun/qemu/argv.h"

#define LINE "0 vc 0x72 CPUID rip 0xffffffff81000000 rax 0x1 rcx 0x0\n"

struct fixture {
	char directory[32], file[64], partial[80], pipe[64];
	struct trace *trace;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/test_trace.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->file, sizeof(f->file), "%s/mine", f->directory);
	snprintf(f->partial, sizeof(f->partial), "%s.partial", f->file);
	snprintf(f->pipe, sizeof(f->pipe), "%s/%s", f->directory, ARGV_TRACE);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	int rc = tree_remove(f->directory);

	free(f);
	return rc;
}

/* As the plugin opens it: -1, the only way that it knows, would end the guest. */
static int open_as_plugin(const struct fixture *f)
{
	int fd = open(f->pipe, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	return fd;
}

static void write_lines(int fd, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_int_equal(write(fd, LINE, strlen(LINE)), strlen(LINE));
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* More than any pipe holds, and the directory gone as soon as QEMU has opened what is in it. */
static void every_line_arrives(void **state)
{
	struct fixture *f = *state;
	struct err e;
	int fd;

	assert_int_equal(trace_open(f->file, f->directory, TRACE_MAX, &f->trace, &e), 0);
	fd = open_as_plugin(f);
	assert_int_equal(unlink(f->pipe), 0);
	write_lines(fd, 100000);
	close(fd);
	assert_int_equal(size_of(f->file), -1);
	assert_int_equal(trace_close(&f->trace, false, &e), 0);
	assert_null(f->trace);
	assert_int_equal(size_of(f->file), 100000 * strlen(LINE));
	assert_int_equal(size_of(f->partial), -1);
	assert_int_equal(trace_close(&f->trace, false, &e), 0);
}

/* A QEMU that hangs inside Linux keeps its end open. */
static void a_writer_that_stays_is_not_awaited(void **state)
{
	struct fixture *f = *state;
	struct err e;
	int fd;

	assert_int_equal(trace_open(f->file, f->directory, TRACE_MAX, &f->trace, &e), 0);
	fd = open_as_plugin(f);
	write_lines(fd, 1);
	alarm(20);
	assert_int_equal(trace_close(&f->trace, false, &e), 0);
	alarm(0);
	assert_int_equal(size_of(f->file), strlen(LINE));
	close(fd);
}

static void nothing_is_a_file_of_a_guest_that_ran(void **state)
{
	struct fixture *f = *state;
	struct err e;

	assert_int_equal(trace_open(f->file, f->directory, TRACE_MAX, &f->trace, &e), 0);
	assert_int_equal(trace_close(&f->trace, false, &e), 0);
	assert_int_equal(size_of(f->file), -1);
	assert_int_equal(size_of(f->partial), -1);
	assert_int_equal(unlink(f->pipe), 0);
	assert_int_equal(trace_open(f->file, f->directory, TRACE_MAX, &f->trace, &e), 0);
	assert_int_equal(trace_close(&f->trace, true, &e), 0);
	assert_int_equal(size_of(f->file), 0);
}

static void what_is_there_is_not_touched(void **state)
{
	struct fixture *f = *state;
	FILE *mine = fopen(f->file, "w");
	struct err e;

	fputs("kept", mine);
	fclose(mine);
	assert_int_equal(trace_open(f->file, f->directory, TRACE_MAX, &f->trace, &e), -EINVAL);
	assert_non_null(strstr(e.text, "exists already"));
	assert_null(f->trace);
	assert_int_equal(size_of(f->file), 4);
	assert_int_equal(size_of(f->pipe), -1);
	assert_int_equal(trace_open("/no/such/place/t", f->directory, TRACE_MAX, &f->trace, &e),
	                 -EINVAL);
	assert_non_null(strstr(e.text, "/no/such/place/t"));
}

/* The guest goes on, and the run says what became of its trace. */
static void a_full_disk_holds_nobody_up(void **state)
{
	struct fixture *f = *state;
	struct err e;
	int fd;

	assert_int_equal(trace_open("/dev/full", f->directory, TRACE_MAX, &f->trace, &e), 0);
	fd = open_as_plugin(f);
	alarm(20);
	write_lines(fd, 100000);
	alarm(0);
	close(fd);
	assert_int_equal(trace_close(&f->trace, false, &e), -ENOSPC);
	assert_string_equal(e.text, "the trace is incomplete: cannot write /dev/full: No space "
	                            "left on device");
}

/* The guest is not held up by that either, and what was written is kept. */
static void a_guest_writes_no_more_than_it_may(void **state)
{
	const uint64_t max = 1000 * strlen(LINE);
	struct fixture *f = *state;
	struct err e;
	int fd;

	assert_int_equal(trace_open(f->file, f->directory, max, &f->trace, &e), 0);
	fd = open_as_plugin(f);
	alarm(20);
	write_lines(fd, 100000);
	alarm(0);
	close(fd);
	assert_int_equal(trace_close(&f->trace, true, &e), -EFBIG);
	assert_non_null(strstr(e.text, "the trace is incomplete: there was more"));
	assert_non_null(strstr(e.text, f->partial));
	assert_int_equal(size_of(f->file), -1);
	assert_in_range(size_of(f->partial), 0, max);
}

#define t(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(every_line_arrives),
	        t(a_writer_that_stays_is_not_awaited),
	        t(nothing_is_a_file_of_a_guest_that_ran),
	        t(what_is_there_is_not_touched),
	        t(a_full_disk_holds_nobody_up),
	        t(a_guest_writes_no_more_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
