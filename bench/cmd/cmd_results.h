/* SPDX-License-Identifier: MIT */
/* What commands that make something of results share: their options, and reading the results. */
#ifndef BENCH_CMD_CMD_RESULTS_H
#define BENCH_CMD_CMD_RESULTS_H

#include <getopt.h>
#include <stdbool.h>

#include "analysis/decide/compare.h"
#include "bench/cmd/load.h"
#include "harness/folder.h"

/*
 * Rows of a command's table of options. The driver takes these; what else the table names goes to
 * the command's take().
 */
#define CMD_RESULTS_OPTIONS                                                                        \
	((struct option){"reference", required_argument, NULL, 'r'}),                              \
	        ((struct option){"snp-off", required_argument, NULL, 'S'}),                        \
	        ((struct option){"partial", no_argument, NULL, 'p'}),                              \
	        ((struct option){"help", no_argument, NULL, 'h'})
#define CMD_RESULTS_OUT   ((struct option){"out", required_argument, NULL, 'o'})
#define CMD_RESULTS_FORCE ((struct option){"force", no_argument, NULL, 'F'})

struct cmd_results {
	const char *command; /* "plot": for the sentences */
	const char *help;
	const struct option *options;
	/* One of the command's own options, its value in optarg: 0 or a negative errno. */
	int (*take)(struct cmd_results *o, int option, struct err *e); /* NULL: it has none */
	/* Refuse options that do not go together, before anything is read. */
	int (*check)(const struct cmd_results *o, struct err *e); /* NULL: all do */
	/* Make it of the results, which are compared already: 0 or a negative errno. */
	int (*make)(const struct cmd_results *o, const struct compare *compare, struct err *e);
	void *own; /* the command's own options, for the three */
	/* From the command line: */
	struct compare_options compare; /* the defaults with --reference, and a thread a CPU */
	struct load_path *paths;        /* owned by cmd_results_run() */
	size_t path_count;
	const char *first; /* of the RESULTS: what is made lies beside it unless told otherwise */
	const char *out;   /* --out; NULL: not given */
	bool partial, wants_help;
	bool snp_off; /* --snp-off is among the paths */
	bool force;   /* files that are there are replaced */
};

/* RESULTS that an option names. For take(). */
void cmd_results_add(struct cmd_results *o, struct load_path path);

/* The directory of the first of the RESULTS, to write in, and `plots` in it; neither where it is
 * another's, nor a link (harness/folder.h). */
int cmd_results_folder(const struct cmd_results *o, struct folder *folder, struct err *e);
int cmd_results_plots(const struct cmd_results *o, struct folder *plots, struct err *e);

/* Parse the options and RESULTS, read and compare the results, and make(). The exit status. */
int cmd_results_run(struct cmd_results *o, int argc, char **argv);

#endif
