/* SPDX-License-Identifier: MIT */
/*
 * How fast the machine's memory can be in theory: channels x transfers a second x width, from the
 * memory devices that the firmware lists (System Management BIOS Reference Specification, DSP0134,
 * type 17).
 */
#ifndef HARNESS_DRAM_H
#define HARNESS_DRAM_H

#include <stdint.h>

#include "harness/err.h"

struct dram {
	unsigned modules;  /* memory devices that are populated */
	unsigned channels; /* that they sit on */
	double gbps;       /* 10^9 bytes a second over all channels of the machine */
	char source[200];  /* one sentence without a full stop: what it was computed from */
};

/*
 * Read `root`/sys/firmware/dmi/tables/DMI ("" is the running system). Modules share a channel where
 * their locators or banks say so ("P0 CHANNEL A", "DIMM_A1"). -ENOTSUP with the reason where the
 * table cannot be read (root only), lists no module, leaves a module's speed or width open, or does
 * not tell beyond doubt which modules share a channel ("PROC 1 DIMM 1").
 */
int dram_read(const char *root, struct dram *dram, struct err *e);

#endif
