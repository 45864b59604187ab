/* SPDX-License-Identifier: MIT */
#include "harness/msr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int msr_read(const char *root, uint32_t index, uint64_t *value)
{
	char path[PATH_MAX];
	ssize_t n;
	int rc = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/cpu/0/msr", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, value, sizeof(*value), (off_t)index);
	if (n < 0)
		rc = -errno;
	else if (n != sizeof(*value))
		rc = -EIO;
	close(fd);
	return rc;
}
