/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/report.h"
#include "bench/cmd.h"
#include "bench/load.h"

static const char help[] =
        "usage: sevbench report [OPTION]... RESULTS...\n"
        "\n"
        "Write report.html, one page that needs nothing else, and the pictures beside it.\n"
        "RESULTS are directories of runs, or samples.csv files; several count as more rounds.\n"
        "\n"
        "  --out FILE           the page (default: report.html in the first of the RESULTS);\n"
        "                       the pictures go to plots beside it\n"
        "  --reference PLATFORM of the ratios (default: nosev where an encrypted guest was\n"
        "                       measured, otherwise native)\n"
        "  --partial            report what is whole in results that are damaged or unfinished\n"
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
			return err_set(e, EINVAL, "%s: see sevbench report --help",
			               option == ':' ? "an option lacks its value"
			                             : "there is no such option");
		}
	}
	if (!rc && optind == argc)
		rc = err_set(e, EINVAL, "no results are named: see sevbench report --help");
	return rc ? rc : load_paths(argv + optind, &o->paths, &o->path_count, e);
}

/* The page goes to `path`, the pictures to plots beside it. */
static int write_report(const struct options *o, const struct compare *compare, const char *path,
                        struct err *e)
{
	struct machine machine;
	struct reference reference = {0};
	struct plot plot = {0};
	struct parts parts = {0};
	char *plots = NULL;
	int rc = machine_read(&machine, o->paths[0].path, e);

	if (!rc)
		rc = reference_load(&reference, e);
	if (!rc)
		rc = parts_make(compare->summary, o->compare.seed, o->compare.resamples, &parts, e);
	if (!rc)
		rc = load_beside(path, "plots", &plots, e);
	if (!rc)
		rc = plot_draw(compare, &machine, plots, &plot, e);
	if (!rc) {
		struct report report = {compare, &machine, &reference, &plot, &parts, plots};

		rc = report_write(&report, path, e);
	}
	if (!rc)
		puts(path);
	free(plots);
	plot_free(&plot);
	parts_free(&parts);
	reference_free(&reference);
	machine_free(&machine);
	return rc;
}

static int make_report(const struct options *o, const struct load *load, struct err *e)
{
	struct compare compare;
	char *beside = NULL;
	int rc = compare_make(&load->summary, &o->compare, &compare, e);

	if (rc)
		return rc;
	rc = load_beside(o->paths[0].path, "report.html", &beside, e);
	if (!rc)
		rc = write_report(o, &compare, o->out ? o->out : beside, e);
	free(beside);
	compare_free(&compare);
	return rc;
}

int cmd_report(int argc, char **argv)
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
		status = make_report(&o, &load, &e) ? CMD_FAILED : CMD_DONE;
		load_free(&load);
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	free(o.paths);
	return status;
}
