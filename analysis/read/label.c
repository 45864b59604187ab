/* SPDX-License-Identifier: MIT */
#include "analysis/read/label.h"

#include <string.h>

#include "harness/units.h"

#define PART_WIDTH 40 /* what is longer is cut in a label */

static const char *const part_names[LABEL_PART_COUNT] = {
        [LABEL_VARIANT] = "variant", [LABEL_PARAMS] = "params", [LABEL_PAGES] = "pages",
        [LABEL_BACKING] = "backing", [LABEL_FILL] = "fill",     [LABEL_THREADS] = "threads",
        [LABEL_SIZE] = "size",
};

const char *label_part_name(enum label_part part)
{
	return part_names[part];
}

const char *label_part_text(const struct samples *s, const struct samples_cell *cell,
                            enum label_part part, char text[LABEL_TEXT])
{
	const struct samples_cell_key *key = &cell->key;
	const uint32_t ids[LABEL_PART_COUNT] = {
	        [LABEL_VARIANT] = key->variant, [LABEL_PARAMS] = key->params,
	        [LABEL_PAGES] = key->pages,     [LABEL_BACKING] = key->backing,
	        [LABEL_FILL] = key->fill,
	};

	text[0] = '\0';
	if (part == LABEL_SIZE) {
		if (key->size)
			units_size(key->size, text);
	} else if (part == LABEL_THREADS) {
		snprintf(text, LABEL_TEXT, "%u", key->threads);
	} else {
		snprintf(text, LABEL_TEXT, "%s", samples_text(s, ids[part]));
	}
	return text;
}

void label_make(struct label *label, const struct samples *s, size_t first, size_t count)
{
	char one[LABEL_TEXT], other[LABEL_TEXT];

	memset(label, 0, sizeof(*label));
	label->samples = s;
	label->varies[LABEL_VARIANT] = true;
	for (int p = 0; p < LABEL_PART_COUNT; p++) {
		enum label_part part = (enum label_part)p;

		label->width[p] = (int)strlen(part_names[p]);
		label_part_text(s, &s->cells[first], part, one);
		for (size_t i = first; i < first + count; i++) {
			int width = (int)strlen(label_part_text(s, &s->cells[i], part, other));

			label->varies[p] |= strcmp(one, other) != 0;
			width = width < PART_WIDTH ? width : PART_WIDTH;
			if (width > label->width[p])
				label->width[p] = width;
		}
	}
}

int label_width(const struct label *label)
{
	int width = 0;

	for (int p = 0; p < LABEL_PART_COUNT; p++)
		if (label->varies[p])
			width += label->width[p] + (p ? 1 : 0);
	return width;
}

static void print_part(const struct label *label, int part, const char *text, FILE *out)
{
	bool right = part == LABEL_SIZE || part == LABEL_THREADS;

	fprintf(out, "%s%*.*s", part ? " " : "", right ? label->width[part] : -label->width[part],
	        PART_WIDTH, text);
}

void label_head(const struct label *label, FILE *out)
{
	for (int p = 0; p < LABEL_PART_COUNT; p++)
		if (label->varies[p])
			print_part(label, p, part_names[p], out);
}

void label_print(const struct label *label, const struct samples_cell *cell, FILE *out)
{
	char text[LABEL_TEXT];

	for (int p = 0; p < LABEL_PART_COUNT; p++)
		if (label->varies[p])
			print_part(label, p,
			           label_part_text(label->samples, cell, (enum label_part)p, text),
			           out);
}

/* The order in a sentence; the variant stands in front of it. */
static const enum label_part sentence[] = {LABEL_SIZE,    LABEL_THREADS, LABEL_PAGES,
                                           LABEL_BACKING, LABEL_FILL,    LABEL_PARAMS};

#define SENTENCE (sizeof(sentence) / sizeof(*sentence))

/* " name=value", but params are such pairs already. */
static void append(char text[LABEL_TEXT], enum label_part part, const char *value)
{
	size_t used = strlen(text);

	if (!*value)
		return;
	snprintf(text + used, LABEL_TEXT - used, "%s%s%s%s", used ? " " : "",
	         part == LABEL_PARAMS ? "" : part_names[part], part == LABEL_PARAMS ? "" : "=",
	         value);
}

const char *label_common(const struct label *label, const struct samples_cell *cell,
                         char text[LABEL_TEXT])
{
	char value[LABEL_TEXT];

	text[0] = '\0';
	for (size_t i = 0; i < SENTENCE; i++)
		if (!label->varies[sentence[i]])
			append(text, sentence[i],
			       label_part_text(label->samples, cell, sentence[i], value));
	return text;
}

const char *label_cell(const struct samples *s, const struct samples_cell *cell,
                       char text[LABEL_TEXT])
{
	char value[LABEL_TEXT];

	snprintf(text, LABEL_TEXT, "%.60s/%.60s", samples_text(s, cell->key.kernel),
	         samples_text(s, cell->key.variant));
	for (size_t i = 0; i < SENTENCE; i++)
		append(text, sentence[i], label_part_text(s, cell, sentence[i], value));
	return text;
}

size_t label_kernel_cells(const struct samples *s, size_t first)
{
	size_t end = first;

	while (end < s->cell_count && s->cells[end].key.kernel == s->cells[first].key.kernel)
		end++;
	return end - first;
}
