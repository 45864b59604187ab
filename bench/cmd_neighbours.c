/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/neighbours.h"
#include "bench/cmd.h"
#include "bench/load.h"
#include "vmrun/vm.h"

/* Guests that ran side by side for less of their time than this say little of neighbours. */
#define TOGETHER_LEAST 0.9

_Static_assert(NEIGHBOURS_MAX >= VM_GUESTS_MAX, "a guest without a place");

static const char help[] =
        "usage: sevbench neighbours [OPTION]... BESIDE...\n"
        "\n"
        "What neighbours cost: each of several guests at once, and all together, beside one "
        "alone.\n"
        "BESIDE are the output directories of `vmrun exec --guests N --output BESIDE`, a round "
        "each:\n"
        "give the programs in them --round 1, --round 2 and so on.\n"
        "\n"
        "  --alone RESULTS  what one guest alone has measured, of the same rounds: the file\n"
        "                   `output` of `vmrun exec --output` (may be given more than once)\n"
        "  --csv FILE       write the table as CSV too\n"
        "  --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 usage.\n";

struct options {
	struct load_path *paths; /* owned, with the names */
	size_t count;
	unsigned guests;
	const char *csv;
	bool wants_help;
};

static int add(struct options *o, char *path, unsigned side, struct err *e)
{
	struct load_path *more = realloc(o->paths, (o->count + 1) * sizeof(*more));

	if (more)
		o->paths = more;
	if (!more || !path) {
		free(path);
		return err_set(e, ENOMEM, "no memory for the names of results");
	}
	o->paths[o->count++] = (struct load_path){path, side};
	return 0;
}

/* A name in the directory of a guest, to be freed; NULL: no memory. */
static char *in_guest(const char *beside, unsigned guest, const char *name)
{
	char *path;

	return asprintf(&path, "%s/guest%u/%s", beside, guest, name) < 0 ? NULL : path;
}

/* The directories of the guests in `beside`: as many as in those before. */
static int add_beside(struct options *o, const char *beside, struct err *e)
{
	unsigned guests = 0;
	int rc = 0;

	for (; !rc && guests < VM_GUESTS_MAX; guests++) {
		char *path = in_guest(beside, guests, "output");

		if (path && access(path, F_OK)) {
			free(path);
			break;
		}
		rc = add(o, path, guests, e);
	}
	if (!rc && guests < 2)
		rc = err_set(e, EINVAL,
		             "%s holds no results of several guests (%s/guest1/output): it must be "
		             "what vmrun exec --guests N --output wrote",
		             beside, beside);
	if (!rc && o->guests && guests != o->guests)
		rc = err_set(e, EINVAL, "%s is of %u guests, and those before are of %u", beside,
		             guests, o->guests);
	o->guests = guests;
	return rc;
}

static int parse(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {{"alone", required_argument, NULL, 'a'},
	                                        {"csv", required_argument, NULL, 'c'},
	                                        {"help", no_argument, NULL, 'h'},
	                                        {0}};
	int option, rc = 0;

	optind = 0;
	while (!rc && (option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		if (option == 'a') {
			rc = add(o, strdup(optarg), NEIGHBOURS_ALONE, e);
		} else if (option == 'c') {
			o->csv = optarg;
		} else if (option == 'h') {
			o->wants_help = true;
			return 0;
		} else {
			return err_set(e, EINVAL, "%s: see sevbench neighbours --help",
			               option == ':' ? "an option lacks its value"
			                             : "there is no such option");
		}
	}
	if (!rc && optind == argc)
		rc = err_set(e, EINVAL, "no results are named: see sevbench neighbours --help");
	for (int i = optind; !rc && i < argc; i++)
		rc = add_beside(o, argv[i], e);
	if (!rc && o->csv && !access(o->csv, F_OK))
		rc = err_set(e, EEXIST, "%s exists already, and results are never overwritten",
		             o->csv);
	return rc;
}

/* Guests that were not at it at the same time are no neighbours: say so, by their report. */
static void judge_meeting(const char *beside)
{
	char *path = in_guest(beside, 0, "report.json");
	json_t *report = path ? json_load_file(path, 0, NULL) : NULL;
	const json_t *cells = json_object_get(json_object_get(report, "guests"), "cells_together");
	size_t count = json_array_size(cells), apart = 0;
	double least = 1;

	for (size_t i = 0; i < count; i++) {
		double together = json_number_value(json_array_get(cells, i));

		apart += together < TOGETHER_LEAST;
		least = together < least ? together : least;
	}
	if (!count)
		fprintf(stderr,
		        "sevbench: %s does not say how long its guests ran side by side: its "
		        "figures "
		        "may be of guests alone\n",
		        beside);
	else if (apart)
		fprintf(stderr,
		        "sevbench: in %zu of %zu cells of %s the guests ran side by side for less "
		        "than "
		        "%.0f %% of the time, at least for %.0f %%: these are partly of guests "
		        "alone\n",
		        apart, count, beside, TOGETHER_LEAST * 100, least * 100);
	json_decref(report);
	free(path);
}

static int show(const struct options *o, struct err *e)
{
	struct neighbours neighbours = {0};
	struct load load;
	int rc = load_results(&load, o->paths, o->count, false, e);

	if (rc)
		return rc;
	rc = neighbours_make(&load.summary, o->guests, &neighbours, e);
	if (!rc && !neighbours.count)
		rc = err_set(e, ENODATA, "the guests have measured no cell in the same round");
	if (!rc)
		rc = neighbours_print(stdout, &neighbours, e);
	if (!rc && o->csv)
		rc = neighbours_write(&neighbours, o->csv, e);
	if (!rc && fflush(stdout))
		rc = err_errno(e, "cannot print what neighbours cost");
	neighbours_free(&neighbours);
	load_free(&load);
	return rc;
}

int cmd_neighbours(int argc, char **argv)
{
	struct options o = {0};
	struct err e = {""};
	int status = CMD_DONE;

	if (parse(&o, argc, argv, &e)) {
		status = CMD_USAGE;
	} else if (o.wants_help) {
		fputs(help, stdout);
	} else {
		for (int i = optind; i < argc; i++)
			judge_meeting(argv[i]);
		if (show(&o, &e))
			status = CMD_FAILED;
	}
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	for (size_t i = 0; i < o.count; i++)
		free((char *)o.paths[i].path);
	free(o.paths);
	return status;
}
