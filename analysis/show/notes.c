/* SPDX-License-Identifier: MIT */
#include "analysis/show/notes.h"

#include <stdbool.h>
#include <string.h>

int notes_add(struct notes *notes, const char *text, struct err *e)
{
	uint32_t id;
	int rc = intern_add(&notes->texts, text, strlen(text), &id, e);

	return rc ? rc : (int)id + 1;
}

void notes_wrap(FILE *out, const char *text, int column, int indent, int width)
{
	bool first = true;

	while (*(text += strspn(text, " "))) {
		int word = (int)strcspn(text, " ");

		if (!first && column + 1 + word > width) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			putc(' ', out);
			column++;
		}
		/* What is no ASCII came from elsewhere and may not be UTF-8: keep the page whole.
		 */
		for (int i = 0; i < word; i++)
			putc((unsigned char)text[i] < 0x7f && text[i] >= ' ' ? text[i] : '?', out);
		column += word;
		text += word;
		first = false;
	}
	putc('\n', out);
}

void notes_print(const struct notes *notes, FILE *out, int width)
{
	for (size_t i = 0; i < notes->texts.count; i++) {
		int column = fprintf(out, "[%zu] ", i + 1);

		notes_wrap(out, intern_text(&notes->texts, (uint32_t)i), column, 4, width);
	}
}

void notes_free(struct notes *notes)
{
	intern_free(&notes->texts);
}
