/* SPDX-License-Identifier: MIT */
/* A guest kernel that is none, for tests that look at its header and no further. */
#ifndef TESTS_VMRUN_BZIMAGE_H
#define TESTS_VMRUN_BZIMAGE_H

#include "tests/cmocka.h"
#include "tests/tree.h"

/* A bzImage as far as anybody looks: its magic and its release. */
static inline void bzimage_make(const char *root, const char *path, const char *release)
{
	unsigned char header[0x400] = {0};
	FILE *file = tree_create(root, path);

	memcpy(header + 0x202, "HdrS", 4);
	header[0x20e] = 0x80; /* 0x280, less 0x200 */
	header[0x20f] = 0x00;
	snprintf((char *)header + 0x280, 100, "%s (builder) #1 SMP", release);
	assert_int_equal(fwrite(header, 1, sizeof(header), file), sizeof(header));
	fclose(file);
}

#endif
