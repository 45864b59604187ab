/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "analysis/show/plot.h"
#include "bench/cmd/cmd.h"
#include "bench/cmd/cmd_results.h"

static const char help[] =
        "usage: sevbench plot [OPTION]... RESULTS...\n"
        "\n"
        "Draw results with gnuplot: an SVG, a PNG, the data as CSV and the script, for each "
        "picture.\n"
        "RESULTS are directories of runs, or samples.csv files; several count as more rounds.\n"
        "\n"
        "  --out DIRECTORY      where to (default: plots in the first of the RESULTS); into a\n"
        "                       directory of another user nothing is written\n"
        "  --reference PLATFORM of the ratios (default: nosev where an encrypted guest was\n"
        "                       measured, otherwise native)\n"
        "  --snp-off RESULTS    what the same host showed with SNP off, as columns of its own:\n"
        "                       native@snpoff, nosev@snpoff (may be given more than once)\n"
        "  --partial            draw what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

static int draw(const struct cmd_results *o, const struct compare *compare, struct err *e)
{
	struct machine machine;
	struct plot plot = {0};
	struct folder folder;
	int rc = machine_read(&machine, o->first, e);

	if (!rc)
		rc = o->out ? folder_make(NULL, o->out, &folder, e)
		            : cmd_results_plots(o, &folder, e);
	if (rc) {
		machine_free(&machine);
		return rc;
	}
	rc = plot_draw(compare, &machine, &folder, &plot, e);
	for (size_t i = 0; i < plot.count && !rc; i++)
		printf("%s/%s.svg\n", folder.path, plot.pictures[i].name);
	if (!rc && !plot.count)
		fputs("sevbench: nothing was measured, so that there is nothing to draw\n", stderr);
	folder_close(&folder, rc);
	plot_free(&plot);
	machine_free(&machine);
	return rc;
}

int cmd_plot(int argc, char **argv)
{
	static const struct option options[] = {CMD_RESULTS_OPTIONS, CMD_RESULTS_OUT, {0}};
	struct cmd_results o = {.command = "plot", .help = help, .options = options, .make = draw};

	return cmd_results_run(&o, argc, argv);
}
