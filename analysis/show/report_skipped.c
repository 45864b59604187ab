/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_skipped.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/read/label.h"
#include "analysis/show/html.h"
#include "analysis/show/report_text.h"
#include "harness/text.h"

#define PLATFORMS_TEXT 512

/* What equal rows share: of a kernel the same reason, whatever the cell and the platform. */
struct kinds {
	struct intern keys;
	uint32_t
	        *of; /* owned: the kind of each row of the summary; UINT32_MAX: it has its result */
};

static bool has_result(const struct summary_row *row)
{
	return (row->rounds && !row->failed && !row->skipped) || row->side;
}

static int find_kinds(const struct summary *summary, struct kinds *kinds, struct err *e)
{
	const struct samples *s = summary->samples;
	char key[1024];
	int rc = 0;

	kinds->of = calloc(summary->count + 1, sizeof(*kinds->of));
	if (!kinds->of)
		return err_set(e, ENOMEM, "no memory for what was skipped");
	for (size_t i = 0; i < summary->count && rc >= 0; i++) {
		const struct summary_row *row = &summary->rows[i];

		kinds->of[i] = UINT32_MAX;
		if (has_result(row))
			continue;
		snprintf(key, sizeof(key), "%.60s %d %s",
		         samples_text(s, s->cells[row->cell].key.kernel), row->failed != 0,
		         samples_text(s, row->reason));
		rc = intern_add(&kinds->keys, key, strlen(key), &kinds->of[i], e);
	}
	return rc;
}

/* "nosev, sev (emulated)", in the order in which they come. */
static const char *platforms_text(const struct summary *summary, const struct kinds *kinds,
                                  uint32_t kind, char text[PLATFORMS_TEXT])
{
	bool seen[TARGET_COUNT][ACCEL_COUNT] = {{false}};
	char platform[64];

	text[0] = '\0';
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (kinds->of[i] != kind || seen[row->platform][row->accel])
			continue;
		seen[row->platform][row->accel] = true;
		text_add(text, PLATFORMS_TEXT, "%s%s", *text ? ", " : "",
		         report_text_platform(row->platform, row->accel, platform));
	}
	return text;
}

int report_skipped(const struct report *r, FILE *out, struct err *e)
{
	const struct summary *summary = r->compare->summary;
	const struct samples *s = summary->samples;
	struct kinds kinds = {0};
	char text[LABEL_TEXT], platforms[PLATFORMS_TEXT];
	uint32_t next = 0;
	int rc = find_kinds(summary, &kinds, e);

	html_table(out, "The first cell of each kind; equal reasons stand once a kernel",
	           "kernel|cell|status|reason|on");
	for (size_t i = 0; i < summary->count && rc >= 0; i++) {
		const struct summary_row *row = &summary->rows[i];
		const char *reason = samples_text(s, row->reason);

		if (kinds.of[i] != next) /* kinds are numbered as they come */
			continue;
		fputs("<tr>", out);
		html_cell(out, samples_text(s, s->cells[row->cell].key.kernel));
		html_cell(out, label_cell(s, &s->cells[row->cell], text));
		html_cell(out, row->failed ? "failed" : "skipped");
		html_cell(out, *reason ? reason : "no reason recorded");
		html_cell(out, platforms_text(summary, &kinds, next, platforms));
		fputs("</tr>\n", out);
		next++;
	}
	html_table_end(out);
	intern_free(&kinds.keys);
	free(kinds.of);
	return rc < 0 ? rc : 0;
}
