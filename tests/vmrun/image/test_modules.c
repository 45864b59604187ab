/* SPDX-License-Identifier: MIT */
#include "vmrun/image/modules.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "tests/cmocka.h"

#include "vmrun/system/home.h"

/* The tree of the guest kernel that `make setup` unpacked; skips the test where there is none. */
static const char *tree(void)
{
	static char folder[PATH_MAX + NAME_MAX + 2];
	char modules[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (home_find("guest/lib/modules", modules, NULL)) {
		skip_because("no guest kernel here: run make setup");
	}
	dir = opendir(modules);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			snprintf(folder, sizeof(folder), "%s/%s", modules, entry->d_name);
	closedir(dir);
	return folder;
}

/* Where the module called `name` (virtio_ring) stands in the list, or -1. */
static int place(const struct modules *m, const char *name)
{
	char file[64];
	size_t i;

	snprintf(file, sizeof(file), "/%s.ko", name);
	for (i = 0; i < m->count; i++)
		if (strstr(m->paths[i], file))
			return (int)i;
	return -1;
}

static void test_dependencies_come_first_and_once(void **state)
{
	const char *folder = tree();
	struct modules m = {0};
	struct err e = {""};
	size_t count;

	(void)state;
	assert_int_equal(modules_add(&m, folder, "virtio_pci", &e), 0);
	assert_true(place(&m, "virtio_ring") >= 0);
	assert_true(place(&m, "virtio_ring") < place(&m, "virtio"));
	assert_true(place(&m, "virtio") < place(&m, "virtio_pci"));
	assert_int_equal(place(&m, "virtio_pci"), m.count - 1);
	count = m.count;
	/* Its dependencies are there; a dash is as good as an underscore. */
	assert_int_equal(modules_add(&m, folder, "virtio-console", &e), 0);
	assert_int_equal(m.count, count + 1);
	assert_int_equal(modules_add(&m, folder, "virtio_pci", &e), 0);
	assert_int_equal(m.count, count + 1);
	modules_free(&m);
	assert_int_equal(m.count, 0);
}

static void test_built_in_adds_nothing(void **state)
{
	const char *folder = tree();
	struct modules m = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(modules_add(&m, folder, "binfmt_script", &e), 0);
	assert_int_equal(m.count, 0);
	modules_free(&m);
}

static void test_missing_module(void **state)
{
	const char *folder = tree();
	struct modules m = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(modules_add(&m, folder, "no_such_module", &e), -ENOENT);
	assert_says(e, "the guest kernel has no module no_such_module in /");
	assert_int_equal(m.count, 0);
	modules_free(&m);
}

static void test_missing_tree(void **state)
{
	struct modules m = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(modules_add(&m, "/no/such/tree", "msr", &e), -ENOENT);
	assert_says(e, "cannot read the kernel's modules in /no/such/tree");
	assert_int_equal(modules_add(&m, "/proc/self", "msr", &e), -ENOENT);
	assert_says(e, "run depmod -b");
	assert_int_equal(modules_add_file(&m, "/proc/self", "/x.ko", &e), -ENOENT);
	modules_free(&m);
}

/* Copy a module, with the first character of its "vermagic=" value changed when `change` is set. */
static void copy_module(const char *from, const char *to, int change)
{
	FILE *in = fopen(from, "rb");
	FILE *out = fopen(to, "wb");
	static char bytes[1 << 20];
	char *version;
	size_t length;

	assert_non_null(in);
	assert_non_null(out);
	length = fread(bytes, 1, sizeof(bytes), in);
	assert_true(length > 0 && length < sizeof(bytes));
	version = memmem(bytes, length, "vermagic=", 9);
	assert_non_null(version);
	if (change)
		version[9] = '9';
	assert_int_equal(fwrite(bytes, 1, length, out), length);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void test_files_from_outside(void **state)
{
	const char *folder = tree();
	char copy[] = "/tmp/test_modules.XXXXXX";
	struct modules m = {0};
	struct modules known = {0};
	struct err e = {""};
	int fd = mkstemp(copy);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(modules_add(&known, folder, "virtio_console", &e), 0);
	if (!strstr(known.paths[known.count - 1], ".ko.")) {
		copy_module(known.paths[known.count - 1], copy, 0);
		assert_int_equal(modules_add_file(&m, folder, copy, &e), 0);
		assert_int_equal(m.count, known.count);
		assert_true(place(&m, "virtio_ring") >= 0);
		assert_string_equal(m.paths[m.count - 1], copy);
		modules_free(&m);
		copy_module(known.paths[known.count - 1], copy, 1);
		assert_int_equal(modules_add_file(&m, folder, copy, &e), -EINVAL);
		assert_says(e, "was built for Linux 9");
		assert_says(e, "build it again");
	}
	unlink(copy);
	assert_int_equal(modules_add_file(&m, folder, copy, &e), -ENOENT);
	assert_int_equal(modules_add_file(&m, folder, "/proc/self/exe", &e), -EINVAL);
	assert_says(e, "is no kernel module");
	assert_int_equal(m.count, 0);
	modules_free(&known);
	modules_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_dependencies_come_first_and_once),
	        cmocka_unit_test(test_built_in_adds_nothing),
	        cmocka_unit_test(test_missing_module),
	        cmocka_unit_test(test_missing_tree),
	        cmocka_unit_test(test_files_from_outside),
	};

	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
