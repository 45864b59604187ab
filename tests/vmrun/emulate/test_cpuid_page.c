/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/cpuid_page.h"

#include <stddef.h>

#include "tests/cmocka.h"

static struct cpuid_page page;

/* A processor with AVX and PKRU, and nothing at most leaves. */
static void ask(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4])
{
	const uint32_t *extended = context;

	memset(answer, 0, 4 * sizeof(*answer));
	if (leaf == 0)
		answer[0] = 0xd;
	else if (leaf == 1)
		answer[0] = 0xa00f11;
	else if (leaf == 0xd && subleaf == 0)
		answer[0] = 0x207, answer[1] = 0xa88;
	else if (leaf == 0xd && subleaf == 1)
		answer[0] = 0xf, answer[1] = 0x348;
	else if (leaf == 0xd && subleaf == 2)
		answer[0] = 0x100, answer[1] = 0x240;
	else if (leaf == 0xd && subleaf == 9)
		answer[0] = 8, answer[1] = 0xa80;
	else if (leaf == 0x80000000)
		answer[0] = *extended;
	else if (leaf > 0x80000000)
		answer[1] = leaf;
}

static const struct cpuid_entry *find(uint32_t leaf, uint32_t subleaf)
{
	for (uint32_t i = 0; i < page.count; i++)
		if (page.entry[i].leaf == leaf && page.entry[i].subleaf == subleaf)
			return &page.entry[i];
	return NULL;
}

static void has_what_the_processor_has(void **state)
{
	uint32_t extended = 0x8000001f;

	(void)state;
	assert_true(cpuid_page_fill(&page, ask, &extended));
	assert_int_equal(find(0, 0)->eax, 0xd);
	assert_int_equal(find(1, 0)->eax, 0xa00f11);
	assert_null(find(2, 0));
	assert_non_null(find(7, 0));
	assert_null(find(7, 1));
	assert_non_null(find(0xb, 1));
	assert_int_equal(find(0x8000001f, 0)->ebx, 0x8000001f);
	assert_null(find(0x80000020, 0));
}

/* Linux adds up the sizes of components, from those that XCR0 = 1 has. */
static void has_the_parts_of_the_xsave_area(void **state)
{
	uint32_t extended = 0x80000000;

	(void)state;
	assert_true(cpuid_page_fill(&page, ask, &extended));
	assert_int_equal(find(0xd, 0)->xcr0, 1);
	assert_int_equal(find(0xd, 0)->ebx, 0x240);
	assert_int_equal(find(0xd, 1)->ebx, 0x240);
	assert_int_equal(find(0xd, 1)->eax, 0xf);
	assert_int_equal(find(0xd, 2)->ebx, 0x240);
	assert_int_equal(find(0xd, 2)->xcr0, 0);
	assert_int_equal(find(0xd, 9)->eax, 8);
	assert_null(find(0xd, 3));
}

static void ask_all(void *context, uint32_t leaf, uint32_t subleaf, uint32_t answer[4])
{
	(void)context;
	(void)subleaf;
	for (int i = 0; i < 4; i++)
		answer[i] = leaf | 0x8fffffff;
}

static void says_when_it_is_full(void **state)
{
	(void)state;
	assert_false(cpuid_page_fill(&page, ask_all, NULL));
	assert_int_equal(page.count, CPUID_PAGE_ENTRIES);
	for (size_t i = 0; i < sizeof(page.rest); i++)
		assert_int_equal(page.rest[i], 0);
	assert_int_equal(offsetof(struct cpuid_page, entry), 16);
	assert_int_equal(sizeof(struct cpuid_entry), 48);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(has_what_the_processor_has),
	        cmocka_unit_test(has_the_parts_of_the_xsave_area),
	        cmocka_unit_test(says_when_it_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
