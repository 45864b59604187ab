/* SPDX-License-Identifier: MIT */
#include "vmrun/image/contents.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/cmocka.h"

static void test_folders_come_by_themselves(void **state)
{
	struct contents c = {0};
	const struct contents_item *item;
	struct err e;

	(void)state;
	assert_int_equal(
	        contents_add_file(&c, "/b/c/self", "/proc/self/exe", 0755, CONTENTS_PROGRAM, &e),
	        0);
	assert_int_equal(contents_add_folder(&c, "/b", &e), 0);
	assert_int_equal(contents_add_link(&c, "/a", "b", &e), 0);
	assert_int_equal(contents_add_device(&c, "/b/console", makedev(5, 1), &e), 0);
	assert_int_equal(contents_add_bytes(&c, "/jobs", calloc(1, 4), 4, &e), 0);
	assert_int_equal(c.count, 6);
	contents_sort(&c);
	for (size_t i = 1; i < c.count; i++)
		assert_true(strcmp(c.items[i - 1].guest, c.items[i].guest) < 0);
	item = contents_find(&c, "/b/c");
	assert_non_null(item);
	assert_int_equal(item->mode, S_IFDIR | 0755);
	item = contents_find(&c, "/b/c/self");
	assert_non_null(item);
	assert_int_equal(item->mode, S_IFREG | 0755);
	assert_int_equal(item->form, CONTENTS_PROGRAM);
	item = contents_find(&c, "/jobs");
	assert_non_null(item);
	assert_int_equal(item->length, 4);
	assert_null(contents_find(&c, "/c"));
	contents_free(&c);
}

/* A device would never end. */
static void test_what_is_no_file(void **state)
{
	struct contents c = {0};
	struct err e;

	(void)state;
	assert_int_equal(contents_add_file(&c, "/zero", "/dev/zero", 0644, CONTENTS_AS_IT_IS, &e),
	                 -EINVAL);
	assert_says(e, "/dev/zero is not a file");
	assert_null(contents_find(&c, "/zero"));
	contents_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_folders_come_by_themselves),
	        cmocka_unit_test(test_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
