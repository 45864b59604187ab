/* SPDX-License-Identifier: MIT */
/* What a guest's emulated SEV processor counts, read while it runs. */
#ifndef VMRUN_LAUNCH_EMULATION_H
#define VMRUN_LAUNCH_EMULATION_H

#include <jansson.h>

#include "harness/err.h"
#include "vmrun/emulate/counters.h"
#include "vmrun/wire/counts.h"

/*
 * The file is QEMU's to write, and to shorten: it is read, for a mapping of it could be pulled from
 * under our feet.
 */
struct emulation {
	int fd; /* -1: nothing is emulated */
};

/*
 * Make the file ARGV_COUNTERS in the run's private directory. The plugin counts there, in
 * the host's memory: a guest has no way to it but by doing what is counted.
 */
int emulation_open(struct emulation *emulation, const char *directory, struct err *e);
void emulation_close(struct emulation *emulation);

/* The counts of the moment, summed; COUNTS_NOBODY where the plugin has not begun to count. */
void emulation_count(const struct emulation *emulation, struct counts *counts);

/*
 * The counts of the moment that are not 0, by name: "vc" and "vmgexit" by exit code ("0x72"), page
 * states, PVALIDATE. NULL where the plugin has not begun to count.
 */
json_t *emulation_json(const struct emulation *emulation);

#endif
