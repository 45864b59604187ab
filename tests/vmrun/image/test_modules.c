/* SPDX-License-Identifier: MIT */
#include "vmrun/image/modules.h"

#include <archive.h>
#include <archive_entry.h>
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

/* Where the module called `name` (fat) stands in the list, or -1. */
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
	/* A module everywhere, where virtio may be built in. */
	assert_int_equal(modules_add(&m, folder, "kvm_amd", &e), 0);
	assert_true(place(&m, "kvm") >= 0);
	assert_true(place(&m, "kvm") < place(&m, "kvm-amd"));
	assert_int_equal(place(&m, "kvm-amd"), m.count - 1);
	count = m.count;
	/* Its dependencies are there; a dash is as good as an underscore. */
	assert_int_equal(modules_add(&m, folder, "kvm-intel", &e), 0);
	assert_int_equal(m.count, count + 1);
	assert_int_equal(modules_add(&m, folder, "kvm-amd", &e), 0);
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

/* The bytes of a module, which may be compressed. */
static size_t read_module(const char *path, char *bytes, size_t size)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;
	la_ssize_t length;

	archive_read_support_filter_all(in);
	archive_read_support_format_raw(in);
	assert_int_equal(archive_read_open_filename(in, path, 65536), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(in, &entry), ARCHIVE_OK);
	length = archive_read_data(in, bytes, size);
	assert_true(length > 0 && (size_t)length < size);
	archive_read_free(in);
	return (size_t)length;
}

/* Copy a module, with the first character of its "vermagic=" value changed when `change` is set. */
static void copy_module(const char *from, const char *to, int change)
{
	FILE *out = fopen(to, "wb");
	static char bytes[1 << 20];
	size_t length = read_module(from, bytes, sizeof(bytes));
	char *version = memmem(bytes, length, "vermagic=", 9);

	assert_non_null(out);
	assert_non_null(version);
	if (change)
		version[9] = '9';
	assert_int_equal(fwrite(bytes, 1, length, out), length);
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
	assert_int_equal(modules_add(&known, folder, "vfat", &e), 0);
	assert_true(known.count > 0);
	copy_module(known.paths[known.count - 1], copy, 0);
	assert_int_equal(modules_add_file(&m, folder, copy, &e), 0);
	assert_int_equal(m.count, known.count);
	assert_true(place(&m, "fat") >= 0);
	assert_string_equal(m.paths[m.count - 1], copy);
	modules_free(&m);
	copy_module(known.paths[known.count - 1], copy, 1);
	assert_int_equal(modules_add_file(&m, folder, copy, &e), -EINVAL);
	assert_says(e, "was built for Linux 9");
	assert_says(e, "build it again");
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
