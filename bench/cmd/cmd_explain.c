/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "analysis/show/costs_out.h"
#include "analysis/show/explain_out.h"
#include "analysis/show/notes.h"
#include "analysis/show/table.h"
#include "bench/cmd/cmd.h"
#include "bench/cmd/load.h"
#include "bench/cmd/operation.h"
#include "harness/usage.h"
#include "kernels/registry.h"

static const char help[] =
        "usage: sevbench explain [OPTION]... [KERNEL VARIANT [PARAMS]]\n"
        "       sevbench explain --costs --run RESULTS\n"
        "\n"
        "The way that an operation takes on each platform, leg by leg: user mode, #VC, VMGEXIT,\n"
        "KVM, QEMU and back, and where each leg was read. `sevbench explain cpuid 0xb`, or\n"
        "cpuid/0xb; `convert 4k pages_converted=8` where it has parameters (else the first that "
        "is\n"
        "known). Without an operation: all whose way is known.\n"
        "\n"
        "  --run RESULTS        what was measured of each leg, of the directory of a run or its\n"
        "                       samples.csv (may be given more than once)\n"
        "  --costs              what an operator asks, computed of the run: what a GiB of page "
        "state\n"
        "                       change and a second of timer ticks take, how many CPUIDs, MMIOs "
        "and\n"
        "                       halts a second make 1 % of a CPU; nothing of emulated guests\n"
        "  --partial            take what is whole in results that are damaged or unfinished\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

#define RUNS 64 /* that can be named */

struct options {
	struct load_path runs[RUNS];
	size_t run_count;
	bool partial, wants_help, costs;
	const char *kernel, *variant, *params; /* NULL: not given */
};

static int take(struct options *o, int option, char **argv, struct err *e)
{
	switch (option) {
	case 'r':
		if (o->run_count == RUNS)
			return err_set(e, EINVAL, "more than %d runs: name fewer with --run", RUNS);
		o->runs[o->run_count++] = (struct load_path){.path = optarg};
		return 0;
	case 'c':
		o->costs = true;
		return 0;
	case 'p':
		o->partial = true;
		return 0;
	case 'h':
		o->wants_help = true;
		return 0;
	default:
		return usage_option(option, argv, e);
	}
}

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option names[] = {
	        {"run", required_argument, NULL, 'r'},
	        {"costs", no_argument, NULL, 'c'},
	        {"partial", no_argument, NULL, 'p'},
	        {"help", no_argument, NULL, 'h'},
	        {0},
	};
	int option, rc = 0;

	optind = 0;
	while (!rc && (option = getopt_long(argc, argv, ":h", names, NULL)) != -1)
		rc = take(o, option, argv, e);
	if (!rc && argc - optind > 3)
		rc = err_set(e, EINVAL, "\"%s\" is too much: explain takes one operation",
		             argv[optind + 3]);
	o->kernel = argv[optind];
	o->variant = o->kernel ? argv[optind + 1] : NULL;
	o->params = o->variant ? argv[optind + 2] : NULL;
	if (!rc && o->params && !strchr(o->params, '='))
		rc = err_set(e, EINVAL, "\"%s\" is no parameter: pages_converted=8 is one",
		             o->params);
	if (!rc && o->costs && (!o->run_count || o->kernel))
		rc = err_set(e, EINVAL,
		             "--costs is computed of a run, and of no operation alone: give --run "
		             "RESULTS and no other word");
	if (!rc && o->run_count && !o->kernel && !o->wants_help && !o->costs)
		rc = err_set(e, EINVAL, "--run needs an operation: sevbench explain lists them");
	return rc;
}

static void print_head(const struct operation *operation)
{
	const struct kernel *kernel = registry_find(operation->kernel);
	const char *variant = *operation->variant != '*' ? operation->variant : "";
	int column = printf("%s%s%s%s%s: ", operation->kernel, *variant ? " " : "", variant,
	                    *operation->params ? " " : "", operation->params);

	notes_wrap(stdout, kernel ? kernel->summary : "", column, 2, TABLE_WIDTH);
}

/* With what the runs measured, if any is named. */
static int print_way(const struct options *o, const struct explain *x, struct err *e)
{
	struct load load;
	struct parts parts;
	int rc;

	if (!o->run_count)
		return explain_out_print(stdout, x, e);
	rc = load_results(&load, o->runs, o->run_count, o->partial, e);
	if (rc)
		return rc;
	rc = parts_make(&load.summary, &parts, e);
	if (!rc) {
		struct explain measured = *x;

		measured.parts = &parts;
		rc = explain_out_print(stdout, &measured, e);
		parts_free(&parts);
	}
	load_free(&load);
	return rc;
}

static int print_costs(const struct options *o, struct err *e)
{
	struct load load;
	struct costs costs;
	int rc = load_results(&load, o->runs, o->run_count, o->partial, e);

	if (rc)
		return CMD_FAILED;
	rc = costs_make(&load.summary, &costs, e);
	if (!rc) {
		rc = costs_out_print(stdout, &costs, e);
		costs_free(&costs);
	}
	load_free(&load);
	return rc ? CMD_FAILED : CMD_DONE;
}

/* CMD_USAGE where there is no such operation. */
static int explain(const struct options *o, const struct switches *switches, struct err *e)
{
	struct operation operation;
	struct explain x = {.switches = switches,
	                    .kernel = operation.kernel,
	                    .variant = operation.variant,
	                    .params = operation.params};
	struct legs legs;
	int rc;

	if (o->costs)
		return print_costs(o, e);
	if (!o->kernel) {
		operation_list(switches, stdout);
		return CMD_DONE;
	}
	if (operation_find(switches, o->kernel, o->variant, o->params, &operation, e))
		return CMD_USAGE;
	rc = legs_load(&legs, e);
	if (rc)
		return CMD_FAILED;
	x.legs = &legs;
	print_head(&operation);
	rc = print_way(o, &x, e);
	legs_free(&legs);
	return rc ? CMD_FAILED : CMD_DONE;
}

int cmd_explain(int argc, char **argv)
{
	struct options o = {.run_count = 0};
	struct switches switches = {0};
	struct err e = {""};
	int status = CMD_DONE;

	if (parse(&o, argc, argv, &e))
		status = CMD_USAGE;
	else if (o.wants_help)
		fputs(help, stdout);
	else if (switches_load(&switches, &e))
		status = CMD_FAILED;
	else
		status = explain(&o, &switches, &e);
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	if (status == CMD_USAGE && switches.count) {
		fputs("These are known:\n", stderr);
		operation_list(&switches, stderr);
	}
	switches_free(&switches);
	return status;
}
