/* SPDX-License-Identifier: MIT */
#include "bench/cmd/operation.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "harness/text.h"

#define NAME 68 /* "kernel variant" */
#define NEAR 3  /* as many are named */

static const char *name_of(const struct switches_row *row, char text[NAME])
{
	snprintf(text, NAME, "%s%s%s", row->kernel, strcmp(row->variant, "*") != 0 ? " " : "",
	         strcmp(row->variant, "*") != 0 ? row->variant : "");
	return text;
}

/* Is an operation named by an earlier row? */
static bool is_again(const struct switches *switches, size_t i)
{
	const struct switches_row *row = &switches->rows[i];

	for (size_t k = 0; k < i; k++)
		if (!strcmp(switches->rows[k].kernel, row->kernel) &&
		    !strcmp(switches->rows[k].variant, row->variant))
			return true;
	return false;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to put in, take out or change: V. Levenshtein, "Binary codes capable of correcting
 * deletions, insertions, and reversals" (1966). */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME + 1];
	size_t size = strlen(b);

	for (unsigned k = 0; k <= size; k++)
		row[k] = k;
	for (unsigned i = 1; *a; i++, a++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= size; k++) {
			unsigned change = corner + (*a != b[k - 1]);

			corner = row[k];
			row[k] = least(change, least(row[k], row[k - 1]) + 1);
		}
	}
	return row[size];
}

/* From what is wanted to an operation, or to its kernel or variant alone, whichever is nearest. */
static unsigned distance_to(const struct switches_row *row, const char *wanted)
{
	char name[NAME];

	return least(distance(wanted, name_of(row, name)),
	             least(distance(wanted, row->kernel), distance(wanted, row->variant)));
}

/* "cpuid 0xb, cpuid 0x1 or ring0_cpuid 0xb": the nearest to `wanted`, the nearest first. */
static void add_nearest(const struct switches *switches, const char *wanted, char *text,
                        size_t size)
{
	unsigned last = 0;
	size_t named = 0;

	for (unsigned far = 0; far < 2 * NAME && named < NEAR; far = last + 1) {
		last = 2 * NAME;
		for (size_t i = 0; i < switches->count && named < NEAR; i++) {
			const struct switches_row *row = &switches->rows[i];
			char name[NAME];
			unsigned d = is_again(switches, i) ? 2 * NAME : distance_to(row, wanted);

			if (d == far)
				text_add(text, size, "%s\"%s\"", named++ ? ", " : "",
				         name_of(row, name));
			else if (d > far)
				last = least(last, d - 1);
		}
	}
}

/* NULL: there is none. */
static const struct switches_row *find(const struct switches *switches, const struct operation *o,
                                       const char *params)
{
	for (size_t i = 0; i < switches->count && !params; i++) {
		const struct switches_row *row = &switches->rows[i];

		if (!strcmp(row->kernel, o->kernel) &&
		    (!strcmp(row->variant, "*") || !strcmp(row->variant, o->variant)))
			return row;
	}
	return params ? switches_find(switches, o->kernel, o->variant, params, NULL) : NULL;
}

int operation_find(const struct switches *switches, const char *kernel, const char *variant,
                   const char *params, struct operation *found, struct err *e)
{
	const struct switches_row *row = NULL, *known = NULL;
	size_t slash = strcspn(kernel, "/");
	char wanted[NAME], near[256] = "";

	if (!variant && kernel[slash])
		variant = kernel + slash + 1;
	else
		slash = strlen(kernel);
	snprintf(wanted, sizeof(wanted), "%.*s%s%s", (int)least(31, (unsigned)slash), kernel,
	         variant ? " " : "", variant ? variant : "");
	snprintf(found->kernel, sizeof(found->kernel), "%.*s", (int)slash, kernel);
	snprintf(found->variant, sizeof(found->variant), "%s", variant ? variant : "*");
	if (slash < sizeof(found->kernel)) {
		known = find(switches, found, NULL);
		row = params ? find(switches, found, params) : known;
	}
	if (row && (!params || *row->params)) {
		snprintf(found->params, sizeof(found->params), "%.31s",
		         params ? params : row->params);
		return 0;
	}
	if (known)
		return err_set(e, EINVAL,
		               "nothing is known of the way of \"%s\" with %s: the table has it "
		               "with %s",
		               wanted, params, *known->params ? known->params : "no parameters");
	add_nearest(switches, wanted, near, sizeof(near));
	return err_set(e, EINVAL,
	               "nothing is known of the way of an operation \"%s\"; the nearest names are "
	               "%s",
	               wanted, near);
}

static bool is_new_kernel(const struct switches *switches, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(switches->rows[k].kernel, switches->rows[i].kernel))
			return false;
	return true;
}

void operation_list(const struct switches *switches, FILE *out)
{
	for (size_t i = 0; i < switches->count; i++) {
		const struct switches_row *row = &switches->rows[i];

		if (!is_new_kernel(switches, i))
			continue;
		fprintf(out, "  %-16s", row->kernel);
		for (size_t k = i; k < switches->count; k++) {
			const char *variant = switches->rows[k].variant;

			if (!strcmp(switches->rows[k].kernel, row->kernel) &&
			    !is_again(switches, k))
				fprintf(out, " %s", *variant != '*' ? variant : "(every variant)");
		}
		putc('\n', out);
	}
}
