/* SPDX-License-Identifier: MIT */
#include "vmrun/image/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

#include "vmrun/image/modules.h"
#include "vmrun/system/home.h"
#include "vmrun/wire/jobs.h"

/* A folder of its own for every test, with the archive that is being written. */
struct scratch {
	char folder[64];
	char path[96];
	char self[PATH_MAX]; /* this test program: a dynamic program that surely is there */
};

static int make(void **state)
{
	struct scratch *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	if (home_find("bin/guest-init", p->self, NULL))
		fail_msg("the PID 1 of guests is not built: run make");
	snprintf(p->folder, sizeof(p->folder), "/tmp/test_initramfs.XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/initramfs", p->folder);
	assert_non_null(realpath("/proc/self/exe", p->self));
	*state = p;
	return 0;
}

/* Whatever the test did, nothing but the archive may be left. */
static int drop(void **state)
{
	struct scratch *p = *state;

	unlink(p->path);
	assert_int_equal(rmdir(p->folder), 0);
	free(p);
	return 0;
}

/* The tree of the guest kernel that `make setup` unpacked; skips the test where there is none. */
static const char *module_tree(void)
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

static uint8_t *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *bytes = NULL;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	*length = (size_t)st.st_size;
	bytes = malloc(*length + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *length, file), *length);
	fclose(file);
	return bytes;
}

/* One entry of the archive: its mode, and its bytes when asked for. 0 when it is not there. */
static mode_t look(const char *path, const char *name, uint8_t **bytes, size_t *length)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;
	mode_t mode = 0;

	archive_read_support_format_cpio(in);
	assert_int_equal(archive_read_open_filename(in, path, 65536), ARCHIVE_OK);
	while (!mode && archive_read_next_header(in, &entry) == ARCHIVE_OK) {
		if (strcmp(archive_entry_pathname(entry), name) != 0)
			continue;
		mode = archive_entry_mode(entry);
		assert_int_equal(archive_entry_mtime(entry), 0);
		assert_int_equal(archive_entry_uid(entry), 0);
		if (!bytes)
			continue;
		*length = (size_t)archive_entry_size(entry);
		*bytes = malloc(*length + 1);
		assert_non_null(*bytes);
		assert_int_equal(archive_read_data(in, *bytes, *length), *length);
	}
	archive_read_free(in);
	return mode;
}

/* Every folder before what is in it, every name once, in order. */
static void check_order(const char *path)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;
	char before[PATH_MAX] = "";
	unsigned count = 0;

	archive_read_support_format_cpio(in);
	assert_int_equal(archive_read_open_filename(in, path, 65536), ARCHIVE_OK);
	assert_int_equal(archive_read_next_header(in, &entry), ARCHIVE_OK);
	assert_int_equal(archive_format(in), ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
	do {
		assert_true(strcmp(before, archive_entry_pathname(entry)) < 0);
		snprintf(before, sizeof(before), "%s", archive_entry_pathname(entry));
		count++;
	} while (archive_read_next_header(in, &entry) == ARCHIVE_OK);
	assert_true(count > 10);
	archive_read_free(in);
}

/* Every segment as it was; no sections, nor anything behind the segments. */
static void check_program(const uint8_t *original, size_t original_length, const uint8_t *packed,
                          size_t length)
{
	Elf64_Ehdr header;
	uint64_t end = 0;

	memcpy(&header, packed, sizeof(header));
	assert_int_equal(header.e_shoff, 0);
	assert_int_equal(header.e_shnum, 0);
	assert_true(length < original_length);
	/* The first segment holds the header, of which the place of the sections was taken away. */
	assert_memory_equal(packed, original, offsetof(Elf64_Ehdr, e_shoff));
	assert_memory_equal(packed + sizeof(header), original + sizeof(header),
	                    length - sizeof(header));
	for (size_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr p;

		memcpy(&p, packed + header.e_phoff + i * sizeof(p), sizeof(p));
		end = p.p_offset + p.p_filesz > end ? p.p_offset + p.p_filesz : end;
	}
	assert_int_equal(length, end);
}

static void test_holds_what_the_job_needs(void **state)
{
	struct scratch *p = *state;
	const char *const programs[] = {p->self};
	const char *const modules[] = {"cpuid"};
	/* What the tree does not have is left out. */
	const char *const optional[] = {"no_such_module", NULL};
	const struct vm_payload payload = {.programs = programs,
	                                   .program_count = 1,
	                                   .modules = modules,
	                                   .module_count = 1,
	                                   .optional = optional};
	char *const argv[] = {(char *)"/bin/test_initramfs", (char *)"--size", NULL};
	const struct vm_job job = {.argv = argv, .seconds = 7};
	struct job_list *list;
	uint8_t *bytes = NULL;
	uint8_t *original;
	size_t length = 0;
	size_t original_length;
	struct modules port = {0};
	struct err e = {""};

	assert_int_equal(modules_add(&port, module_tree(), "virtio_console", &e), 0);
	if (initramfs_write(p->path, &payload, &job, 1, module_tree(), &e))
		fail_msg("%s", e.text);
	check_order(p->path);
	assert_int_equal(look(p->path, "init", NULL, NULL), S_IFREG | 0755);
	assert_int_equal(look(p->path, "bin", NULL, NULL), S_IFDIR | 0755);
	assert_int_equal(look(p->path, "dev/console", NULL, NULL), S_IFCHR | 0600);
	assert_int_equal(look(p->path, "lib64", NULL, NULL), S_IFLNK | 0777);
	assert_int_equal(look(p->path, "lib/libc.so.6", NULL, NULL), S_IFREG | 0755);
	assert_int_equal(look(p->path, "lib/ld-linux-x86-64.so.2", NULL, NULL), S_IFREG | 0755);
	assert_int_equal(look(p->path, "lib/modules/virtio_console.ko", NULL, NULL),
	                 port.count ? S_IFREG | 0644 : 0);
	assert_int_equal(look(p->path, "bin/test_initramfs", &bytes, &length), S_IFREG | 0755);
	original = read_file(p->self, &original_length);
	check_program(original, original_length, bytes, length);
	free(original);
	free(bytes);
	assert_int_equal(look(p->path, "jobs", &bytes, &length), S_IFREG | 0644);
	assert_int_equal(jobs_decode(bytes, length, &list, &e), 0);
	assert_int_equal(list->job_count, 1);
	assert_int_equal(list->jobs[0].seconds, 7);
	assert_string_equal(list->jobs[0].argv[1], "--size");
	/* The port's modules first, unless they are built in; then the payload's own. */
	assert_non_null(
	        strstr(list->modules[0], port.count ? "/lib/modules/virtio" : "/lib/modules/msr"));
	modules_free(&port);
	assert_string_equal(list->modules[list->module_count - 1], "/lib/modules/cpuid.ko");
	free(list);
	free(bytes);
}

static void test_same_input_same_bytes(void **state)
{
	struct scratch *p = *state;
	const char *const programs[] = {p->self};
	const struct vm_payload payload = {.programs = programs, .program_count = 1};
	char *const argv[] = {(char *)"/bin/test_initramfs", NULL};
	const struct vm_job job = {.argv = argv};
	uint8_t *one;
	uint8_t *two;
	size_t one_length;
	size_t two_length;
	struct err e;

	assert_int_equal(initramfs_write(p->path, &payload, &job, 1, module_tree(), &e), 0);
	one = read_file(p->path, &one_length);
	unlink(p->path);
	assert_int_equal(initramfs_write(p->path, &payload, &job, 1, module_tree(), &e), 0);
	two = read_file(p->path, &two_length);
	assert_int_equal(one_length, two_length);
	assert_memory_equal(one, two, one_length);
	free(one);
	free(two);
}

static void test_without_modules(void **state)
{
	struct scratch *p = *state;
	const struct vm_payload nothing = {0};
	const char *const names[] = {"msr"};
	const struct vm_payload with_module = {.modules = names, .module_count = 1};
	struct job_list *list;
	uint8_t *bytes = NULL;
	size_t length = 0;
	struct err e = {""};

	assert_int_equal(initramfs_write(p->path, &nothing, NULL, 0, NULL, &e), 0);
	assert_int_equal(look(p->path, "lib/modules", NULL, NULL), 0);
	assert_true(look(p->path, "jobs", &bytes, &length) != 0);
	assert_int_equal(jobs_decode(bytes, length, &list, &e), 0);
	assert_int_equal(list->module_count, 0);
	free(list);
	free(bytes);
	unlink(p->path);
	assert_int_equal(initramfs_write(p->path, &with_module, NULL, 0, NULL, &e), -EINVAL);
	assert_says(e, "without a module folder");
	assert_int_equal(access(p->path, F_OK), -1);
}

/* Each is refused with a sentence, and leaves no file. */
static void test_bad_input(void **state)
{
	struct scratch *p = *state;
	const char *const twice[] = {p->self, p->self};
	const char *const missing[] = {"/no/such/program"};
	const char *const unknown[] = {"no_such_module"};
	const struct vm_payload two = {.programs = twice, .program_count = 2};
	const struct vm_payload none = {.programs = missing, .program_count = 1};
	const struct vm_payload odd = {.modules = unknown, .module_count = 1};
	const struct vm_payload nothing = {0};
	char *const argv[] = {(char *)"/bin/bench-memcpy", NULL};
	const struct vm_job job = {.argv = argv};
	struct err e = {""};

	assert_int_equal(initramfs_write(p->path, &two, NULL, 0, NULL, &e), -EINVAL);
	assert_string_equal(e.text, "two programs would be /bin/test_initramfs in the guest");
	assert_int_equal(initramfs_write(p->path, &none, NULL, 0, NULL, &e), -ENOENT);
	assert_says(e, "/no/such/program");
	assert_int_equal(initramfs_write(p->path, &odd, NULL, 0, module_tree(), &e), -ENOENT);
	assert_says(e, "no_such_module");
	assert_int_equal(initramfs_write(p->path, &nothing, &job, 1, NULL, &e), -EINVAL);
	assert_says(e, "job 0 runs /bin/bench-memcpy, which is not in the guest");
	assert_int_equal(access(p->path, F_OK), -1);
	assert_int_equal(initramfs_write("/no/such/folder/i", &nothing, NULL, 0, NULL, &e),
	                 -ENOENT);
	assert_says(e, "cannot write the initramfs /no/such/folder/i");
}

/* A limit on file sizes fails in the middle of a write, as a full disk does. */
static void test_no_room(void **state)
{
	struct scratch *p = *state;
	const struct vm_payload nothing = {0};
	struct rlimit before;
	struct rlimit limit;
	struct err e = {""};
	int rc;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = initramfs_write(p->path, &nothing, NULL, 0, NULL, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, -EFBIG);
	assert_says(e, "cannot write the initramfs /tmp/test_initramfs.");
	assert_says(e, "File too large");
	assert_int_equal(access(p->path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_holds_what_the_job_needs, make, drop),
	        cmocka_unit_test_setup_teardown(test_same_input_same_bytes, make, drop),
	        cmocka_unit_test_setup_teardown(test_without_modules, make, drop),
	        cmocka_unit_test_setup_teardown(test_bad_input, make, drop),
	        cmocka_unit_test_setup_teardown(test_no_room, make, drop),
	};

	return cmocka_run_group_tests_name("initramfs", tests, NULL, NULL);
}
