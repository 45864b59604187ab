/* SPDX-License-Identifier: MIT */
#include "analysis/read/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_object(int fd, const char *path, json_t **object, struct err *e)
{
	json_error_t why;
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(e, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is no regular file", path);
	*object = json_loadfd(fd, 0, &why);
	if (!*object)
		return err_set(e, EINVAL, "%s: line %d: %s", path, why.line, why.text);
	if (json_is_object(*object))
		return 0;
	json_decref(*object);
	*object = NULL;
	return err_set(e, EINVAL, "%s: line 1: it holds no JSON object, and so nothing of a run",
	               path);
}

int json_file_read(const char *path, json_t **object, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc;

	*object = NULL;
	if (fd < 0)
		return err_errno(e, "cannot open %s", path);
	rc = read_object(fd, path, object, e);
	close(fd);
	return rc;
}
