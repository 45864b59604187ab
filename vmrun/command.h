/* SPDX-License-Identifier: MIT */
/* The commands of the program `vmrun`: each takes its own argv and returns an exit status. */
#ifndef VMRUN_COMMAND_H
#define VMRUN_COMMAND_H

/* Exit statuses of every program of sevbench. */
enum {
	COMMAND_DONE = 0,
	COMMAND_FAILED = 1,
	COMMAND_USAGE = 2,
	COMMAND_NOTHING = 77,
	COMMAND_LATE = 124,
	COMMAND_SIGNALLED = 128 /* and the number of the signal by which a user ended it */
};

int command_exec(int argc, char **argv);
int command_argv(int argc, char **argv);
int command_doctor(int argc, char **argv);

#endif
