/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

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
        "  --out DIRECTORY      where to (default: plots in the first of the RESULTS)\n"
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
	char *directory = NULL;
	const char *where;
	int rc = machine_read(&machine, o->first, e);

	if (!rc)
		rc = load_beside(o->first, "plots", &directory, e);
	where = o->out ? o->out : directory;
	if (!rc)
		rc = plot_draw(compare, &machine, where, &plot, e);
	for (size_t i = 0; i < plot.count && !rc; i++)
		printf("%s/%s.svg\n", where, plot.pictures[i].name);
	if (!rc && !plot.count)
		fputs("sevbench: nothing was measured, so that there is nothing to draw\n", stderr);
	free(directory);
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
