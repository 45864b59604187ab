/* SPDX-License-Identifier: MIT */
/* Pieces of a page that needs nothing from elsewhere. */
#ifndef ANALYSIS_SHOW_HTML_H
#define ANALYSIS_SHOW_HTML_H

#include <stdio.h>

#include "harness/folder.h"

/* Begin and end of the document: head with style, and the script that sorts and filters tables. */
void html_begin(FILE *out, const char *title);
void html_end(FILE *out);

/* Text with everything escaped that means something to HTML; control characters become spaces. */
void html_text(FILE *out, const char *text);

/* <td>text</td>; the number of a cell is what its column is sorted by. */
void html_cell(FILE *out, const char *text);
void html_number(FILE *out, double value, const char *text);

/* A heading row: names separated by '|'. Leaves the table's body open; html_table_end closes it. */
void html_table(FILE *out, const char *caption, const char *headings);
void html_table_end(FILE *out);

/* The SVG file of that name in `folder` as a picture inside the page. */
int html_picture(FILE *out, const struct folder *folder, const char *svg, const char *title,
                 const char *text, struct err *e);

#endif
