/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for a word more, and the NULL behind it. */
static bool make_room(struct words *w)
{
	size_t room = w->room ? 2 * w->room : 32;
	char **at;

	if (w->count + 1 < w->room)
		return true;
	at = realloc(w->at, room * sizeof(*at));
	if (!at)
		return false;
	w->at = at;
	w->at[w->count] = NULL;
	w->room = room;
	return true;
}

static void add_formatted(struct words *w, const char *fmt, va_list ap)
        __attribute__((format(printf, 2, 0)));

static void add_formatted(struct words *w, const char *fmt, va_list ap)
{
	char *word;

	if (w->failed || !make_room(w) || vasprintf(&word, fmt, ap) < 0) {
		w->failed = true;
		return;
	}
	w->at[w->count++] = word;
	w->at[w->count] = NULL;
}

void words_add(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(w, fmt, ap);
	va_end(ap);
}

void words_add_option(struct words *w, const char *option, const char *fmt, ...)
{
	va_list ap;

	words_add(w, "-%s", option);
	va_start(ap, fmt);
	add_formatted(w, fmt, ap);
	va_end(ap);
}
