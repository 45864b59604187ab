/* SPDX-License-Identifier: MIT */
#include "bench/cmd/bundle.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernels/registry.h"
#include "tests/cmocka.h"
#include "tests/skip.h"

/* A file of a page, by its size, in which there are a few bytes. */
#define SHORTER "/sys/devices/system/cpu/online"

/* No call failed, so that errno says nothing of it. */
static void test_half_a_file_is_no_bundle(void **state)
{
	char folder[] = "/tmp/bundle-XXXXXX", program[PATH_MAX], bundle[PATH_MAX];
	struct err e = {""};
	size_t count;

	(void)state;
	if (access(SHORTER, R_OK))
		skip_because("this Linux has no " SHORTER);
	assert_non_null(mkdtemp(folder));
	snprintf(program, sizeof(program), "%s/bench-%s", folder,
	         registry_kernels(&count)[0]->name);
	snprintf(bundle, sizeof(bundle), "%s/bundle.tar.gz", folder);
	assert_int_equal(symlink(SHORTER, program), 0);
	errno = ENOENT; /* of something earlier */
	assert_int_equal(bundle_write(bundle, false, folder, folder, &e), -EIO);
	assert_says(e, "cannot read the whole of");
	assert_int_not_equal(access(bundle, F_OK), 0);
	assert_int_equal(unlink(program), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_half_a_file_is_no_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
