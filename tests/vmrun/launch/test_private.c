/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/qemu/argv.h"

static void test_make_and_remove(void **state)
{
	struct private_dir a, b;
	struct stat st;
	struct err e;
	char path[PATH_MAX + 32], kept[PATH_MAX];

	(void)state;
	assert_int_equal(private_make(&a, &e), 0);
	assert_int_equal(private_make(&b, &e), 0);
	assert_string_not_equal(a.path, b.path);
	assert_int_equal(stat(a.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(kept, sizeof(kept), "%s", a.path);
	snprintf(path, sizeof(path), "%s/%s", a.path, ARGV_INITRAMFS);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	private_remove(&a);
	assert_int_equal(stat(kept, &st), -1);
	private_remove(&a);
	private_remove(&b);
}

/* Killed at once, as nothing can clear up behind itself. */
static void test_killed(void **state)
{
	static const char *const names[] = {ARGV_INITRAMFS, ARGV_COUNTERS, ARGV_TRACE};
	char top[] = "/tmp/test_private-XXXXXX";
	int status, left = -1;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(top));
	child = fork();
	if (child == 0) {
		struct private_dir dir;
		char path[PATH_MAX + 32];

		setenv("TMPDIR", top, 1);
		if (private_make(&dir, NULL))
			_exit(1);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(path, sizeof(path), "%s/%s", dir.path, names[i]);
			close(open(path, O_CREAT | O_WRONLY, 0600));
		}
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	for (int i = 0; i < 500 && left; i++) {
		left = rmdir(top);
		usleep(10000);
	}
	assert_int_equal(left, 0);
}

static void test_accept_once(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct private_dir dir;
	struct err e;
	int client = socket(AF_UNIX, SOCK_STREAM, 0), fd;

	(void)state;
	assert_int_equal(private_make(&dir, &e), 0);
	assert_int_equal(private_accept(&dir, PRIVATE_PORT, &e), -EAGAIN);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/%s", dir.path, ARGV_PORT);
	assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
	fd = private_accept(&dir, PRIVATE_PORT, &e);
	assert_true(fd >= 0);
	assert_int_equal(dir.listen[PRIVATE_PORT], -1);
	close(fd);
	close(client);
	private_remove(&dir);
}

static void test_places_that_do_not_do(void **state)
{
	struct private_dir dir;
	struct err e;
	char top[] = "/tmp/test_private-XXXXXX", deep[150];

	(void)state;
	setenv("TMPDIR", "/no/such/place", 1);
	assert_int_equal(private_make(&dir, &e), -ENOENT);
	assert_non_null(strstr(e.text, "TMPDIR"));
	assert_non_null(mkdtemp(top));
	snprintf(deep, sizeof(deep), "%s/%0100d", top, 0);
	assert_int_equal(mkdir(deep, 0700), 0);
	setenv("TMPDIR", deep, 1);
	assert_int_equal(private_make(&dir, &e), -ENAMETOOLONG);
	assert_non_null(strstr(e.text, "set TMPDIR to a shorter one"));
	/* Nothing was left in it. */
	assert_int_equal(rmdir(deep), 0);
	assert_int_equal(rmdir(top), 0);
	unsetenv("TMPDIR");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_make_and_remove),
	        cmocka_unit_test(test_killed),
	        cmocka_unit_test(test_accept_once),
	        cmocka_unit_test(test_places_that_do_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
