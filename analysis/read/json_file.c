/* SPDX-License-Identifier: MIT */
#include "analysis/read/json_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/shape.h"

static int read_object(FILE *file, const char *path, json_t **object, struct err *e)
{
	json_error_t why;
	struct stat st;
	int rc = 0;

	if (fstat(fileno(file), &st))
		return err_errno(e, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is no regular file", path);
	if (st.st_size > JSON_FILE_MAX)
		return err_set(e, EINVAL, "%s has more than %d bytes: no sevbench wrote this", path,
		               JSON_FILE_MAX);
	*object = json_loadf(file, 0, &why);
	if (!*object)
		return err_set(e, EINVAL, "%s: line %d: %s", path, why.line, why.text);
	if (!json_is_object(*object))
		rc = err_set(e, EINVAL,
		             "%s: line 1: it holds no JSON object, and so nothing of a run", path);
	else if ((rc = shape_limits(*object, e)) != 0)
		err_wrap(e, rc, "%s", path);
	if (rc) {
		json_decref(*object);
		*object = NULL;
	}
	return rc;
}

int json_file_read(const char *path, json_t **object, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc;
	FILE *file;

	*object = NULL;
	if (fd < 0)
		return err_errno(e, "cannot open %s", path);
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return err_set(e, ENOMEM, "no memory to read %s", path);
	}
	rc = read_object(file, path, object, e);
	fclose(file);
	return rc;
}
