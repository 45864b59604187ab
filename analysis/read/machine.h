/* SPDX-License-Identifier: MIT */
/* What manifest.json says of the machine and the run, as far as pictures and pages show it. */
#ifndef ANALYSIS_READ_MACHINE_H
#define ANALYSIS_READ_MACHINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"

struct machine_cache {
	unsigned level;
	uint64_t size;
};

/* `path` and `snp_off` are the reader's to set. All zero is a machine of which nothing is known. */
struct machine {
	json_t *manifest; /* owned; NULL where there is none */
	const char *path; /* of the results, as it was given */
	bool snp_off;     /* what is beside it are columns of their own: the host with SNP off */
	struct machine_cache caches[8]; /* for data, by level */
	unsigned cache_count;
	unsigned last_caches; /* how many there are of the last level; 0: not known */
	double dram_gbps;     /* what the memory can move in theory; 0: not known */
	char dram_source[256];
};

/* Bytes of the last of the caches; 0: not known. */
uint64_t machine_last_cache(const struct machine *machine);

/*
 * Read `directory`/manifest.json. No file, or no directory: nothing is known, which is no error. A
 * file that is no JSON object is one (-EINVAL), with its line; so is a schema that is not known.
 */
int machine_read(struct machine *machine, const char *directory, struct err *e);
void machine_free(struct machine *machine);

/* How many things the list at such a path holds; 0 where there is none. */
size_t machine_count(const struct machine *machine, const char *path);

/* The text, number or truth value at a path such as "environment.cpu.model_name", or "". */
const char *machine_text(const struct machine *machine, const char *path, char text[256]);

#endif
