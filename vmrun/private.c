/* SPDX-License-Identifier: MIT */
#include "vmrun/private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vmrun/argv.h"

static const char *const names[PRIVATE_SOCKETS] = {
        [PRIVATE_QMP] = ARGV_QMP,
        [PRIVATE_CONSOLE] = ARGV_CONSOLE,
        [PRIVATE_PORT] = ARGV_PORT,
};

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
	for (int i = 0; i < PRIVATE_SOCKETS; i++) {
		dir->listen[i] = listen_at(dir, names[i], e);
		if (dir->listen[i] < 0) {
			rc = dir->listen[i];
			private_remove(dir);
			return rc;
		}
	}
	return 0;
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
}
