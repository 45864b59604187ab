/* SPDX-License-Identifier: MIT */
#include "analysis/show/report_skipped.h"

#include <string.h>

#include "analysis/read/label.h"
#include "analysis/show/html.h"
#include "analysis/show/report_text.h"

int report_skipped(const struct report *r, FILE *out, struct err *e)
{
	const struct summary *summary = r->compare->summary;
	const struct samples *s = summary->samples;
	struct intern seen = {0};
	char text[LABEL_TEXT], key[1024], platform[64];
	int rc = 0;

	html_table(out,
	           "The first cell of each kind; equal reasons on a platform stand once a kernel",
	           "platform|kernel|cell|status|reason");
	for (size_t i = 0; i < summary->count && rc >= 0; i++) {
		const struct summary_row *row = &summary->rows[i];
		const char *reason = samples_text(s, row->reason);
		const char *kernel = samples_text(s, s->cells[row->cell].key.kernel);
		size_t before = seen.count;
		uint32_t id;

		if ((row->rounds && !row->failed && !row->skipped) || row->side)
			continue;
		snprintf(key, sizeof(key), "%d %.60s %s", (int)row->platform, kernel, reason);
		rc = intern_add(&seen, key, strlen(key), &id, e);
		if (rc < 0 || id < before)
			continue;
		fputs("<tr>", out);
		html_cell(out, report_text_platform(row->platform, row->accel, platform));
		html_cell(out, kernel);
		html_cell(out, label_cell(s, &s->cells[row->cell], text));
		html_cell(out, row->failed ? "failed" : "skipped");
		html_cell(out, *reason ? reason : "no reason recorded");
		fputs("</tr>\n", out);
	}
	html_table_end(out);
	intern_free(&seen);
	return rc < 0 ? rc : 0;
}
