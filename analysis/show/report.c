/* SPDX-License-Identifier: MIT */
#include "analysis/show/report.h"

#include "analysis/show/html.h"
#include "analysis/show/report_costs.h"
#include "analysis/show/report_guests.h"
#include "analysis/show/report_inside.h"
#include "analysis/show/report_kernels.h"
#include "analysis/show/report_machine.h"
#include "analysis/show/report_parts.h"
#include "analysis/show/report_pictures.h"
#include "analysis/show/report_published.h"
#include "analysis/show/report_skipped.h"
#include "analysis/show/report_verdicts.h"

/* The page from top to bottom. */
static const struct section {
	const char *id, *link, *heading;
	bool (*any)(const struct report *r); /* is there something to say? NULL: always */
	int (*write)(const struct report *r, FILE *out, struct err *e); /* behind its heading */
} sections[] = {
        {"verdicts", "Verdicts", "Verdicts", NULL, report_verdicts},
        {"overview", "Overview", "Overview", NULL, report_pictures_overview},
        {"kernels", "Kernels", "Kernels", NULL, report_kernels},
        {"switches", "World switches", "World switches taken apart", report_parts_any,
         report_parts},
        {"costs", "What it costs", "What it costs to run", report_costs_any, report_costs},
        {"inside", "Inside one guest", "Encryption inside one guest", report_inside_any,
         report_inside},
        {"guests", "Guests", "The guests", report_guests_any, report_guests},
        {"machine", "Machine and method", "Machine and method", NULL, report_machine},
        {"skipped", "Skipped and failed", "Skipped and failed", NULL, report_skipped},
        {"published", "Published figures", "Published figures", NULL, report_published},
};

#define SECTIONS (sizeof(sections) / sizeof(*sections))

static bool is_there(const struct section *section, const struct report *r)
{
	return !section->any || section->any(r);
}

static bool any_emulated(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].accel == ACCEL_TCG && summary->rows[i].rounds)
			return true;
	return false;
}

static void put_nav(FILE *out, const struct report *r)
{
	fputs("<nav aria-label=\"Parts of this page\">", out);
	for (size_t i = 0; i < SECTIONS; i++)
		if (is_there(&sections[i], r))
			fprintf(out, "<a href=\"#%s\">%s</a>\n", sections[i].id, sections[i].link);
	fputs("</nav>\n", out);
}

static void put_head(FILE *out, const struct report *r)
{
	char text[256];

	fputs("<header><h1>sevbench: what encryption costs, in memory and in world "
	      "switches</h1>\n<p>",
	      out);
	html_text(out, machine_text(r->machine, "run", text));
	fputs(*text ? ", " : "", out);
	html_text(out, machine_text(r->machine, "begun", text));
	fputs(*text ? ", " : "", out);
	html_text(out, machine_text(r->machine, "environment.cpu.model_name", text));
	fputs("</p>\n", out);
	if (any_emulated(r->compare->summary))
		fputs("<p class=\"warn\">What is marked emulated ran under TCG, which is software: "
		      "it "
		      "shows that everything works, and says nothing about what hardware "
		      "costs.</p>\n",
		      out);
	put_nav(out, r);
	fputs("</header>\n", out);
}

int report_write(const struct report *r, FILE *out, struct err *e)
{
	int rc = 0;

	html_begin(out, REPORT_TITLE);
	put_head(out, r);
	fputs("<main>\n", out);
	for (size_t i = 0; i < SECTIONS && !rc; i++) {
		if (!is_there(&sections[i], r))
			continue;
		fprintf(out, "<h2 id=\"%s\">%s</h2>\n", sections[i].id, sections[i].heading);
		rc = sections[i].write(r, out, e);
	}
	fputs("</main>\n", out);
	html_end(out);
	return rc;
}
