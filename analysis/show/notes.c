/* SPDX-License-Identifier: MIT */
#include "analysis/show/notes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int notes_add(struct notes *notes, const char *text, struct err *e)
{
	uint32_t id;
	int rc = intern_add(&notes->texts, text, strlen(text), &id, e);

	return rc ? rc : (int)id + 1;
}

int notes_add_place(struct notes *notes, const char *text, const char *place, struct err *e)
{
	int note = notes_add(notes, text, e);
	struct notes_place *places;

	if (note < 0)
		return note;
	for (size_t i = 0; i < notes->place_count; i++)
		if (notes->places[i].note == note && !strcmp(notes->places[i].name, place))
			return note;
	places = realloc(notes->places, (notes->place_count + 1) * sizeof(*places));
	if (!places)
		return err_set(e, ENOMEM, "no memory for a footnote");
	notes->places = places;
	places[notes->place_count] = (struct notes_place){.note = note};
	snprintf(places[notes->place_count].name, sizeof(places->name), "%s", place);
	notes->place_count++;
	return note;
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

/* " on nosev, sev and snp"; nothing for a note without places. */
static void put_places(FILE *out, const struct notes *notes, int note)
{
	size_t left = 0, first;

	for (size_t i = 0; i < notes->place_count; i++)
		left += notes->places[i].note == note;
	first = left;
	for (size_t i = 0; i < notes->place_count; i++) {
		if (notes->places[i].note != note)
			continue;
		fprintf(out, "%s%s",
		        left == first ? " on "
		        : left == 1   ? " and "
		                      : ", ",
		        notes->places[i].name);
		left--;
	}
}

/* The places stand in front of the colon of the text. */
static char *note_text(const struct notes *notes, int note)
{
	const char *text = intern_text(&notes->texts, (uint32_t)note - 1);
	const char *colon = strchr(text, ':');
	char *whole = NULL;
	size_t size;
	FILE *out = open_memstream(&whole, &size);

	if (!out)
		return NULL;
	fprintf(out, "%.*s", colon ? (int)(colon - text) : (int)strlen(text), text);
	put_places(out, notes, note);
	fputs(colon ? colon : "", out);
	if (fclose(out)) {
		free(whole);
		return NULL;
	}
	return whole;
}

int notes_print(const struct notes *notes, FILE *out, int width, struct err *e)
{
	for (size_t i = 0; i < notes->texts.count; i++) {
		char *text = note_text(notes, (int)i + 1);

		if (!text)
			return err_set(e, ENOMEM, "no memory for a footnote");
		notes_wrap(out, text, fprintf(out, "[%zu] ", i + 1), 4, width);
		free(text);
	}
	return 0;
}

void notes_free(struct notes *notes)
{
	intern_free(&notes->texts);
	free(notes->places);
	notes->places = NULL;
	notes->place_count = 0;
}
