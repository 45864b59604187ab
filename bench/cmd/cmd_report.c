/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "analysis/show/plot.h"
#include "analysis/show/report.h"
#include "bench/cmd/cmd.h"
#include "bench/cmd/cmd_results.h"
#include "harness/result.h"

static const char help[] =
        "usage: sevbench report [OPTION]... RESULTS...\n"
        "\n"
        "Write report.html, one page that needs nothing else, and the pictures beside it.\n"
        "RESULTS are directories of runs, or samples.csv files; several count as more rounds.\n"
        "\n"
        "  --out FILE           the page (default: report.html in the first of the RESULTS);\n"
        "                       an older report is replaced, anything else is not; the\n"
        "                       pictures go to plots beside it; into a directory of another\n"
        "                       user nothing is written\n"
        "  --force              replace the FILE that is there, whatever it holds\n"
        "  --reference PLATFORM of the ratios (default: nosev where an encrypted guest was\n"
        "                       measured, otherwise native)\n"
        "  --snp-off RESULTS    what the same host showed with SNP off, as columns of its own:\n"
        "                       native@snpoff, nosev@snpoff (may be given more than once)\n"
        "  --partial            report what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

/* The page goes to `out`, the pictures to the directory `plots`. */
static int write_report(const struct cmd_results *o, const struct compare *compare, FILE *out,
                        const struct folder *plots, struct err *e)
{
	struct machine machine;
	struct reference reference = {0};
	struct plot plot = {0};
	struct parts parts = {0};
	struct inside inside = {0};
	int rc = machine_read(&machine, o->first, e);

	if (!rc)
		rc = reference_load(&reference, e);
	if (!rc)
		rc = parts_make(compare->summary, &parts, e);
	if (!rc)
		rc = inside_make(compare->summary, &o->compare, &inside, e);
	if (!rc)
		rc = plot_draw(compare, &machine, plots, &plot, e);
	if (!rc) {
		struct report report = {compare, &machine, &reference, &plot,
		                        &parts,  &inside,  plots};

		rc = report_write(&report, out, e);
	}
	plot_free(&plot);
	parts_free(&parts);
	inside_free(&inside);
	reference_free(&reference);
	machine_free(&machine);
	return rc;
}

/* The pictures lie beside the page; beside the results where it goes to a device or a pipe. */
static int make_beside(const struct cmd_results *o, const struct compare *compare,
                       struct result_file *file, struct err *e)
{
	struct folder plots;
	char *path = NULL;
	int rc;

	if (o->out && strcmp(file->path, file->partial) != 0) {
		rc = load_beside(file->path, "plots", &path, e);
		if (!rc)
			rc = folder_make(NULL, path, &plots, e);
		free(path);
	} else {
		rc = cmd_results_plots(o, &plots, e);
	}
	if (rc)
		return rc;
	rc = write_report(o, compare, file->out, &plots, e);
	folder_close(&plots, rc);
	return rc;
}

static int open_beside(const struct cmd_results *o, struct result_file *file, struct err *e)
{
	struct folder in;
	int rc = cmd_results_folder(o, &in, e);

	if (rc)
		return rc;
	rc = o->force ? result_file_replace_in(&in, "report.html", file, e)
	              : result_file_renew_in(&in, "report.html", REPORT_MARK, "a report", file, e);
	folder_close(&in, false);
	return rc;
}

static int open_page(const struct cmd_results *o, struct result_file *file, struct err *e)
{
	if (!o->out)
		return open_beside(o, file, e);
	return o->force ? result_file_replace(o->out, true, file, e)
	                : result_file_renew(o->out, REPORT_MARK, "a report", file, e);
}

static int make_report(const struct cmd_results *o, const struct compare *compare, struct err *e)
{
	struct result_file file;
	char *beside = NULL;
	int rc = load_beside(o->first, "report.html", &beside, e);

	if (!rc)
		rc = open_page(o, &file, e);
	if (!rc) {
		rc = make_beside(o, compare, &file, e);
		rc = result_file_end(&file, rc, e);
	}
	if (!rc)
		puts(o->out ? o->out : beside);
	free(beside);
	return rc;
}

int cmd_report(int argc, char **argv)
{
	static const struct option options[] = {
	        CMD_RESULTS_OPTIONS, CMD_RESULTS_OUT, CMD_RESULTS_FORCE, {0}};
	struct cmd_results o = {
	        .command = "report", .help = help, .options = options, .make = make_report};

	return cmd_results_run(&o, argc, argv);
}
