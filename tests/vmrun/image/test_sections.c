/* SPDX-License-Identifier: MIT */
#include "vmrun/image/sections.h"

#include <elf.h>

#include "tests/cmocka.h"

#define SEGMENT_END 0x300
#define SECTIONS    0x400
#define LENGTH      (SECTIONS + 3 * sizeof(Elf64_Shdr))

/* One segment, something behind it, and three sections. */
static void make(uint8_t bytes[LENGTH + 1])
{
	const Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64},
	                           .e_phoff = sizeof(Elf64_Ehdr),
	                           .e_phentsize = sizeof(Elf64_Phdr),
	                           .e_phnum = 1,
	                           .e_shoff = SECTIONS,
	                           .e_shentsize = sizeof(Elf64_Shdr),
	                           .e_shnum = 3,
	                           .e_shstrndx = 2};
	const Elf64_Phdr segment = {.p_offset = 0x100, .p_filesz = SEGMENT_END - 0x100};

	memset(bytes, 0x55, LENGTH + 1);
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), &segment, sizeof(segment));
}

static void test_cut(void **state)
{
	uint8_t bytes[LENGTH + 1], before[LENGTH + 1];
	Elf64_Ehdr header;

	(void)state;
	make(bytes);
	make(before);
	assert_int_equal(sections_cut(bytes, LENGTH), SEGMENT_END);
	memcpy(&header, bytes, sizeof(header));
	assert_int_equal(header.e_shoff, 0);
	assert_int_equal(header.e_shnum, 0);
	assert_int_equal(header.e_shstrndx, 0);
	assert_memory_equal(bytes + sizeof(header), before + sizeof(header),
	                    LENGTH - sizeof(header));
}

/* Each stays as it is, to the last byte. */
static void stays(uint8_t *bytes, size_t length)
{
	uint8_t before[LENGTH + 1];

	memcpy(before, bytes, sizeof(before));
	assert_int_equal(sections_cut(bytes, length), length);
	assert_memory_equal(bytes, before, sizeof(before));
}

static void test_what_stays(void **state)
{
	uint8_t bytes[LENGTH + 1];
	Elf64_Phdr segment;

	(void)state;
	make(bytes);
	stays(bytes, 0);
	stays(bytes, sizeof(Elf64_Ehdr) - 1);
	stays(bytes, LENGTH + 1); /* it carries something behind the sections */
	bytes[EI_CLASS] = ELFCLASS32;
	stays(bytes, LENGTH);
	make(bytes);
	bytes[0] = '#';
	stays(bytes, LENGTH);
	make(bytes);
	memcpy(&segment, bytes + sizeof(Elf64_Ehdr), sizeof(segment));
	segment.p_filesz = LENGTH; /* from 0x100 on: more than there is */
	memcpy(bytes + sizeof(Elf64_Ehdr), &segment, sizeof(segment));
	stays(bytes, LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cut),
	        cmocka_unit_test(test_what_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
