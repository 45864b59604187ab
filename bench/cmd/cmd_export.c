/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "analysis/show/export.h"
#include "analysis/show/histogram.h"
#include "bench/cmd/cmd.h"
#include "bench/cmd/cmd_results.h"
#include "harness/result.h"

static const char help[] =
        "usage: sevbench export --wide|--histogram [OPTION]... RESULTS...\n"
        "\n"
        "Results for a spreadsheet, as CSV on standard output. (summary.csv in the results has one "
        "row\n"
        "a cell and platform, samples.csv one a sample.)\n"
        "\n"
        "  --wide               one row a cell: the platforms side by side with median, MAD, "
        "rate,\n"
        "                       ratio, interval and verdict\n"
        "  --histogram          how often what was timed alone took how long: one row a bin, cell\n"
        "                       and platform\n"
        "  --out FILE           write there, not to standard output\n"
        "  --force              replace the FILE that is there\n"
        "  --reference PLATFORM of the ratios (default: nosev where an encrypted guest was\n"
        "                       measured, otherwise native)\n"
        "  --partial            export what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

struct options {
	bool wide, histogram;
};

static int take(struct cmd_results *r, int option, struct err *e)
{
	struct options *o = r->own;

	(void)e;
	if (option == 'w')
		o->wide = true;
	else
		o->histogram = true;
	return 0;
}

static int check(const struct cmd_results *r, struct err *e)
{
	const struct options *o = r->own;

	if (o->wide == o->histogram)
		return err_set(e, EINVAL, "say --wide or --histogram: see sevbench export --help");
	return 0;
}

static int write_rows(const struct options *o, FILE *out, const struct compare *compare,
                      struct err *e)
{
	return o->histogram ? histogram_write(out, compare->summary, e)
	                    : export_wide(out, compare, e);
}

static int write_table(const struct cmd_results *r, const struct compare *compare, struct err *e)
{
	const struct options *o = r->own;
	struct result_file file;
	int rc;

	if (!r->out)
		return write_rows(o, stdout, compare, e);
	rc = result_file_replace(r->out, r->force, &file, e);
	if (rc)
		return rc;
	return result_file_end(&file, write_rows(o, file.out, compare, e), e);
}

int cmd_export(int argc, char **argv)
{
	static const struct option options[] = {
	        CMD_RESULTS_OPTIONS,
	        CMD_RESULTS_OUT,
	        CMD_RESULTS_FORCE,
	        {"wide", no_argument, NULL, 'w'},
	        {"histogram", no_argument, NULL, 'H'},
	        {0},
	};
	struct options own = {0};
	struct cmd_results o = {.command = "export",
	                        .help = help,
	                        .options = options,
	                        .take = take,
	                        .check = check,
	                        .make = write_table,
	                        .own = &own};

	return cmd_results_run(&o, argc, argv);
}
