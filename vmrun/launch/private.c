/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmrun/qemu/argv.h"

static const char *const names[PRIVATE_SOCKETS] = {
        [PRIVATE_QMP] = ARGV_QMP,
        [PRIVATE_CONSOLE] = ARGV_CONSOLE,
        [PRIVATE_PORT] = ARGV_PORT,
};

/* What else a run may have there. */
static const char *const files[] = {ARGV_INITRAMFS, ARGV_COUNTERS, ARGV_TRACE};

/*
 * The guard: waits until the other end of the pipe is closed, which not even SIGKILL can prevent,
 * and clears up. System calls only, since the parent may have threads; in a session of its own,
 * where no key that ends the parent reaches it.
 */
static _Noreturn void keep_guard(const char *path, int end)
{
	sigset_t all;
	char word;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(end, 0) < 0 || close_range(1, ~0U, 0) != 0 || read(0, &word, 1) != 0 ||
	    chdir(path) != 0)
		_exit(0);
	for (int i = 0; i < PRIVATE_SOCKETS; i++)
		unlink(names[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir(path);
	_exit(0);
}

static int post_guard(struct private_dir *dir, struct err *e)
{
	int ends[2], rc = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(e, "cannot make a pipe");
	dir->guard = fork();
	if (dir->guard == 0)
		keep_guard(dir->path, ends[0]);
	if (dir->guard < 0) {
		rc = err_errno(e, "cannot fork");
		dir->guard = 0;
		close(ends[1]);
	} else {
		dir->guarded = ends[1];
	}
	close(ends[0]);
	return rc;
}

/* Everything is removed: nothing is left to guard. */
static void dismiss_guard(struct private_dir *dir)
{
	if (!dir->guard)
		return;
	kill(dir->guard, SIGKILL);
	while (waitpid(dir->guard, NULL, 0) < 0 && errno == EINTR)
		;
	close(dir->guarded);
	dir->guard = 0;
	dir->guarded = -1;
}

static int listen_at(const struct private_dir *dir, const char *name, struct err *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", dir->path, name);
	int fd, rc;

	if (n >= (int)sizeof(address.sun_path))
		return err_set(
		        e, ENAMETOOLONG,
		        "the temporary directory's path is too long for a socket (%s): set TMPDIR "
		        "to a shorter one",
		        dir->path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, "cannot make a socket");
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0)
		return fd;
	rc = err_errno(e, "cannot listen on %s", address.sun_path);
	close(fd);
	return rc;
}

int private_make(struct private_dir *dir, struct err *e)
{
	const char *parent = getenv("TMPDIR");
	int rc;

	for (int i = 0; i < PRIVATE_SOCKETS; i++)
		dir->listen[i] = -1;
	dir->guard = 0;
	dir->guarded = -1;
	if (!parent || parent[0] != '/')
		parent = "/tmp";
	if (snprintf(dir->path, sizeof(dir->path), "%s/vmrun-XXXXXX", parent) >=
	    (int)sizeof(dir->path)) {
		dir->path[0] = '\0';
		return err_set(e, ENAMETOOLONG, "TMPDIR is too long");
	}
	if (!mkdtemp(dir->path)) {
		rc = err_errno(e,
		               "cannot make a private directory in %s (TMPDIR names another place)",
		               parent);
		dir->path[0] = '\0';
		return rc;
	}
	rc = post_guard(dir, e);
	for (int i = 0; i < PRIVATE_SOCKETS && !rc; i++) {
		dir->listen[i] = listen_at(dir, names[i], e);
		rc = dir->listen[i] < 0 ? dir->listen[i] : 0;
	}
	if (rc)
		private_remove(dir);
	return rc;
}

int private_accept(struct private_dir *dir, enum private_socket which, struct err *e)
{
	int fd = accept4(dir->listen[which], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return err_errno(e, "cannot accept QEMU's connection to %s", names[which]);
	close(dir->listen[which]);
	dir->listen[which] = -1;
	return fd;
}

/* It is flat: QEMU makes no directories in it. */
void private_remove(struct private_dir *dir)
{
	DIR *d;

	for (int i = 0; i < PRIVATE_SOCKETS; i++) {
		if (dir->listen[i] >= 0)
			close(dir->listen[i]);
		dir->listen[i] = -1;
	}
	if (!dir->path[0])
		return;
	d = opendir(dir->path);
	if (d) {
		const struct dirent *entry;

		while ((entry = readdir(d)))
			unlinkat(dirfd(d), entry->d_name, 0);
		closedir(d);
	}
	rmdir(dir->path);
	dir->path[0] = '\0';
	dismiss_guard(dir);
}
