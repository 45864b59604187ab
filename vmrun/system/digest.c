/* SPDX-License-Identifier: MIT */
#include "vmrun/system/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmrun/system/known.h"

int digest_open(int fd, const char *name, char text[DIGEST_TEXT], struct err *e)
{
	uint8_t block[65536], digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx context;
	ssize_t n;

	sha256_init(&context);
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "cannot read %s", name);
		sha256_update(&context, (size_t)n, block);
	}
	sha256_digest(&context, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

/* A pipe or a device could keep us for ever, or before its open returns. */
static int read_digest(const char *path, char text[DIGEST_TEXT], struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0)
		return err_errno(e, "cannot read %s", path);
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		rc = err_set(e, EINVAL, "%s is no file: name one", path);
	else
		rc = digest_open(fd, path, text, e);
	close(fd);
	return rc;
}

int digest_file(const char *path, char text[DIGEST_TEXT], struct err *e)
{
	struct known known;
	char *before = known_find(&known, "sha256", path);
	int rc = 0;

	if (before) {
		snprintf(text, DIGEST_TEXT, "%s", before);
		free(before);
		return 0;
	}
	rc = read_digest(path, text, e);
	if (!rc)
		known_keep(&known, text);
	return rc;
}
