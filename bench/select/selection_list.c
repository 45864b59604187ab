/* SPDX-License-Identifier: MIT */
#include "bench/select/selection_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel.h"
#include "harness/place.h"
#include "harness/units.h"

/* What one word of a list stands for: a uint64_t, or the kind of value that the list has. */
typedef int parse_word(const char *what, const char *word, void *value, struct err *e);

static int word_threads(const char *what, const char *word, void *value, struct err *e)
{
	uint64_t *threads = value;

	if (!strcmp(word, "cores")) {
		*threads = SELECTION_LIST_CORES;
		return 0;
	}
	return units_parse_number(what, word, 1, PLACE_MAX, value, e);
}

static int word_axis(const char *what, const char *word, void *value, struct err *e)
{
	int rc = units_parse_size(word, value, NULL);

	if (!rc)
		return 0;
	return units_parse_number(what, word, 0, AXIS_END - 1, value, e);
}

static int word_pages(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_pages pages;
	int rc = mem_pages_parse(word, &pages, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)pages;
	return 0;
}

static int word_backing(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_backing backing;
	int rc = mem_backing_parse(word, &backing, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)backing;
	return 0;
}

static int word_fill(const char *what, const char *word, void *value, struct err *e)
{
	enum mem_fill fill;
	int rc = mem_fill_parse(word, &fill, e);

	if (rc)
		return err_wrap(e, rc, "%s", what);
	*(uint64_t *)value = (uint64_t)fill;
	return 0;
}

static int word_size(const char *what, const char *word, void *value, struct err *e)
{
	int rc = selection_size_parse(word, value, e);

	return rc ? err_wrap(e, rc, "%s", what) : 0;
}

/* `values` has room for SELECTION_LIST_MAX values of `size` bytes. */
static int parse_words(const char *what, const char *text, parse_word *parse, size_t *count,
                       void *values, size_t size, struct err *e)
{
	char *copy = strdup(text), *rest = copy, *word;
	int rc = 0;

	if (!copy)
		return err_set(e, ENOMEM, "no memory for \"%s\"", text);
	*count = 0;
	while (!rc && (word = strsep(&rest, ","))) {
		if (*count == SELECTION_LIST_MAX)
			rc = err_set(e, EINVAL, "%s: more than %d values", what,
			             SELECTION_LIST_MAX);
		else
			rc = parse(what, word, (char *)values + *count * size, e);
		++*count;
	}
	free(copy);
	return rc;
}

static int parse_numbers(const char *what, const char *text, parse_word *parse,
                         struct selection_list *list, struct err *e)
{
	return parse_words(what, text, parse, &list->count, list->value, sizeof(*list->value), e);
}

int selection_list_parse_sizes(const char *what, const char *text,
                               struct selection_list_sizes *list, struct err *e)
{
	return parse_words(what, text, word_size, &list->count, list->value, sizeof(*list->value),
	                   e);
}

int selection_list_parse_threads(const char *what, const char *text, struct selection_list *list,
                                 struct err *e)
{
	return parse_numbers(what, text, word_threads, list, e);
}

int selection_list_parse_pages(const char *what, const char *text, struct selection_list *list,
                               struct err *e)
{
	return parse_numbers(what, text, word_pages, list, e);
}

int selection_list_parse_backings(const char *what, const char *text, struct selection_list *list,
                                  struct err *e)
{
	return parse_numbers(what, text, word_backing, list, e);
}

int selection_list_parse_fills(const char *what, const char *text, struct selection_list *list,
                               struct err *e)
{
	return parse_numbers(what, text, word_fill, list, e);
}

int selection_list_parse_axis(const char *what, const char *text, struct selection_list *list,
                              struct err *e)
{
	return parse_numbers(what, text, word_axis, list, e);
}
