/* SPDX-License-Identifier: MIT */
#include "analysis/decide/difference.h"

#include <stdio.h>
#include <string.h>

#include "harness/text.h"

/* Each platform that has columns on pages of its own, against itself on the usual ones. */
static void add_page_sizes(const bool measured[TARGET_COUNT], char text[DIFFERENCE_TEXT])
{
	const char *before = "Page size: ";
	enum mem_pages pages;

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		if (!measured[t] || !target_pages(t, &pages) || !measured[target_usual(t)])
			continue;
		text_add(text, DIFFERENCE_TEXT, "%s%s against %s", before, target_name(t),
		         target_name(target_usual(t)));
		before = ", ";
	}
	if (*text)
		text_add(text, DIFFERENCE_TEXT, ". ");
}

const char *difference_text(const struct summary *summary, char text[DIFFERENCE_TEXT])
{
	const char *before = "Encryption: ";
	bool measured[TARGET_COUNT] = {false}, emulated[TARGET_COUNT] = {false}, unusual = false;
	enum mem_pages pages;

	text[0] = '\0';
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].rounds && !summary->rows[i].side) {
			measured[summary->rows[i].platform] = true;
			emulated[summary->rows[i].platform] |= summary->rows[i].accel == ACCEL_TCG;
		}
	for (unsigned t = 0; t < TARGET_COUNT; t++)
		unusual |= measured[t] && target_pages(t, &pages);
	if (!unusual)
		return text;
	add_page_sizes(measured, text);
	for (unsigned t = PLATFORM_SEV; measured[PLATFORM_NOSEV] && t < PLATFORM_COUNT; t++) {
		if (!measured[t] || emulated[t] || !sev_traits((enum platform)t)->memory_encrypted)
			continue;
		text_add(text, DIFFERENCE_TEXT, "%s%s against %s", before, target_name(t),
		         target_name(PLATFORM_NOSEV));
		before = ", ";
	}
	if (*before == ',')
		text_add(text, DIFFERENCE_TEXT, ".");
	if (!measured[PLATFORM_NOSEV])
		text_add(text, DIFFERENCE_TEXT,
		         "No plain guest has the host pages of the others: a difference between "
		         "them is of page size and of encryption at once.");
	return text;
}

const char *difference_about(const struct summary *summary, char text[DIFFERENCE_ABOUT])
{
	bool measured[TARGET_COUNT] = {false};

	for (size_t i = 0; i < summary->count; i++)
		measured[summary->rows[i].platform] |= summary->rows[i].rounds > 0;
	text[0] = '\0';
	for (int p = 0; p < PLATFORM_COUNT; p++) {
		const char *about = platform_about((enum platform)p);
		size_t used = strlen(text);

		if (measured[p] && about)
			snprintf(text + used, DIFFERENCE_ABOUT - used, "%s%s: %s.", used ? " " : "",
			         platform_name((enum platform)p), about);
	}
	return text;
}
