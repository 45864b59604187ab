/* SPDX-License-Identifier: MIT */
#include "vmrun/image/closure.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static const char *find(const struct closure *c, const char *guest)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->files[i].guest, guest) == 0)
			return c->files[i].host;
	return NULL;
}

/* The test program itself is dynamic, and so is cmocka, which it needs. */
static void test_of_a_dynamic_program(void **state)
{
	struct closure c = {0};
	struct err e = {""};
	size_t before;
	size_t i;

	(void)state;
	assert_int_equal(closure_add(&c, "/proc/self/exe", &e), 0);
	assert_non_null(find(&c, "/lib/libc.so.6"));
	assert_non_null(find(&c, "/lib/libcmocka.so.0"));
	assert_string_equal(find(&c, "/lib/ld-linux-x86-64.so.2"), "/lib64/ld-linux-x86-64.so.2");
	for (i = 0; i < c.count; i++) {
		assert_int_equal(access(c.files[i].host, R_OK), 0);
		assert_null(strstr(c.files[i].guest, "vdso"));
		if (i)
			assert_true(strcmp(c.files[i - 1].guest, c.files[i].guest) < 0);
	}
	before = c.count;
	assert_int_equal(closure_add(&c, "/proc/self/exe", &e), 0);
	assert_int_equal(c.count, before);
	closure_free(&c);
	assert_int_equal(c.count, 0);
}

/* Write a file of `length` bytes and try it as a program. */
static int try_file(const void *bytes, size_t length, struct err *e)
{
	char path[] = "/tmp/test_closure.XXXXXX";
	struct closure c = {0};
	int fd = mkstemp(path);
	int rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	rc = closure_add(&c, path, e);
	if (!rc)
		assert_int_equal(c.count, 0);
	closure_free(&c);
	unlink(path);
	return rc;
}

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	char interpreter[64];
};

static struct image make_image(const char *interpreter)
{
	struct image image = {
	        .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
	                   .e_type = ET_DYN,
	                   .e_machine = EM_X86_64,
	                   .e_phoff = sizeof(Elf64_Ehdr),
	                   .e_phentsize = sizeof(Elf64_Phdr),
	                   .e_phnum = 1},
	        .segment = {.p_type = PT_INTERP,
	                    .p_offset = offsetof(struct image, interpreter),
	                    .p_filesz = strlen(interpreter) + 1},
	};

	memcpy(image.interpreter, interpreter, strlen(interpreter));
	return image;
}

static void test_static_programs_need_nothing(void **state)
{
	struct image image = make_image("");
	struct err e = {""};

	(void)state;
	image.segment.p_type = PT_LOAD;
	assert_int_equal(try_file(&image, sizeof(image), &e), 0);
	image.header.e_type = ET_EXEC;
	assert_int_equal(try_file(&image, sizeof(image), &e), 0);
}

static void test_what_is_no_program(void **state)
{
	struct image image = make_image("/lib64/ld-linux-x86-64.so.2");
	struct err e = {""};

	(void)state;
	assert_int_equal(try_file("#!/bin/sh\n", 10, &e), -EINVAL);
	assert_says(e, "is no x86-64 ELF program");
	assert_int_equal(try_file("", 0, &e), -EINVAL);
	image.header.e_machine = EM_AARCH64;
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	image.header.e_machine = EM_X86_64;
	image.header.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	image.header.e_ident[EI_CLASS] = ELFCLASS64;
	image.header.e_phnum = 9;
	image.segment.p_type = PT_LOAD;
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	assert_says(e, "is cut");
}

static void test_bad_interpreters(void **state)
{
	struct image image = make_image("/no/such/ld.so");
	struct err e = {""};

	(void)state;
	assert_int_equal(try_file(&image, sizeof(image), &e), -ENOENT);
	assert_says(e, "cannot execute /no/such/ld.so");
	image.segment.p_filesz--;
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	image.segment.p_filesz = (uint64_t)1 << 40;
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	assert_says(e, "does not name its interpreter properly");
	image = make_image("relative");
	assert_int_equal(try_file(&image, sizeof(image), &e), -EINVAL);
	/* A real interpreter that cannot make anything of the file says so, and we pass it on. */
	image = make_image("/lib64/ld-linux-x86-64.so.2");
	assert_int_equal(try_file(&image, sizeof(image), &e), -EIO);
	assert_says(e, "cannot list the shared libraries of");
}

static void test_no_file(void **state)
{
	struct closure c = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(closure_add(&c, "/no/such/program", &e), -ENOENT);
	assert_string_equal(e.text,
	                    "cannot read the program /no/such/program: No such file or directory");
}

/* A fake interpreter that prints `listing`: what it prints is what is parsed. */
static int try_listing(const char *listing, struct closure *c, struct err *e)
{
	char folder[] = "/tmp/test_closure.XXXXXX";
	char interpreter[64];
	char program[64];
	struct image image;
	FILE *file;
	int rc;

	assert_non_null(mkdtemp(folder));
	snprintf(interpreter, sizeof(interpreter), "%s/ld.so", folder);
	snprintf(program, sizeof(program), "%s/program", folder);
	file = fopen(interpreter, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ncat <<'END'\n%sEND\n", listing);
	fclose(file);
	assert_int_equal(chmod(interpreter, 0755), 0);
	image = make_image(interpreter);
	file = fopen(program, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(&image, sizeof(image), 1, file), 1);
	fclose(file);
	rc = closure_add(c, program, e);
	unlink(program);
	unlink(interpreter);
	rmdir(folder);
	return rc;
}

static void test_lines_of_a_list(void **state)
{
	struct closure c = {0};
	struct err e = {""};

	(void)state;
	assert_int_equal(try_listing("\tlinux-vdso.so.1 (0x00007f00)\n"
	                             "\tlibz.so.1 => /etc/passwd (0x00007f01)\n"
	                             "\t/opt/own/libown.so (0x00007f02)\n"
	                             "\t/lib64/ld-linux-x86-64.so.2 (0x00007f03)\n"
	                             "\tlibspace.so => /opt/a b (c)/lib.so (0x00007f04)\n",
	                             &c, &e),
	                 0);
	assert_int_equal(c.count, 5);
	assert_string_equal(find(&c, "/lib/libz.so.1"), "/etc/passwd");
	assert_string_equal(find(&c, "/opt/own/libown.so"), "/opt/own/libown.so");
	assert_non_null(find(&c, "/lib/ld-linux-x86-64.so.2"));
	assert_string_equal(find(&c, "/lib/libspace.so"), "/opt/a b (c)/lib.so");
	assert_int_equal(try_listing("\tlibz.so.1 => /etc/group (0x00007f01)\n", &c, &e), -EEXIST);
	assert_says(e, "/lib/libz.so.1 in the guest: /etc/passwd and /etc/group");
	closure_free(&c);
	assert_int_equal(try_listing("\tlibgone.so.3 => not found\n", &c, &e), -ENOENT);
	assert_says(e, "program needs libgone.so.3, which this machine does not");
	closure_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_of_a_dynamic_program),
	        cmocka_unit_test(test_static_programs_need_nothing),
	        cmocka_unit_test(test_what_is_no_program),
	        cmocka_unit_test(test_bad_interpreters),
	        cmocka_unit_test(test_no_file),
	        cmocka_unit_test(test_lines_of_a_list),
	};

	return cmocka_run_group_tests_name("closure", tests, NULL, NULL);
}
