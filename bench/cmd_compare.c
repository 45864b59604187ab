/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/compare.h"
#include "analysis/inside.h"
#include "analysis/number.h"
#include "analysis/parts.h"
#include "analysis/table.h"
#include "bench/cmd.h"
#include "bench/load.h"
#include "harness/units.h"

static const char help[] =
        "usage: sevbench compare [OPTION]... RESULTS...\n"
        "\n"
        "Is each platform slower or faster than the reference, cell by cell, or the same?\n"
        "RESULTS are directories of runs, or samples.csv files; several count as more rounds.\n"
        "\n"
        "  --against RESULTS    compare each platform with itself in these older results instead\n"
        "                       (may be given more than once)\n"
        "  --reference PLATFORM native, nosev, sev, sev-es or snp (default: nosev where an\n"
        "                       encrypted guest was measured, otherwise native)\n"
        "  --margin PERCENT     within this much is the same (default: 1)\n"
        "  --fail-above PERCENT exit with 1 when a cell is slower by more than this\n"
        "  --csv FILE           write the comparison as CSV too\n"
        "  --parts FILE         write what world switches are made of as CSV too\n"
        "  --table              print the table of medians first\n"
        "  --partial            analyse what is whole in results that are damaged or unfinished\n"
        "  --seed N             of the resamples (default: 1)\n"
        "  --resamples N        how many, 100 to 1000000 (default: 1000)\n"
        "  --threads N          default: one a CPU; changes nothing but the time\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed or --fail-above, 2 usage.\n";

struct options {
	struct compare_options compare;
	struct load_path *paths; /* owned */
	size_t path_count;
	double fail_above; /* NaN: not asked for */
	const char *csv, *parts;
	bool table, partial, help;
};

/* "3", "3%" or "0.5": percent; a fraction in *value. */
static int parse_percent(const char *what, const char *text, double *value, struct err *e)
{
	char digits[32];
	size_t size = strlen(text);

	if (size && text[size - 1] == '%')
		size--;
	snprintf(digits, sizeof(digits), "%.*s", (int)size, text);
	if (size >= sizeof(digits) || !number_decimal(digits, size, value) || *value > 1e6)
		return err_set(e, EINVAL, "%s %s is no percentage: give a number such as 3 or 0.5",
		               what, text);
	*value /= 100;
	return 0;
}

static int parse_count(const char *what, const char *text, uint64_t least, uint64_t most,
                       unsigned *value, struct err *e)
{
	uint64_t number = 0;
	int rc = units_parse_number(what, text, least, most, &number, e);

	*value = (unsigned)number;
	return rc;
}

static int parse_option(struct options *o, int option, struct err *e)
{
	unsigned platform;
	int rc = 0;

	switch (option) {
	case 'a':
		o->paths[o->path_count++] = (struct load_path){optarg, 1};
		o->compare.sides = true;
		return 0;
	case 'r':
		rc = target_parse(optarg, &platform, e);
		o->compare.reference = rc ? -1 : (int)platform;
		return rc;
	case 'm':
		return parse_percent("--margin", optarg, &o->compare.margin, e);
	case 'f':
		return parse_percent("--fail-above", optarg, &o->fail_above, e);
	case 'c':
		o->csv = optarg;
		return 0;
	case 'P':
		o->parts = optarg;
		return 0;
	case 't':
		o->table = true;
		return 0;
	case 'p':
		o->partial = true;
		return 0;
	case 's':
		return units_parse_number("--seed", optarg, 0, UINT64_MAX, &o->compare.seed, e);
	case 'n':
		return parse_count("--resamples", optarg, 100, 1000000, &o->compare.resamples, e);
	case 'j':
		return parse_count("--threads", optarg, 1, 1024, &o->compare.threads, e);
	case 'h':
		o->help = true;
		return 0;
	default:
		return err_set(e, EINVAL, "%s: see sevbench compare --help",
		               option == ':' ? "an option lacks its value"
		                             : "there is no such option");
	}
}

static int check_new(const char *path, struct err *e)
{
	if (path && !access(path, F_OK))
		return err_set(e, EEXIST, "%s exists already, and results are never overwritten",
		               path);
	return 0;
}

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option names[] = {
	        {"against", required_argument, NULL, 'a'},
	        {"reference", required_argument, NULL, 'r'},
	        {"margin", required_argument, NULL, 'm'},
	        {"fail-above", required_argument, NULL, 'f'},
	        {"csv", required_argument, NULL, 'c'},
	        {"parts", required_argument, NULL, 'P'},
	        {"table", no_argument, NULL, 't'},
	        {"partial", no_argument, NULL, 'p'},
	        {"seed", required_argument, NULL, 's'},
	        {"resamples", required_argument, NULL, 'n'},
	        {"threads", required_argument, NULL, 'j'},
	        {"help", no_argument, NULL, 'h'},
	        {NULL, 0, NULL, 0},
	};
	int option, rc = 0;

	o->paths = calloc((size_t)argc + 1, sizeof(*o->paths));
	if (!o->paths)
		return err_set(e, ENOMEM, "no memory for %d arguments", argc);
	optind = 0;
	while (!rc && (option = getopt_long(argc, argv, "+:h", names, NULL)) != -1)
		rc = parse_option(o, option, e);
	/* Options may follow the results too. */
	while (!rc && optind < argc) {
		o->paths[o->path_count++] = (struct load_path){argv[optind++], 0};
		while (!rc && (option = getopt_long(argc, argv, "+:h", names, NULL)) != -1)
			rc = parse_option(o, option, e);
	}
	if (rc || o->help)
		return rc;
	if (o->path_count == 0 || (o->path_count == 1 && o->paths[0].side))
		return err_set(e, EINVAL, "no results are named: see sevbench compare --help");
	if (o->compare.sides && o->compare.reference >= 0)
		return err_set(e, EINVAL,
		               "--against compares each platform with itself: --reference does "
		               "not go with it");
	rc = check_new(o->csv, e);
	return rc ? rc : check_new(o->parts, e);
}

/* What the world switches of these results are made of. */
static int show_parts(const struct options *o, const struct summary *summary, struct err *e)
{
	struct parts parts;
	int rc = parts_make(summary, o->compare.seed, o->compare.resamples, &parts, e);

	if (rc)
		return rc;
	rc = parts_print(stdout, &parts, e);
	if (!rc && o->parts)
		rc = parts_write(&parts, o->parts, e);
	parts_free(&parts);
	return rc;
}

/* What encryption costs within one guest, and the control of that. */
static int show_inside(const struct options *o, const struct summary *summary, struct err *e)
{
	struct inside inside;
	int rc = inside_make(summary, &o->compare, &inside, e);

	if (!rc)
		rc = inside_print(stdout, &inside, e);
	inside_free(&inside);
	return rc;
}

/* Returns the exit status. */
static int report(const struct options *o, const struct compare *compare, struct err *e)
{
	const struct table_options table = {.reference = o->compare.reference};
	size_t slower = isnan(o->fail_above) ? 0 : compare_slower(compare, o->fail_above);
	int rc = 0;

	if (o->table && !o->compare.sides) {
		rc = table_print(stdout, compare->summary, &table, e);
		putchar('\n');
	}
	if (!rc)
		rc = compare_print(stdout, compare, e);
	if (!rc)
		rc = show_parts(o, compare->summary, e);
	if (!rc)
		rc = show_inside(o, compare->summary, e);
	if (!rc && o->csv)
		rc = compare_write(compare, o->csv, e);
	if (!rc && fflush(stdout))
		rc = err_errno(e, "cannot print the comparison");
	if (rc)
		return CMD_FAILED;
	if (slower)
		fprintf(stderr, "sevbench: %zu cell%s slower by more than %g %%\n", slower,
		        slower == 1 ? " is" : "s are", o->fail_above * 100);
	return slower ? CMD_FAILED : CMD_DONE;
}

int cmd_compare(int argc, char **argv)
{
	struct options o = {.compare = COMPARE_DEFAULTS, .fail_above = (double)NAN};
	struct compare compare;
	struct load load;
	struct err e = {""};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int status = CMD_FAILED;

	o.compare.threads = cpus > 1 ? (unsigned)cpus : 1;
	if (parse(&o, argc, argv, &e)) {
		status = CMD_USAGE;
	} else if (o.help) {
		fputs(help, stdout);
		status = CMD_DONE;
	} else if (!load_results(&load, o.paths, o.path_count, o.partial, &e)) {
		if (!compare_make(&load.summary, &o.compare, &compare, &e)) {
			status = report(&o, &compare, &e);
			compare_free(&compare);
		}
		load_free(&load);
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	free(o.paths);
	return status;
}
