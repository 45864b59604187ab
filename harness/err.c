/* SPDX-License-Identifier: MIT */
#include "harness/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/utf8.h"

/*
 * A sentence may quote what another program said, or a file's name: line breaks and whatever else
 * would move a terminal become blanks.
 */
static void keep_in_line(char *text)
{
	size_t end;

	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	utf8_clean(text); /* a character may be cut, too: a manifest would not take the sentence */
	for (end = strlen(text); end && text[end - 1] == ' '; end--)
		text[end - 1] = '\0';
}

/* One line; and a text that did not fit is marked, so that nobody takes its end for the sentence's.
 */
static void finish(struct err *e, int wanted)
{
	keep_in_line(e->text);
	if (wanted >= (int)sizeof(e->text))
		memcpy(e->text + sizeof(e->text) - 4, "...", 4);
}

/* In parentheses: the analyser has macros of these names. */
int(err_set)(struct err *e, int errnum, const char *fmt, ...)
{
	if (e) {
		va_list ap;

		va_start(ap, fmt);
		finish(e, vsnprintf(e->text, sizeof(e->text), fmt, ap));
		va_end(ap);
	}
	return -errnum;
}

int(err_errno)(struct err *e, const char *fmt, ...)
{
	int saved = errno ? errno : EIO;

	if (e) {
		va_list ap;
		char sentence[sizeof(e->text)];

		va_start(ap, fmt);
		vsnprintf(sentence, sizeof(sentence), fmt, ap);
		va_end(ap);
		finish(e, snprintf(e->text, sizeof(e->text), "%s: %s", sentence, strerror(saved)));
	}
	return -saved;
}

int err_wrap(struct err *e, int rc, const char *fmt, ...)
{
	if (e) {
		va_list ap;
		char context[sizeof(e->text)];
		char before[sizeof(e->text)];

		va_start(ap, fmt);
		vsnprintf(context, sizeof(context), fmt, ap);
		va_end(ap);
		memcpy(before, e->text, sizeof(before));
		finish(e, snprintf(e->text, sizeof(e->text), "%s: %s", context, before));
	}
	return rc;
}
