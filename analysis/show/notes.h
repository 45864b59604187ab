/* SPDX-License-Identifier: MIT */
/* Footnotes: equal texts share a number. */
#ifndef ANALYSIS_SHOW_NOTES_H
#define ANALYSIS_SHOW_NOTES_H

#include <stdio.h>

#include "analysis/read/intern.h"

struct notes_place {
	int note;
	char name[96];
};

/* All zero is a valid empty list. */
struct notes {
	struct intern texts;
	struct notes_place *places; /* in the order in which they were added */
	size_t place_count;
};

/* The number of the footnote that says `text`, from 1. < 0 without memory. */
int notes_add(struct notes *notes, const char *text, struct err *e);

/*
 * The same for what holds at a place and may hold at others too: "skipped: it is too cold" at snp
 * and at nosev is one footnote, "skipped on snp and nosev: it is too cold".
 */
int notes_add_place(struct notes *notes, const char *text, const char *place, struct err *e);

/* "[1] text", wrapped at `width` columns with the text indented. -ENOMEM. */
int notes_print(const struct notes *notes, FILE *out, int width, struct err *e);

/* `text` in lines of at most `width` columns; every line but the first begins with `indent` blanks,
 * and `column` columns of the first are taken already. Ends with a newline. */
void notes_wrap(FILE *out, const char *text, int column, int indent, int width);

void notes_free(struct notes *notes);

#endif
