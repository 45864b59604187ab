/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/tree.h"
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
	assert_int_equal(private_accept(&dir, PRIVATE_PORT, getpgrp(), &e), -EAGAIN);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/%s", dir.path, ARGV_PORT);
	assert_int_equal(connect(client, (const struct sockaddr *)&address, sizeof(address)), 0);
	fd = private_accept(&dir, PRIVATE_PORT, getpgrp(), &e);
	assert_true(fd >= 0);
	assert_int_equal(dir.listen[PRIVATE_PORT], -1);
	close(fd);
	close(client);
	private_remove(&dir);
}

/* Another process of the same user came first: QEMU is still waited for. */
static void test_stranger(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct private_dir dir;
	struct err e;
	int status;
	pid_t child;

	(void)state;
	assert_int_equal(private_make(&dir, &e), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/%s", dir.path, ARGV_PORT);
	child = fork();
	if (child == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		setpgid(0, 0);
		_exit(connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(private_accept(&dir, PRIVATE_PORT, getpgrp(), &e), -EAGAIN);
	assert_says(e, "somebody else than QEMU");
	assert_true(dir.listen[PRIVATE_PORT] >= 0);
	private_remove(&dir);
}

/* The files of a run, in a directory that is none. */
static void make_victim(char path[64])
{
	static const char *const names[] = {ARGV_QMP, ARGV_INITRAMFS, ARGV_COUNTERS, ARGV_TRACE};

	snprintf(path, 64, "/tmp/test_private-XXXXXX");
	assert_non_null(mkdtemp(path));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fclose(tree_create(path, names[i]));
}

static void victim_is_whole(const char *path)
{
	static const char *const names[] = {ARGV_QMP, ARGV_INITRAMFS, ARGV_COUNTERS, ARGV_TRACE};
	char file[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]);
		assert_int_equal(access(file, F_OK), 0);
	}
	tree_remove(path);
}

/* A link to another directory was put in its place: that other one is none of ours. */
static void test_replaced(void **state)
{
	char moved[PATH_MAX + 8], victim[64], place[PATH_MAX];
	struct private_dir dir;
	struct err e;

	(void)state;
	make_victim(victim);
	assert_int_equal(private_make(&dir, &e), 0);
	snprintf(place, sizeof(place), "%s", dir.path);
	snprintf(moved, sizeof(moved), "%s.moved", dir.path);
	assert_int_equal(rename(dir.path, moved), 0);
	assert_int_equal(symlink(victim, dir.path), 0);
	private_remove(&dir);
	victim_is_whole(victim);
	assert_int_equal(unlink(place), 0);
	assert_int_equal(rmdir(moved), 0); /* what was in it was ours */
}

/* The same, and nobody is left but the guard. */
static void test_replaced_and_killed(void **state)
{
	char moved[PATH_MAX + 8], victim[64], place[PATH_MAX];
	int ends[2], status, left = -1;
	struct private_dir dir;
	pid_t child;

	(void)state;
	make_victim(victim);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (private_make(&dir, NULL) ||
		    write(ends[1], dir.path, sizeof(dir.path)) != sizeof(dir.path))
			_exit(1);
		pause();
	}
	assert_int_equal(read(ends[0], place, sizeof(place)), sizeof(place));
	close(ends[0]);
	close(ends[1]);
	snprintf(moved, sizeof(moved), "%s.moved", place);
	assert_int_equal(rename(place, moved), 0);
	assert_int_equal(symlink(victim, place), 0);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	for (int i = 0; i < 500 && left; i++) {
		left = rmdir(moved);
		usleep(10000);
	}
	assert_int_equal(left, 0);
	victim_is_whole(victim);
	assert_int_equal(unlink(place), 0);
}

/* What another user gets of it: a way in, and no more than a QEMU takes. */
static void test_give(void **state)
{
	static const struct {
		const char *name;
		bool owned;
	} rows[] = {{ARGV_QMP, true},        {ARGV_CONSOLE, true},  {ARGV_PORT, true},
	            {ARGV_INITRAMFS, false}, {ARGV_COUNTERS, true}, {ARGV_TRACE, true}};
	const uid_t uid = 65534;
	const gid_t gid = 65533;
	struct private_dir dir;
	struct stat st;
	struct err e;

	(void)state;
	if (geteuid() != 0)
		skip_because("only root can give files to another user");
	assert_int_equal(private_make(&dir, &e), 0);
	for (size_t i = PRIVATE_SOCKETS; i < sizeof(rows) / sizeof(rows[0]); i++)
		close(openat(dir.fd, rows[i].name, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(private_give(&dir, uid, gid, &e), 0);
	assert_int_equal(stat(dir.path, &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, gid);
	assert_int_equal(st.st_mode & 07777, 0710);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(fstatat(dir.fd, rows[i].name, &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(st.st_uid, rows[i].owned ? uid : 0);
		if (!rows[i].owned)
			assert_int_equal(st.st_mode & 0777, 0440);
	}
	private_remove(&dir);
}

static void test_places_that_others_rule(void **state)
{
	char top[] = "/tmp/test_private-XXXXXX";
	struct private_dir dir;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(top));
	setenv("TMPDIR", top, 1);
	assert_int_equal(chmod(top, 0777), 0);
	assert_int_equal(private_make(&dir, &e), -EPERM);
	assert_says(e, "by TMPDIR");
	assert_int_equal(chmod(top, 01777), 0); /* as /tmp: what is ours stays there */
	assert_int_equal(private_make(&dir, &e), 0);
	private_remove(&dir);
	if (geteuid() == 0) {
		assert_int_equal(chown(top, 65534, 0), 0);
		assert_int_equal(private_make(&dir, &e), -EPERM);
	}
	assert_int_equal(rmdir(top), 0);
	unsetenv("TMPDIR");
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
	        cmocka_unit_test(test_stranger),
	        cmocka_unit_test(test_replaced),
	        cmocka_unit_test(test_replaced_and_killed),
	        cmocka_unit_test(test_give),
	        cmocka_unit_test(test_places_that_others_rule),
	        cmocka_unit_test(test_places_that_do_not_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
