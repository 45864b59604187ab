/* SPDX-License-Identifier: MIT */
/*
 * The commands of sevbench: argv[0] is the command's own name, the return value is the exit status.
 * One more command is one more function here and one more row in bench/sevbench.c.
 */
#ifndef BENCH_CMD_CMD_H
#define BENCH_CMD_CMD_H

#include <stdio.h>

enum cmd_status {
	CMD_DONE = 0,
	CMD_FAILED = 1,
	CMD_USAGE = 2,
	CMD_NOT_JUDGED = 3, /* no cell failed a gate, and not all could be judged */
	CMD_NOTHING_RAN = 77,
	CMD_TIMED_OUT = 124,
	CMD_SIGNALLED = 128 /* and the number of the signal by which a user ended it */
};

int cmd_list(int argc, char **argv);
int cmd_bundle(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_neighbours(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_export(int argc, char **argv);

#endif
