/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/plot.h"
#include "bench/cmd.h"
#include "bench/load.h"

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
        "  --partial            draw what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

struct options {
	struct compare_options compare;
	struct load_path *paths; /* owned */
	size_t path_count;
	const char *out;
	bool partial, help;
};

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option names[] = {
	        {"out", required_argument, NULL, 'o'},
	        {"reference", required_argument, NULL, 'r'},
	        {"partial", no_argument, NULL, 'p'},
	        {"help", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0},
	};
	unsigned platform;
	int option, rc = 0;

	optind = 0;
	while (!rc && (option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
		switch (option) {
		case 'o':
			o->out = optarg;
			break;
		case 'r':
			rc = target_parse(optarg, &platform, e);
			o->compare.reference = rc ? -1 : (int)platform;
			break;
		case 'p':
			o->partial = true;
			break;
		case 'h':
			o->help = true;
			return 0;
		default:
			return err_set(e, EINVAL, "%s: see sevbench plot --help",
			               option == ':' ? "an option lacks its value"
			                             : "there is no such option");
		}
	}
	if (!rc && optind == argc)
		rc = err_set(e, EINVAL, "no results are named: see sevbench plot --help");
	return rc ? rc : load_paths(argv + optind, &o->paths, &o->path_count, e);
}

static int draw(const struct options *o, const struct load *load, struct err *e)
{
	struct machine machine;
	struct compare compare;
	struct plot plot = {0};
	char *directory = NULL;
	const char *where;
	int rc = compare_make(&load->summary, &o->compare, &compare, e);

	if (rc)
		return rc;
	rc = machine_read(&machine, o->paths[0].path, e);
	if (!rc)
		rc = load_beside(o->paths[0].path, "plots", &directory, e);
	where = o->out ? o->out : directory;
	if (!rc)
		rc = plot_draw(&compare, &machine, where, &plot, e);
	for (size_t i = 0; i < plot.count && !rc; i++)
		printf("%s/%s.svg\n", where, plot.pictures[i].name);
	if (!rc && !plot.count)
		fputs("sevbench: nothing was measured, so that there is nothing to draw\n", stderr);
	free(directory);
	plot_free(&plot);
	machine_free(&machine);
	compare_free(&compare);
	return rc;
}

int cmd_plot(int argc, char **argv)
{
	struct options o = {.compare = COMPARE_DEFAULTS};
	struct load load;
	struct err e = {""};
	int status = CMD_FAILED;

	if (parse(&o, argc, argv, &e)) {
		status = CMD_USAGE;
	} else if (o.help) {
		fputs(help, stdout);
		status = CMD_DONE;
	} else if (!load_results(&load, o.paths, o.path_count, o.partial, &e)) {
		status = draw(&o, &load, &e) ? CMD_FAILED : CMD_DONE;
		load_free(&load);
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	free(o.paths);
	return status;
}
