/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analysis/show/neighbours_out.h"
#include "bench/cmd/beside_check.h"
#include "bench/cmd/beside_measure.h"
#include "bench/cmd/beside_results.h"
#include "bench/cmd/cmd.h"
#include "harness/result.h"
#include "harness/units.h"

#define DEFAULT_ROUNDS 5

static const char help[] =
        "usage: sevbench neighbours --guests N [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
        "       sevbench neighbours [--csv FILE] DIR\n"
        "\n"
        "What neighbours cost, with and without encryption. Measure with PROGRAM (bench-stream, "
        "...)\n"
        "in a guest alone and in N guests at once, each on CPUs of its own, in rounds on every\n"
        "platform, and print each guest and all together beside the one alone. Or print what a\n"
        "measurement has left in DIR.\n"
        "\n"
        "  --guests N               how many at once, 2 to 64\n"
        "  --platforms LIST         nosev,sev,sev-es,snp (all that this host can launch)\n"
        "  --rounds R               launches of either kind on every platform (5)\n"
        "  --out DIR                new directory for results (results/<time>-neighbours)\n"
        "  --csv FILE               write the table as CSV too\n"
        "  --force                  replace the FILE that is there\n";

static const char help_end[] = "\nExit status: 0 done, 1 failed, 2 usage, 77 this host can launch "
                               "none of the guests, 124 timed\nout.\n";

struct neighbours_command {
	struct options options;
	struct beside beside;
	const char *csv;
	bool force;            /* csv replaces a file that is there */
	const char *measuring; /* the last option that only a measurement has */
};

static int take(void *context, int option, const char *value, struct err *e)
{
	struct neighbours_command *c = context;
	uint64_t number;
	int rc = 0;

	switch (option) {
	case 'g':
		rc = units_parse_number("--guests", value, 2, VM_GUESTS_MAX, &number, e);
		if (!rc)
			c->options.spec.guests = (unsigned)number;
		return rc;
	case 'r':
		rc = units_parse_number("--rounds", value, 1, 1000, &number, e);
		if (!rc)
			c->beside.rounds = (unsigned)number;
		c->measuring = "--rounds";
		return rc;
	case 'p':
		c->measuring = "--platforms";
		rc = target_parse_list(value, c->beside.target, e);
		return rc ? err_wrap(e, rc, "--platforms") : 0;
	case 'o':
		c->measuring = "--out";
		c->beside.output = value;
		return 0;
	case 'f':
		c->force = true;
		return 0;
	default:
		c->csv = value;
		return 0;
	}
}

static int parse(struct neighbours_command *c, int argc, char **argv, struct err *e)
{
	static const struct option rows[] = {{"guests", required_argument, NULL, 'g'},
	                                     {"platforms", required_argument, NULL, 'p'},
	                                     {"rounds", required_argument, NULL, 'r'},
	                                     {"out", required_argument, NULL, 'o'},
	                                     {"csv", required_argument, NULL, 'c'},
	                                     {"force", no_argument, NULL, 'f'},
	                                     {0}};
	const struct options_own own = {rows, take, c};
	int rc;

	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		c->beside.target[p] = true;
	c->beside.rounds = DEFAULT_ROUNDS;
	c->beside.options = &c->options;
	c->beside.argc = argc;
	c->beside.argv = argv;
	rc = options_parse(argc, argv, OPTIONS_GUEST | OPTIONS_RUN, &own, &c->options, e);
	if (rc || c->options.help)
		return rc;
	rc = c->csv ? result_file_check(c->csv, c->force, e) : 0;
	if (rc)
		return rc;
	if (c->options.spec.guests)
		return 0;
	if (c->measuring)
		return err_set(e, EINVAL,
		               "%s is of a measurement: say how many guests at once by --guests",
		               c->measuring);
	if (!c->options.command[0])
		return err_set(e, EINVAL, "no results are named: see sevbench neighbours --help");
	if (c->options.command[1])
		return err_set(e, EINVAL,
		               "one directory of results, not also %s; options come before it",
		               c->options.command[1]);
	return 0;
}

static int show_results(const struct neighbours_command *c, const struct beside_results *r,
                        struct err *e)
{
	struct neighbours neighbours = {0};
	struct load load;
	int rc = load_results(&load, r->paths, r->count, false, e);

	if (rc)
		return rc;
	rc = neighbours_make(&load.summary, r->guests, &neighbours, e);
	if (!rc && !neighbours.count)
		rc = err_set(e, ENODATA, "the guests have measured no cell in the same round");
	if (!rc)
		rc = neighbours_out_print(stdout, &neighbours, e);
	if (!rc && c->csv)
		rc = neighbours_out_write(&neighbours, c->csv, c->force, e);
	neighbours_free(&neighbours);
	load_free(&load);
	return rc;
}

static int show(const struct neighbours_command *c, const char *directory, struct err *e)
{
	struct beside_results results;
	int rc = beside_results_open(directory, &results, e);

	if (rc)
		return rc;
	rc = show_results(c, &results, e);
	if (!rc) {
		putchar('\n');
		beside_results_say(&results, stdout);
	}
	beside_results_free(&results);
	return rc;
}

static int status_of(int rc)
{
	return !rc ? CMD_DONE : rc == -EINVAL ? CMD_USAGE : CMD_FAILED;
}

static int measure(struct neighbours_command *c, struct err *e)
{
	int status, rc = beside_check(&c->beside, e);

	if (rc)
		return rc == -ENOTSUP ? CMD_NOTHING_RAN : CMD_USAGE;
	status = beside_measure(&c->beside);
	if (status)
		return status;
	status = status_of(show(c, c->beside.directory, e));
	printf("Results: %s\n", c->beside.directory);
	return status;
}

int cmd_neighbours(int argc, char **argv)
{
	struct neighbours_command c = {.csv = NULL};
	struct err e = {""};
	int status = CMD_DONE;

	if (parse(&c, argc, argv, &e)) {
		status = CMD_USAGE;
	} else if (c.options.help) {
		fputs(help, stdout);
		options_help(OPTIONS_GUEST | OPTIONS_RUN);
		fputs(help_end, stdout);
	} else if (c.options.spec.guests) {
		status = measure(&c, &e);
	} else {
		status = status_of(show(&c, c.options.command[0], &e));
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	beside_free(&c.beside);
	options_free(&c.options);
	return status;
}
