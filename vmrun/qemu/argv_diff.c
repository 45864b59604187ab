/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/argv_diff.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options whose value is one text, commas and all. */
static const char *const whole[] = {"-append", "-kernel", "-initrd", "-bios", "-m", "-plugin"};

/* Options of which there are several: what tells one from the other. */
static const struct {
	const char *option, *key; /* key NULL: the first word of the value */
} several[] = {{"-object", "id"}, {"-chardev", "id"}, {"-device", NULL}};

/* One setting of a command line: where it stands, and its value. Both owned. */
struct setting {
	char *where, *value;
	bool paired;
};

struct settings {
	struct setting *at;
	size_t count;
	bool failed;
};

static void add(struct settings *s, char *where, char *value)
{
	struct setting *at = realloc(s->at, (s->count + 1) * sizeof(*at));

	if (at)
		s->at = at;
	if (!at || !where || !value) {
		s->failed = true;
		free(where);
		free(value);
		return;
	}
	at[s->count++] = (struct setting){.where = where, .value = value};
}

static char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return text;
}

/* The length of the next part of an option's value: up to a comma that is not doubled. */
static size_t part_length(const char *text)
{
	const char *p = text;

	while (*p && (*p != ',' || p[1] == ','))
		p += *p == ',' ? 2 : 1;
	return (size_t)(p - text);
}

/* The value of `key` in an option's value, or its first word where `key` is NULL. Owned. */
static char *value_of(const char *value, const char *key)
{
	for (const char *p = value; *p; p += *p == ',') {
		size_t length = part_length(p), name = key ? strlen(key) : 0;

		if (!key)
			return strndup(p, length);
		if (length > name && !strncmp(p, key, name) && p[name] == '=')
			return strndup(p + name + 1, length - name - 1);
		p += length;
	}
	return strdup("");
}

static const char *naming_key(const char *option)
{
	for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
		if (!strcmp(option, several[i].option))
			return several[i].key;
	}
	return NULL;
}

/* The name under which the parts of an option stand: "-machine", "-object ram1". Owned. */
static char *name_of(const char *option, const char *value)
{
	for (size_t i = 0; i < sizeof(several) / sizeof(several[0]); i++) {
		char *which, *name;

		if (strcmp(option, several[i].option) != 0)
			continue;
		which = value_of(value, several[i].key);
		name = which ? format("%s %s", option, which) : NULL;
		free(which);
		return name;
	}
	return strdup(option);
}

static void split(struct settings *s, const char *option, const char *value)
{
	char *name = name_of(option, value);
	const char *p = value, *naming = naming_key(option);

	if (!name) {
		s->failed = true;
		return;
	}
	while (*p) {
		size_t length = part_length(p), key = strcspn(p, "=");
		bool keyed = key < length;

		if (keyed && naming && key == strlen(naming) && !strncmp(p, naming, key))
			; /* it is in the name */
		else if (keyed)
			add(s, format("%s %.*s", name, (int)key, p),
			    strndup(p + key + 1, length - key - 1));
		else if (p == value)
			add(s, strdup(name), strndup(p, length));
		else
			add(s, format("%s %.*s", name, (int)length, p), strdup("given"));
		p += length;
		p += *p == ',';
	}
	free(name);
}

static bool is_whole(const char *option)
{
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		if (!strcmp(option, whole[i]))
			return true;
	}
	return false;
}

/* argv[0] is QEMU itself; then options, each with one value or none. */
static void read_settings(struct settings *s, char *const *argv)
{
	add(s, strdup("QEMU"), strdup(argv[0]));
	for (size_t i = 1; argv[i]; i++) {
		const char *value = argv[i + 1];

		if (!value || value[0] == '-') {
			add(s, strdup(argv[i]), strdup("given"));
			continue;
		}
		if (is_whole(argv[i]))
			add(s, strdup(argv[i]), strdup(value));
		else
			split(s, argv[i], value);
		i++;
	}
}

static void free_settings(struct settings *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->at[i].where);
		free(s->at[i].value);
	}
	free(s->at);
}

/* Take the setting's texts into a difference. */
static int note(struct argv_diff *d, struct setting *left, struct setting *right,
                const enum platform platform[2], struct err *e)
{
	struct argv_difference *more =
	        realloc(d->differences, (d->count + 1) * sizeof(*d->differences));
	struct setting *named = left ? left : right;

	if (!more)
		return err_set(e, ENOMEM, "no memory to compare command lines");
	d->differences = more;
	more += d->count++;
	*more = (struct argv_difference){.where = named->where};
	named->where = NULL;
	if (left) {
		more->value[0] = left->value;
		left->value = NULL;
	}
	if (right) {
		more->value[1] = right->value;
		right->value = NULL;
	}
	more->reason = argv_reason(more->where, platform);
	d->unexplained += !more->reason;
	return 0;
}

static struct setting *partner(const struct settings *s, const char *where)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!s->at[i].paired && !strcmp(s->at[i].where, where))
			return &s->at[i];
	}
	return NULL;
}

static int compare(struct settings side[2], const enum platform platform[2], struct argv_diff *d,
                   struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < side[0].count; i++) {
		struct setting *left = &side[0].at[i], *right = partner(&side[1], left->where);

		if (right)
			right->paired = true;
		if (right && !strcmp(left->value, right->value))
			d->same++;
		else
			rc = note(d, left, right, platform, e);
	}
	for (size_t i = 0; !rc && i < side[1].count; i++) {
		if (!side[1].at[i].paired)
			rc = note(d, NULL, &side[1].at[i], platform, e);
	}
	return rc;
}

int argv_diff(char *const *const argv[2], const enum platform platform[2], struct argv_diff *diff,
              struct err *e)
{
	struct settings side[2] = {{0}};
	int rc;

	memset(diff, 0, sizeof(*diff));
	for (int i = 0; i < 2; i++)
		read_settings(&side[i], argv[i]);
	if (side[0].failed || side[1].failed)
		rc = err_set(e, ENOMEM, "no memory to compare command lines");
	else
		rc = compare(side, platform, diff, e);
	for (int i = 0; i < 2; i++)
		free_settings(&side[i]);
	return rc;
}

void argv_diff_free(struct argv_diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		free(diff->differences[i].where);
		free(diff->differences[i].value[0]);
		free(diff->differences[i].value[1]);
	}
	free(diff->differences);
	memset(diff, 0, sizeof(*diff));
}
