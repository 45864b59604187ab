/* SPDX-License-Identifier: MIT */
#include "harness/mem.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/text.h"

#define PAGE      4096UL
#define HUGE_PAGE (2UL << 20)

static const char *const pages_names[MEM_PAGES_COUNT] = {"4k", "thp", "2m", "1g"};
static const char *const backing_names[MEM_BACKING_COUNT] = {"private", "shared", "twin"};
static const char *const fill_names[MEM_FILL_COUNT] = {"random", "zero", "one"};

const char *mem_pages_name(enum mem_pages pages)
{
	return pages_names[pages];
}

const char *mem_backing_name(enum mem_backing backing)
{
	return backing_names[backing];
}

const char *mem_fill_name(enum mem_fill fill)
{
	return fill_names[fill];
}

/* The index of `text` in `names`, or -EINVAL with a sentence that lists them. */
static int parse_name(const char *what, const char *const *names, int count, const char *text,
                      struct err *e)
{
	char list[64] = "";

	for (int i = 0; i < count; i++) {
		if (strcmp(text, names[i]) == 0)
			return i;
		text_add(list, sizeof(list), "%s%s", i ? ", " : "", names[i]);
	}
	return err_set(e, EINVAL, "unknown %s '%s': use one of %s", what, text, list);
}

int mem_pages_parse(const char *text, enum mem_pages *pages, struct err *e)
{
	int i = parse_name("page size", pages_names, MEM_PAGES_COUNT, text, e);

	if (i < 0)
		return i;
	*pages = (enum mem_pages)i;
	return 0;
}

int mem_backing_parse(const char *text, enum mem_backing *backing, struct err *e)
{
	int i = parse_name("backing", backing_names, MEM_BACKING_COUNT, text, e);

	if (i < 0)
		return i;
	*backing = (enum mem_backing)i;
	return 0;
}

int mem_fill_parse(const char *text, enum mem_fill *fill, struct err *e)
{
	int i = parse_name("fill", fill_names, MEM_FILL_COUNT, text, e);

	if (i < 0)
		return i;
	*fill = (enum mem_fill)i;
	return 0;
}

size_t mem_page_bytes(enum mem_pages pages)
{
	static const size_t bytes[MEM_PAGES_COUNT] = {
	        [MEM_4K] = PAGE,
	        [MEM_THP] = HUGE_PAGE,
	        [MEM_2M] = HUGE_PAGE,
	        [MEM_1G] = 1UL << 30,
	};

	return bytes[pages];
}

bool mem_pooled(enum mem_pages pages)
{
	return pages == MEM_2M || pages == MEM_1G;
}
