/* SPDX-License-Identifier: MIT */
#include "harness/environment_reader.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/utf8.h"

#define FILE_MAX (64UL << 10)

/* Remember why `key` is null. */
static void put_reason(const struct environment_section *s, const char *key, const char *reason)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%s", s->name, key);
	json_object_set_new(s->object, key, json_null());
	json_object_set_new(s->reader->unknown, name, utf8_json(reason));
}

void environment_put(const struct environment_section *s, const char *key, json_t *value,
                     const char *fmt, ...)
{
	if (value) {
		json_object_set_new(s->object, key, value);
	} else {
		char reason[512];
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(reason, sizeof(reason), fmt, ap);
		va_end(ap);
		put_reason(s, key, reason);
	}
}

static FILE *open_file(const struct environment_reader *r, const char *path)
{
	char full[PATH_MAX];

	if (snprintf(full, sizeof(full), "%s%s", r->root, path) >= (int)sizeof(full)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(full, "re");
}

/* White space at the end goes; NUL bytes between words (as in cmdline files) become spaces. */
static void tidy(char *text, size_t length)
{
	while (length && (isspace((unsigned char)text[length - 1]) || text[length - 1] == '\0'))
		length--;
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[length] = '\0';
}

char *environment_read(const struct environment_reader *r, const char *path)
{
	FILE *f = open_file(r, path);
	char *text;
	size_t length;
	int failed;

	if (!f)
		return NULL;
	text = malloc(FILE_MAX + 1);
	if (!text) {
		fclose(f);
		errno = ENOMEM;
		return NULL;
	}
	errno = 0;
	length = fread(text, 1, FILE_MAX + 1, f);
	failed = ferror(f) ? (errno ? errno : EIO) : 0;
	fclose(f);
	if (!failed && length > FILE_MAX)
		failed = EFBIG;
	if (failed) {
		free(text);
		errno = failed;
		return NULL;
	}
	tidy(text, length);
	return text;
}

static void unreadable(const struct environment_section *s, const char *key, const char *path)
{
	environment_put(s, key, NULL, "cannot read %s: %s", path, strerror(errno));
}

void environment_text(const struct environment_section *s, const char *key, const char *path)
{
	char *text = environment_read(s->reader, path);

	if (!text) {
		unreadable(s, key, path);
		return;
	}
	environment_put(s, key, utf8_json(text), "%s is no text", path);
	free(text);
}

void environment_number(const struct environment_section *s, const char *key, const char *path)
{
	char *text = environment_read(s->reader, path);
	char *end;
	long long value;

	if (!text) {
		unreadable(s, key, path);
		return;
	}
	errno = 0;
	value = strtoll(text, &end, 0);
	if (errno || end == text || *end)
		environment_put(s, key, NULL, "%s holds no number: \"%.40s\"", path, text);
	else
		environment_put(s, key, json_integer(value), "no memory");
	free(text);
}

void environment_truth(const struct environment_section *s, const char *key, const char *path)
{
	char *text = environment_read(s->reader, path);

	if (!text) {
		unreadable(s, key, path);
		return;
	}
	if (strcmp(text, "1") == 0 || strcmp(text, "Y") == 0)
		environment_put(s, key, json_true(), "no memory");
	else if (strcmp(text, "0") == 0 || strcmp(text, "N") == 0)
		environment_put(s, key, json_false(), "no memory");
	else
		environment_put(s, key, NULL, "%s holds neither 0 nor 1: \"%.40s\"", path, text);
	free(text);
}

void environment_choice(const struct environment_section *s, const char *key, const char *path)
{
	char *text = environment_read(s->reader, path);
	const char *begin;
	const char *end;

	if (!text) {
		unreadable(s, key, path);
		return;
	}
	begin = strchr(text, '[');
	end = begin ? strchr(begin, ']') : NULL;
	environment_put(s, key, end ? json_stringn(begin + 1, (size_t)(end - begin - 1)) : NULL,
	                "%s marks no choice: \"%.40s\"", path, text);
	free(text);
}

/* The entries of a folder, sorted by name; -1 with errno when it cannot be read. */
static int list_folder(const struct environment_reader *r, const char *path,
                       struct dirent ***entries)
{
	char full[PATH_MAX];

	if (snprintf(full, sizeof(full), "%s%s", r->root, path) >= (int)sizeof(full)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return scandir(full, entries, NULL, alphasort);
}

void environment_folder(const struct environment_section *s, const char *key, const char *path)
{
	struct dirent **entries;
	int count = list_folder(s->reader, path, &entries);
	struct environment_section files = {.reader = s->reader, .object = json_object()};
	char name[64];

	if (count < 0) {
		json_decref(files.object);
		unreadable(s, key, path);
		return;
	}
	snprintf(name, sizeof(name), "%s.%s", s->name, key);
	files.name = name;
	for (int i = 0; i < count; i++) {
		char file[PATH_MAX];

		snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.')
			environment_text(&files, entries[i]->d_name, file);
		free(entries[i]);
	}
	free(entries);
	environment_put(s, key, files.object, "no memory");
}

static int compare_unsigned(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a;
	unsigned y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

size_t environment_entries(const struct environment_reader *r, const char *path, const char *prefix,
                           unsigned *numbers, size_t room)
{
	size_t length = strlen(prefix);
	struct dirent **entries;
	size_t found = 0;
	int count = list_folder(r, path, &entries);

	if (count < 0)
		return 0;
	for (int i = 0; i < count; i++) {
		const char *digits = entries[i]->d_name + length;

		if (found < room && strncmp(entries[i]->d_name, prefix, length) == 0 && *digits &&
		    digits[strspn(digits, "0123456789")] == '\0')
			numbers[found++] = (unsigned)strtoul(digits, NULL, 10);
		free(entries[i]);
	}
	free(entries);
	qsort(numbers, found, sizeof(numbers[0]), compare_unsigned);
	return found;
}
