/* SPDX-License-Identifier: MIT */
#include "analysis/decide/legs.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/embedded.h"

extern const char _binary_analysis_reference_legs_csv_start[];
extern const char _binary_analysis_reference_legs_csv_end[];

static const struct {
	const char *word, *name;
} places[LEGS_PLACE_COUNT] = {
        [LEGS_USER] = {"user", "user mode"},
        [LEGS_GUEST] = {"guest", "guest's Linux"},
        [LEGS_KVM] = {"kvm", "KVM"},
        [LEGS_QEMU] = {"qemu", "QEMU"},
};

const char *legs_place_name(enum legs_place place)
{
	return places[place].name;
}

/* "guest", or "own". */
static int take_place(const char *text, enum legs_place *place, bool *own, struct err *e)
{
	*own = !strcmp(text, "own");
	for (int i = 0; i < LEGS_PLACE_COUNT && !*own; i++) {
		if (!strcmp(text, places[i].word)) {
			*place = (enum legs_place)i;
			return 0;
		}
	}
	return *own ? 0 : err_set(e, EINVAL, "\"%s\" is no place of a leg", text);
}

/* "#VC alone;#VC + VMGEXIT" */
static int take_parts(const char *text, struct leg *leg, struct err *e)
{
	for (size_t i = 0; *text; i++) {
		size_t size = strcspn(text, ";");

		if (i == LEGS_PARTS || size >= LEGS_PART)
			return err_set(e, EINVAL, "too many parts, or too long ones: %s", text);
		memcpy(leg->parts[i], text, size);
		text += size + (text[size] == ';');
	}
	return 0;
}

/* path,kernels,from,to,leg,parts,what,source */
static int take_row(const struct embedded_line *line, void *context, struct err *e)
{
	struct legs *legs = context;
	struct leg *rows = realloc(legs->rows, (legs->count + 1) * sizeof(*rows)), *leg;
	int rc;

	if (!rows)
		return err_set(e, ENOMEM, "no memory for the legs of world switches");
	legs->rows = rows;
	leg = &rows[legs->count++];
	*leg = (struct leg){.path = SWITCHES_UNKNOWN};
	rc = switches_path_parse(line->field[0], &leg->path, e);
	if (!rc)
		rc = take_place(line->field[2], &leg->from, &leg->from_own, e);
	if (!rc)
		rc = take_place(line->field[3], &leg->to, &leg->to_own, e);
	if (!rc)
		rc = take_parts(line->field[5], leg, e);
	snprintf(leg->kernels, sizeof(leg->kernels), "%.31s", line->field[1]);
	snprintf(leg->name, sizeof(leg->name), "%.31s", line->field[4]);
	snprintf(leg->what, sizeof(leg->what), "%s", line->field[6]);
	snprintf(leg->source, sizeof(leg->source), "%s", line->field[7]);
	return rc;
}

int legs_load(struct legs *legs, struct err *e)
{
	int rc;

	*legs = (struct legs){0};
	rc = embedded_read(_binary_analysis_reference_legs_csv_start,
	                   _binary_analysis_reference_legs_csv_end, "the legs of world switches",
	                   take_row, legs, e);
	if (rc)
		legs_free(legs);
	return rc;
}

void legs_free(struct legs *legs)
{
	free(legs->rows);
	*legs = (struct legs){0};
}

/* Is a leg of that kernel? "ioport ring0_port", "!*mmio". */
static bool is_of(const struct leg *leg, const char *kernel)
{
	char patterns[sizeof(leg->kernels)], *rest = patterns, *pattern;
	bool others = *leg->kernels == '!', found = false;

	if (!*leg->kernels)
		return true;
	snprintf(patterns, sizeof(patterns), "%s", leg->kernels + others);
	while ((pattern = strsep(&rest, " ")) != NULL)
		found |= !fnmatch(pattern, kernel, 0);
	return found != others;
}

void legs_way(const struct legs *legs, enum switches_path path, const char *kernel, struct way *way)
{
	enum legs_place own = strncmp(kernel, "ring0_", 6) != 0 ? LEGS_USER : LEGS_GUEST;

	way->count = 0;
	for (size_t i = 0; i < legs->count && way->count < LEGS_MOST; i++) {
		struct leg *leg = &way->legs[way->count];

		if (legs->rows[i].path != path || !is_of(&legs->rows[i], kernel))
			continue;
		*leg = legs->rows[i];
		leg->from = leg->from_own ? own : leg->from;
		leg->to = leg->to_own ? own : leg->to;
		way->count++;
	}
}

bool legs_in(const struct leg *leg, const char *part)
{
	for (size_t i = 0; i < LEGS_PARTS; i++)
		if (!strcmp(leg->parts[i], part))
			return *part != '\0';
	return false;
}

size_t legs_parts(const struct way *way, const char *parts[LEGS_MOST])
{
	size_t count = 0;

	for (size_t i = 0; i < way->count; i++) {
		for (size_t k = 0; k < LEGS_PARTS && *way->legs[i].parts[k]; k++) {
			size_t n = 0;

			while (n < count && strcmp(parts[n], way->legs[i].parts[k]) != 0)
				n++;
			if (n == count && count < LEGS_MOST)
				parts[count++] = way->legs[i].parts[k];
		}
	}
	return count;
}
