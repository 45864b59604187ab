/* SPDX-License-Identifier: MIT */
#include "bench/run/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int own_file_directory(const char *path, struct err *e)
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

FILE *own_file_open(const char *path)
{
	/* A pipe must not hold us up. */
	int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	FILE *file;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_nlink != 1) {
		close(fd);
		errno = EPERM;
		return NULL;
	}
	file = fdopen(fd, "r+");
	if (!file)
		close(fd);
	return file;
}
