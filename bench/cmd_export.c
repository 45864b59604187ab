/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

#include "analysis/export.h"
#include "analysis/histogram.h"
#include "bench/cmd.h"
#include "bench/load.h"
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
        "  --reference PLATFORM of the ratios (default: nosev where an encrypted guest was\n"
        "                       measured, otherwise native)\n"
        "  --partial            export what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

struct options {
	struct compare_options compare;
	struct load_path *paths; /* owned */
	size_t path_count;
	const char *out;
	bool wide, histogram, partial, help;
};

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option names[] = {
	        {"wide", no_argument, NULL, 'w'},
	        {"histogram", no_argument, NULL, 'H'},
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
		case 'w':
			o->wide = true;
			break;
		case 'H':
			o->histogram = true;
			break;
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
			return err_set(e, EINVAL, "%s: see sevbench export --help",
			               option == ':' ? "an option lacks its value"
			                             : "there is no such option");
		}
	}
	if (!rc && o->wide == o->histogram)
		rc = err_set(e, EINVAL, "say --wide or --histogram: see sevbench export --help");
	if (!rc && optind == argc)
		rc = err_set(e, EINVAL, "no results are named: see sevbench export --help");
	return rc ? rc : load_paths(argv + optind, &o->paths, &o->path_count, e);
}

static int write_rows(const struct options *o, FILE *out, const struct compare *compare,
                      struct err *e)
{
	return o->histogram ? histogram_write(out, compare->summary, e)
	                    : export_wide(out, compare, e);
}

static int write_table(const struct options *o, const struct compare *compare, struct err *e)
{
	struct result_file file;
	int rc;

	if (!o->out) {
		rc = write_rows(o, stdout, compare, e);
		return !rc && fflush(stdout) ? err_errno(e, "cannot write the table") : rc;
	}
	rc = result_file_open(o->out, &file, e);
	if (rc)
		return rc;
	rc = write_rows(o, file.out, compare, e);
	if (rc) {
		result_file_abandon(&file);
		return rc;
	}
	return result_file_commit(&file, e);
}

int cmd_export(int argc, char **argv)
{
	struct options o = {.compare = COMPARE_DEFAULTS};
	struct compare compare;
	struct load load;
	struct err e = {""};
	int status = CMD_FAILED;

	if (parse(&o, argc, argv, &e)) {
		status = CMD_USAGE;
	} else if (o.help) {
		fputs(help, stdout);
		status = CMD_DONE;
	} else if (!load_results(&load, o.paths, o.path_count, o.partial, &e)) {
		if (!compare_make(&load.summary, &o.compare, &compare, &e)) {
			status = write_table(&o, &compare, &e) ? CMD_FAILED : CMD_DONE;
			compare_free(&compare);
		}
		load_free(&load);
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	free(o.paths);
	return status;
}
