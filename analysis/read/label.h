/* SPDX-License-Identifier: MIT */
/*
 * Cells for people. The cells of a kernel are told apart by the parameters that vary among them;
 * those that do not are said once.
 */
#ifndef ANALYSIS_READ_LABEL_H
#define ANALYSIS_READ_LABEL_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/read/samples.h"

#define LABEL_TEXT 160

enum label_part {
	LABEL_VARIANT, /* always shown */
	LABEL_PARAMS,
	LABEL_PAGES,
	LABEL_BACKING,
	LABEL_FILL,
	LABEL_THREADS,
	LABEL_SIZE,
	LABEL_PART_COUNT
};

/* "variant", "params" ...: the headings, and the names in the texts below. */
const char *label_part_name(enum label_part part);

/* One part of a cell: "avx2", "64M", "4k"; "" where the cell has none. */
const char *label_part_text(const struct samples *s, const struct samples_cell *cell,
                            enum label_part part, char text[LABEL_TEXT]);

struct label {
	const struct samples *samples;
	bool varies[LABEL_PART_COUNT];
	int width[LABEL_PART_COUNT]; /* of the widest text and the heading */
};

/* Of the cells first to first + count - 1, which are of one kernel. */
void label_make(struct label *label, const struct samples *s, size_t first, size_t count);

/* Columns that label_head and label_print fill. */
int label_width(const struct label *label);

/* The headings of the parts that vary, and those parts of a cell: sizes and threads to the right.
 */
void label_head(const struct label *label, FILE *out);
void label_print(const struct label *label, const struct samples_cell *cell, FILE *out);

/* "size=64M threads=1": what all the cells have in common, as `cell` shows it; "" when nothing. */
const char *label_common(const struct label *label, const struct samples_cell *cell,
                         char text[LABEL_TEXT]);

/* "memcpy/avx2 size=64M threads=1 pages=4k": a cell all alone. */
const char *label_cell(const struct samples *s, const struct samples_cell *cell,
                       char text[LABEL_TEXT]);

/* How many cells from `first` on are of the same kernel. */
size_t label_kernel_cells(const struct samples *s, size_t first);

#endif
