/* SPDX-License-Identifier: MIT */
/* What an interrupted run has left, or somebody else in its name. */
#include "bench/run/own_file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/tree.h"

struct fixture {
	char directory[32], file[64], other[64];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->directory, "/tmp/test_own_file.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->file, sizeof(f->file), "%s/file", f->directory);
	snprintf(f->other, sizeof(f->other), "%s/other", f->directory);
	assert_int_equal(tree_set(f->directory, "other", "precious"), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	int rc = tree_remove(f->directory);

	free(f);
	return rc;
}

static void a_file_is_opened(void **state)
{
	const struct fixture *f = *state;
	FILE *file = own_file_open(f->other);
	char text[16];

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_string_equal(text, "precious");
	fclose(file);
	assert_null(own_file_open(f->file));
	assert_int_equal(errno, ENOENT);
}

static void what_leads_elsewhere_is_not(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(symlink("other", f->file), 0);
	assert_null(own_file_open(f->file));
	assert_int_equal(errno, ELOOP);
	unlink(f->file);
	assert_int_equal(link(f->other, f->file), 0);
	assert_null(own_file_open(f->file));
	assert_int_equal(errno, EPERM);
	unlink(f->file);
	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_null(own_file_open(f->file));
	assert_int_equal(errno, EPERM);
	if (geteuid() == 0) {
		assert_int_equal(chown(f->other, 65534, 65534), 0);
		assert_null(own_file_open(f->other));
		assert_int_equal(errno, EPERM);
	}
}

static void a_directory_is_the_callers(void **state)
{
	const struct fixture *f = *state;
	struct err e;

	assert_int_equal(own_file_directory(f->directory, &e), 0);
	assert_int_equal(symlink(f->directory, f->file), 0);
	assert_int_equal(own_file_directory(f->file, &e), -EPERM);
	assert_int_equal(chmod(f->directory, 0775), 0);
	assert_int_equal(own_file_directory(f->directory, &e), -EPERM);
	assert_says(e, "chmod go-w");
	assert_int_equal(chmod(f->directory, 0755), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(f->directory, 65534, 65534), 0);
		assert_int_equal(own_file_directory(f->directory, &e), -EPERM);
		assert_says(e, "another user (65534)");
	}
}

#define t(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(a_file_is_opened),
	        t(what_leads_elsewhere_is_not),
	        t(a_directory_is_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
