/* SPDX-License-Identifier: MIT */
/* Footnotes: equal texts share a number. */
#ifndef ANALYSIS_SHOW_NOTES_H
#define ANALYSIS_SHOW_NOTES_H

#include <stdio.h>

#include "analysis/read/intern.h"

/* All zero is a valid empty list. */
struct notes {
	struct intern texts;
};

/* The number of the footnote that says `text`, from 1. < 0 without memory. */
int notes_add(struct notes *notes, const char *text, struct err *e);

/* "[1] text", wrapped at `width` columns with the text indented. */
void notes_print(const struct notes *notes, FILE *out, int width);

/* `text` in lines of at most `width` columns; every line but the first begins with `indent` blanks,
 * and `column` columns of the first are taken already. Ends with a newline. */
void notes_wrap(FILE *out, const char *text, int column, int indent, int width);

void notes_free(struct notes *notes);

#endif
