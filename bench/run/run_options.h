/* SPDX-License-Identifier: MIT */
/* The options of `sevbench run`. */
#ifndef BENCH_RUN_RUN_OPTIONS_H
#define BENCH_RUN_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/target.h"
#include "vmrun/launch/vm.h"

struct run_options {
	const char *suite;
	const char *kernels;       /* comma list, NULL: all of the suite */
	const char *resume;        /* directory of an interrupted run to go on with, or NULL */
	const char *out;           /* result directory; NULL: results/<time>-<suite> */
	bool target[TARGET_COUNT]; /* which are asked for */
	bool here;                 /* this machine as it shows itself, and nothing else */
	bool targets_given;        /* by the command line; otherwise all platforms are */
	unsigned rounds;           /* 0: what the suite says */
	double margin,
	        power; /* a difference that is to be found, and how surely; 0: not asked for */
	unsigned time_limit; /* seconds, after which no further round begins; 0: none */
	uint64_t seed;
	unsigned cell_seconds; /* deadline of one cell */
	double dram_peak;      /* GB/s that the memory can move in theory; 0: what SMBIOS says */
	struct vm_spec vm;     /* what the command line says of the guests */
	bool no_prove;         /* leave out the proof of encryption */
	unsigned cooldown; /* seconds that a launch waits for others to leave the CPUs, at most */
	bool help;
	bool dry_run; /* print the plan, run nothing */
};

/* Parse argv ("run" is argv[0]). -EINVAL with a sentence for what cannot be meant. */
int run_options_parse(int argc, char **argv, struct run_options *o, struct err *e);

extern const char run_options_help[];

#endif
