/* SPDX-License-Identifier: MIT */
#include "harness/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 8 /* deeper than any directory of results */

/* What is open as folder->fd, whose path is owned by it from here on. */
static int check_owner(struct folder *folder, struct err *e)
{
	struct stat st;

	if (fstat(folder->fd, &st))
		return err_errno(e, "cannot look at %s", folder->path);
	if (st.st_uid == geteuid() || st.st_uid == 0)
		return 0;
	return err_set(e, EPERM,
	               "%s is user %u's, and what is another's is never written: name a place of "
	               "your own with --out",
	               folder->path, (unsigned)st.st_uid);
}

int folder_open(const char *path, struct folder *folder, struct err *e)
{
	int rc;

	*folder = (struct folder){.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	if (folder->fd < 0)
		return err_errno(e, "cannot open the directory %s", path);
	if (asprintf(&folder->path, "%s", path) < 0) {
		folder->path = NULL;
		rc = err_set(e, ENOMEM, "no memory for the name of %s", path);
	} else {
		rc = check_owner(folder, e);
	}
	if (rc)
		folder_close(folder, true);
	return rc;
}

int folder_check_own(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return err_errno(e, "cannot look at %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, EPERM, "%s is no directory, or a link to one: name it itself",
		               path);
	if (st.st_uid != geteuid())
		return err_set(e, EPERM,
		               "%s belongs to another user (%u), and only who began a run goes on "
		               "with it: reports and comparisons take the results of others",
		               path, (unsigned)st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, EPERM,
		               "others may write to %s: when you know that nobody has, 'chmod go-w "
		               "%s' and try again",
		               path, path);
	return 0;
}

int folder_make(const struct folder *in, const char *name, struct folder *folder, struct err *e)
{
	int at = in ? in->fd : AT_FDCWD, rc = 0;

	*folder = (struct folder){.fd = -1};
	if (asprintf(&folder->path, "%s%s%s", in ? in->path : "", in ? "/" : "", name) < 0) {
		folder->path = NULL;
		return err_set(e, ENOMEM, "no memory for the name of %s", name);
	}
	folder->made = !mkdirat(at, name, 0777);
	if (!folder->made && errno != EEXIST) {
		rc = err_errno(e, "cannot make the directory %s", folder->path);
		goto out;
	}
	folder->fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder->fd >= 0) {
		rc = check_owner(folder, e);
	} else {
		struct stat st;

		if (!fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode))
			rc = err_set(e, ELOOP,
			             "%s is a symbolic link, and is not followed: name the "
			             "directory itself with --out, or remove the link",
			             folder->path);
		else
			rc = err_errno(e, "cannot open the directory %s", folder->path);
	}
out:
	if (rc)
		folder_close(folder, true);
	return rc;
}

void folder_close(struct folder *folder, bool failed)
{
	if (failed && folder->made && folder->path)
		rmdir(folder->path);
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->path);
	*folder = (struct folder){.fd = -1};
}

static int check_file(int fd, bool written, const char *path, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(e, "cannot look at %s/%s", path, name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s/%s is no regular file", path, name);
	if (written && st.st_nlink > 1)
		return err_set(e, EMLINK,
		               "%s/%s has another name elsewhere, and is not written: copy it, and "
		               "move the copy in its place",
		               path, name);
	return 0;
}

int folder_file(const struct folder *folder, const char *name, int flags, struct err *e)
{
	int fd = openat(folder->fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644), rc;

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ELOOP, "%s/%s is a symbolic link, and is not followed: remove it",
		               folder->path, name);
	if (fd < 0)
		return err_errno(e, "cannot open %s/%s", folder->path, name);
	rc = check_file(fd, (flags & O_ACCMODE) != O_RDONLY, folder->path, name, e);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void folder_remove(const char *path)
{
	nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
