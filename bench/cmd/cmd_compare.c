/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/read/number.h"
#include "analysis/show/compare_out.h"
#include "analysis/show/gate_out.h"
#include "analysis/show/inside_out.h"
#include "analysis/show/parts_out.h"
#include "analysis/show/table.h"
#include "bench/cmd/cmd.h"
#include "bench/cmd/cmd_results.h"
#include "harness/result.h"
#include "harness/units.h"

static const char help[] =
        "usage: sevbench compare [OPTION]... RESULTS...\n"
        "\n"
        "Is each platform slower or faster than the reference, cell by cell, or the same?\n"
        "RESULTS are directories of runs, or samples.csv files; several count as more rounds.\n"
        "\n"
        "  --against RESULTS    compare each platform with itself in these older results instead\n"
        "                       (may be given more than once). With one run a side no interval\n"
        "                       holds what differs from run to run with nothing changed; give\n"
        "                       several of both, and the run is the unit: three or more\n"
        "  --snp-off RESULTS    what the same host showed with SNP off, as columns of its own:\n"
        "                       native@snpoff, nosev@snpoff (may be given more than once)\n"
        "  --reference PLATFORM native, nosev, sev, sev-es, snp ... (default: nosev where an\n"
        "                       encrypted guest was measured, otherwise native)\n"
        "  --margin PERCENT     within this much is the same (default: 1)\n"
        "  --fail-above PERCENT a gate: exit with 1 when a cell is slower by more than this, with "
        "3\n"
        "                       when none is, but some could not be judged: lost, failed, not\n"
        "                       resolved, in a single round, emulated, or above this within the\n"
        "                       scatter of its rounds\n"
        "  --csv FILE           write the comparison as CSV too\n"
        "  --parts FILE         write what world switches are made of as CSV too\n"
        "  --force              replace the FILE that is there\n"
        "  --table              print the table of medians first\n"
        "  --partial            analyse what is whole in results that are damaged or unfinished\n"
        "  --seed N             does nothing any more, and goes away in 0.3\n"
        "  --resamples N        the same\n"
        "  --threads N          default: one a CPU; changes nothing but the time\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed or slower than --fail-above, 2 usage, 3 not all judged by "
        "it.\n";

struct options {
	double fail_above; /* NaN: not asked for */
	const char *csv, *parts;
	bool table;
	bool unjudged; /* the gate passed nothing that is slower, and could not judge all */
};

static int parse_threads(const char *text, unsigned *value, struct err *e)
{
	uint64_t number = 0;
	int rc = units_parse_number("--threads", text, 1, 1024, &number, e);

	*value = (unsigned)number;
	return rc;
}

static int take(struct cmd_results *r, int option, struct err *e)
{
	struct options *o = r->own;

	switch (option) {
	case 'a':
		cmd_results_add(r, (struct load_path){.path = optarg, .side = 1});
		r->compare.sides = true;
		return 0;
	case 'm':
		return number_percent("--margin", optarg, &r->compare.margin, e);
	case 'f':
		return number_percent("--fail-above", optarg, &o->fail_above, e);
	case 'c':
		o->csv = optarg;
		return 0;
	case 'P':
		o->parts = optarg;
		return 0;
	case 't':
		o->table = true;
		return 0;
	case 's':
	case 'n':
		fprintf(stderr,
		        "--%s does nothing any more, as nothing is drawn; it goes away in 0.3\n",
		        option == 's' ? "seed" : "resamples");
		return 0;
	default:
		return parse_threads(optarg, &r->compare.threads, e);
	}
}

static int check(const struct cmd_results *r, struct err *e)
{
	const struct options *o = r->own;
	int rc;

	if (r->compare.sides && r->compare.reference >= 0)
		return err_set(e, EINVAL,
		               "--against compares each platform with itself: --reference does "
		               "not go with it");
	if (r->compare.sides && r->snp_off)
		return err_set(
		        e, EINVAL,
		        "--against compares each platform with itself: --snp-off does not go "
		        "with it");
	if (r->compare.margin > o->fail_above)
		return err_set(e, EINVAL,
		               "--margin %g %% calls the same what --fail-above %g %% must stop: "
		               "give a --margin of at most that",
		               r->compare.margin * 100, o->fail_above * 100);
	rc = o->csv ? result_file_check(o->csv, r->force, e) : 0;
	return rc || !o->parts ? rc : result_file_check(o->parts, r->force, e);
}

/* What the world switches of these results are made of. */
static int show_parts(const struct cmd_results *r, const struct summary *summary, struct err *e)
{
	const struct options *o = r->own;
	struct parts parts;
	int rc = parts_make(summary, &parts, e);

	if (rc)
		return rc;
	rc = parts_out_print(stdout, &parts, e);
	if (!rc && o->parts)
		rc = parts_out_write(&parts, o->parts, r->force, e);
	parts_free(&parts);
	return rc;
}

/* What encryption costs within one guest, and the control of that. */
static int show_inside(const struct cmd_results *r, const struct summary *summary, struct err *e)
{
	struct inside inside;
	int rc = inside_make(summary, &r->compare, &inside, e);

	if (!rc)
		rc = inside_out_print(stdout, &inside, e);
	inside_free(&inside);
	return rc;
}

/* What is slower by more than --fail-above, and what could not be judged. */
static int show_gate(struct options *o, const struct gate *gate, struct err *e)
{
	int rc = gate_out_print(stdout, gate, e);

	if (!rc && gate->slower)
		rc = err_set(e, ERANGE, "%zu cell%s slower by more than %g %%", gate->slower,
		             gate->slower == 1 ? " is" : "s are", gate->limit * 100);
	o->unjudged = gate->unjudged > 0 || !gate->count;
	return rc;
}

static int print_tables(const struct cmd_results *r, const struct compare *compare, struct err *e)
{
	const struct options *o = r->own;
	const struct table_options table = {.reference = r->compare.reference};
	int rc = 0;

	if (o->table && !r->compare.sides) {
		rc = table_print(stdout, compare->summary, &table, e);
		putchar('\n');
	}
	if (!rc)
		rc = compare_out_print(stdout, compare, e);
	if (!rc)
		rc = show_parts(r, compare->summary, e);
	return rc ? rc : show_inside(r, compare->summary, e);
}

static int print(const struct cmd_results *r, const struct compare *compare, struct err *e)
{
	struct options *o = r->own;
	bool gated = !isnan(o->fail_above);
	struct gate gate = {.rows = NULL};
	int rc = gated ? gate_make(compare, o->fail_above, &gate, e) : 0;

	if (!rc)
		rc = print_tables(r, compare, e);
	if (!rc && o->csv)
		rc = compare_out_write(compare, gated ? &gate : NULL, o->csv, r->force, e);
	if (!rc && gated)
		rc = show_gate(o, &gate, e);
	gate_free(&gate);
	return rc;
}

int cmd_compare(int argc, char **argv)
{
	static const struct option options[] = {
	        CMD_RESULTS_OPTIONS,
	        CMD_RESULTS_FORCE,
	        {"against", required_argument, NULL, 'a'},
	        {"margin", required_argument, NULL, 'm'},
	        {"fail-above", required_argument, NULL, 'f'},
	        {"csv", required_argument, NULL, 'c'},
	        {"parts", required_argument, NULL, 'P'},
	        {"table", no_argument, NULL, 't'},
	        {"seed", required_argument, NULL, 's'},
	        {"resamples", required_argument, NULL, 'n'},
	        {"threads", required_argument, NULL, 'j'},
	        {0},
	};
	struct options own = {.fail_above = (double)NAN};
	struct cmd_results o = {.command = "compare",
	                        .help = help,
	                        .options = options,
	                        .take = take,
	                        .check = check,
	                        .make = print,
	                        .own = &own};
	int status = cmd_results_run(&o, argc, argv);

	return status == CMD_DONE && own.unjudged ? CMD_NOT_JUDGED : status;
}
