/* SPDX-License-Identifier: MIT */
#include "bench/cmd/cmd_results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/cmd/cmd.h"
#include "harness/usage.h"

void cmd_results_add(struct cmd_results *o, struct load_path path)
{
	o->paths[o->path_count++] = path;
}

int cmd_results_folder(const struct cmd_results *o, struct folder *folder, struct err *e)
{
	char *path = NULL;
	int rc = load_beside(o->first, "", &path, e);
	size_t length = rc ? 0 : strlen(path);

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	if (!rc)
		rc = folder_open(length ? path : ".", folder, e);
	free(path);
	return rc;
}

int cmd_results_plots(const struct cmd_results *o, struct folder *plots, struct err *e)
{
	struct folder folder;
	int rc = cmd_results_folder(o, &folder, e);

	if (rc)
		return rc;
	rc = folder_make(&folder, "plots", plots, e);
	folder_close(&folder, false);
	return rc;
}

static int take(struct cmd_results *o, int option, struct err *e)
{
	unsigned platform;
	int rc;

	switch (option) {
	case 'o':
		o->out = optarg;
		return 0;
	case 'r':
		rc = target_parse(optarg, &platform, e);
		o->compare.reference = rc ? -1 : (int)platform;
		return rc;
	case 'S':
		cmd_results_add(o, (struct load_path){.path = optarg, .snp_off = true});
		o->snp_off = true;
		return 0;
	case 'F':
		o->force = true;
		return 0;
	case 'p':
		o->partial = true;
		return 0;
	case 'h':
		o->wants_help = true;
		return 0;
	default:
		return o->take(o, option, e);
	}
}

static int parse(struct cmd_results *o, int argc, char **argv, struct err *e)
{
	int option, rc = 0;

	o->paths = calloc((size_t)argc + 1, sizeof(*o->paths));
	if (!o->paths)
		return err_set(e, ENOMEM, "no memory for %d arguments", argc);
	optind = 0;
	while (!rc && !o->wants_help &&
	       (option = getopt_long(argc, argv, ":h", o->options, NULL)) != -1)
		rc = option == ':' || option == '?' ? usage_option(option, argv, e)
		                                    : take(o, option, e);
	if (rc || o->wants_help)
		return rc;
	rc = o->check ? o->check(o, e) : 0;
	if (!rc && optind == argc)
		rc = err_set(e, EINVAL, "no results are named: see sevbench %s --help", o->command);
	o->first = argv[optind];
	while (!rc && optind < argc)
		cmd_results_add(o, (struct load_path){.path = argv[optind++]});
	return rc;
}

static int make(const struct cmd_results *o, struct err *e)
{
	struct compare compare;
	struct load load;
	int rc = load_results(&load, o->paths, o->path_count, o->partial, e);

	if (rc)
		return rc;
	rc = compare_make(&load.summary, &o->compare, &compare, e);
	if (!rc) {
		rc = o->make(o, &compare, e);
		compare_free(&compare);
	}
	load_free(&load);
	return rc;
}

int cmd_results_run(struct cmd_results *o, int argc, char **argv)
{
	struct err e = {""};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int status = CMD_DONE;

	o->compare = COMPARE_DEFAULTS;
	o->compare.threads = cpus > 1 ? (unsigned)cpus : 1;
	if (parse(o, argc, argv, &e))
		status = CMD_USAGE;
	else if (o->wants_help)
		fputs(o->help, stdout);
	else if (make(o, &e))
		status = CMD_FAILED;
	if (*e.text)
		fprintf(stderr, "sevbench: %s\n", e.text);
	free(o->paths);
	return status;
}
