/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmrun/qemu/argv.h"

/* Everything that a run has there, and what a QEMU of another user's does with it. */
static const struct entry {
	const char *name;
	enum { READS, OWNS } does;
} entries[] = {
        [PRIVATE_QMP] = {ARGV_QMP, OWNS},
        [PRIVATE_CONSOLE] = {ARGV_CONSOLE, OWNS},
        [PRIVATE_PORT] = {ARGV_PORT, OWNS},
        {ARGV_INITRAMFS, READS},
        {ARGV_COUNTERS, OWNS},
        {ARGV_TRACE, OWNS},
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

/* Its name in the directory that it is in. */
static const char *name_of(const struct private_dir *dir)
{
	return strrchr(dir->path, '/') + 1;
}

/* By system calls alone. */
static void clear(int fd, int parent, const char *name)
{
	for (size_t i = 0; i < ENTRIES; i++)
		unlinkat(fd, entries[i].name, 0);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/*
 * The guard: waits until the other end of the pipe is closed, which not even SIGKILL can prevent,
 * and clears up. System calls only, since the parent may have threads; in a session of its own,
 * where no key that ends the parent reaches it.
 */
static _Noreturn void keep_guard(const struct private_dir *dir, int end)
{
	const int needed[] = {end, dir->fd, dir->parent};
	const char *name = name_of(dir);
	sigset_t all;
	char word;

	setsid();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* First out of the way of one another: to 0, 1 and 2, and nothing else stays open. */
	for (int i = 0; i < 3; i++) {
		int away = fcntl(needed[i], F_DUPFD, 3);

		if (away < 0 || dup2(away, i) < 0)
			_exit(1);
	}
	if (close_range(3, ~0U, 0) != 0 || read(0, &word, 1) != 0)
		_exit(1);
	clear(1, 2, name);
	_exit(0);
}

static int post_guard(struct private_dir *dir, struct err *e)
{
	int ends[2], rc = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(e, "cannot make a pipe");
	dir->guard = fork();
	if (dir->guard == 0)
		keep_guard(dir, ends[0]);
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

void private_init(struct private_dir *dir)
{
	dir->path[0] = '\0';
	dir->fd = dir->parent = -1;
	for (int i = 0; i < PRIVATE_SOCKETS; i++)
		dir->listen[i] = -1;
	dir->guard = 0;
	dir->guarded = -1;
}

/* Where nobody but us and root can rename what is ours. */
static int open_parent(const char *path, int *fd, struct err *e)
{
	struct stat st;

	*fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) != 0)
		return err_errno(e,
		                 "cannot make a private directory in %s (TMPDIR names another "
		                 "place)",
		                 path);
	if ((st.st_uid == 0 || st.st_uid == geteuid()) &&
	    (!(st.st_mode & S_IWOTH) || st.st_mode & S_ISVTX))
		return 0;
	return err_set(e, EPERM,
	               "no private directory can be made in %s: it is another user's, or others "
	               "could replace what is in it (name a directory of your own by TMPDIR)",
	               path);
}

static int make_directory(struct private_dir *dir, struct err *e)
{
	const char *parent = getenv("TMPDIR");
	int rc;

	if (!parent || parent[0] != '/')
		parent = "/tmp";
	rc = open_parent(parent, &dir->parent, e);
	if (rc)
		return rc;
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
	dir->fd =
	        openat(dir->parent, name_of(dir), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir->fd >= 0)
		return 0;
	rc = err_errno(e, "cannot open %s", dir->path);
	unlinkat(dir->parent, name_of(dir), AT_REMOVEDIR);
	return rc;
}

int private_make(struct private_dir *dir, struct err *e)
{
	int rc;

	private_init(dir);
	rc = make_directory(dir, e);
	if (!rc)
		rc = post_guard(dir, e);
	for (int i = 0; i < PRIVATE_SOCKETS && !rc; i++) {
		dir->listen[i] = listen_at(dir, entries[i].name, e);
		rc = dir->listen[i] < 0 ? dir->listen[i] : 0;
	}
	if (rc)
		private_remove(dir);
	return rc;
}

static int give(const struct private_dir *dir, const struct entry *entry, uid_t uid, gid_t gid)
{
	bool owns = entry->does == OWNS;

	if (fchownat(dir->fd, entry->name, owns ? uid : (uid_t)-1, gid, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : -1;
	return owns ? 0 : fchmodat(dir->fd, entry->name, 0440, 0);
}

int private_give(const struct private_dir *dir, uid_t uid, gid_t gid, struct err *e)
{
	for (size_t i = 0; i < ENTRIES; i++) {
		if (give(dir, &entries[i], uid, gid) != 0)
			return err_errno(e, "cannot give %s/%s to user %u", dir->path,
			                 entries[i].name, (unsigned)uid);
	}
	/* Last: until now nobody came in. */
	if (fchown(dir->fd, (uid_t)-1, gid) != 0 || fchmod(dir->fd, 0710) != 0)
		return err_errno(e, "cannot let user %u into %s", (unsigned)uid, dir->path);
	return 0;
}

/* Is the other end a process of that group? */
static bool is_of(int fd, pid_t group)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0 &&
	       getpgid(peer.pid) == group;
}

int private_accept(struct private_dir *dir, enum private_socket which, pid_t group, struct err *e)
{
	int fd = accept4(dir->listen[which], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return err_errno(e, "cannot accept QEMU's connection to %s", entries[which].name);
	if (!is_of(fd, group)) {
		close(fd);
		return err_set(e, EAGAIN, "somebody else than QEMU has connected to %s",
		               entries[which].name);
	}
	close(dir->listen[which]);
	dir->listen[which] = -1;
	return fd;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void private_remove(struct private_dir *dir)
{
	for (int i = 0; i < PRIVATE_SOCKETS; i++)
		close_fd(&dir->listen[i]);
	if (dir->fd >= 0)
		clear(dir->fd, dir->parent, name_of(dir));
	close_fd(&dir->fd);
	close_fd(&dir->parent);
	dir->path[0] = '\0';
	dismiss_guard(dir);
}
