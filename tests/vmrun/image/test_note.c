/* SPDX-License-Identifier: MIT */
#include "vmrun/image/note.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/counters_papi.h"
#include "tests/cmocka.h"

#define NOTE_TYPE 0x407c0c0a

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	Elf64_Nhdr note;
	char owner[4];
	char text[252];
};

static struct image make_image(const char *text)
{
	struct image image = {
	        .header = {.e_phoff = sizeof(Elf64_Ehdr), .e_phnum = 1},
	        .segment = {.p_type = PT_NOTE,
	                    .p_offset = offsetof(struct image, note),
	                    .p_align = 4,
	                    .p_filesz = sizeof(image.note) + 4 + strlen(text) + 1},
	        .note = {.n_namesz = 4,
	                 .n_descsz = (Elf64_Word)strlen(text) + 1,
	                 .n_type = NOTE_TYPE},
	        .owner = "FDO",
	};

	snprintf(image.text, sizeof(image.text), "%s", text);
	return image;
}

/* What the file names; the caller frees it. */
static char *read_image(const struct image *image, bool suggested)
{
	char path[] = "/tmp/test_note.XXXXXX", *list;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, image, sizeof(*image)), sizeof(*image));
	close(fd);
	list = note_libraries(path, suggested);
	unlink(path);
	return list;
}

static void assert_names(const char *text, bool suggested, const char *expected)
{
	struct image image = make_image(text);
	char *list = read_image(&image, suggested);

	if (expected)
		assert_string_equal(list, expected);
	else
		assert_null(list);
	free(list);
}

static void test_priorities(void **state)
{
	static const char text[] = "[{\"soname\":[\"liba.so.1\"],\"priority\":\"suggested\"},"
	                           "{\"soname\":[\"libb.so\",\"libb.so.2\"]}]";

	(void)state;
	assert_names(text, true, "liba.so.1 libb.so libb.so.2");
	assert_names(text, false, "libb.so libb.so.2");
}

static void test_what_names_nothing(void **state)
{
	(void)state;
	assert_names("", true, NULL);
	assert_names("[", true, NULL);
	assert_names("{\"soname\":[\"liba.so\"]}", true, NULL);
	assert_names("[{\"soname\":[7]}, 7, {}]", true, NULL);
	assert_null(note_libraries("/no/such/file", true));
	assert_null(note_libraries("/dev/null", true));
}

/* Lengths that point out of the segment, or out of the file. */
static void test_damaged_notes(void **state)
{
	static const char text[] = "[{\"soname\":[\"liba.so.1\"]}]";
	struct image image = make_image(text);

	(void)state;
	image.note.n_descsz = 5000;
	assert_null(read_image(&image, true));
	image = make_image(text);
	image.note.n_namesz = UINT32_MAX;
	assert_null(read_image(&image, true));
	image = make_image(text);
	image.segment.p_filesz = UINT64_MAX;
	assert_null(read_image(&image, true));
	image = make_image(text);
	image.segment.p_offset = 4000;
	assert_null(read_image(&image, true));
	image = make_image(text);
	image.note.n_type = 1;
	assert_null(read_image(&image, true));
	image = make_image(text);
	image.header.e_phnum = 9;
	image.segment.p_type = PT_LOAD;
	assert_null(read_image(&image, true));
}

/* This program has the counters, so it carries their note: and the name in it can be opened. */
static void test_our_own_note(void **state)
{
	struct counters_papi papi;
	char *list = note_libraries("/proc/self/exe", true);

	(void)state;
	assert_true(counters_papi_load(&papi));
	assert_string_equal(list, COUNTERS_PAPI);
	free(list);
	assert_null(note_libraries("/proc/self/exe", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_priorities),
	        cmocka_unit_test(test_what_names_nothing),
	        cmocka_unit_test(test_damaged_notes),
	        cmocka_unit_test(test_our_own_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
