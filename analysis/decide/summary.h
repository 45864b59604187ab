/* SPDX-License-Identifier: MIT */
/*
 * One row a cell and platform (analysis/decide/summary_row.h): what summary.csv holds and every
 * table, plot and page shows.
 */
#ifndef ANALYSIS_DECIDE_SUMMARY_H
#define ANALYSIS_DECIDE_SUMMARY_H

#include "analysis/decide/summary_row.h"
#include "analysis/decide/switches.h"

/* What the memory can move in theory: analysis/decide/peak.h. */
struct summary_peak {
	double gbps;         /* 0: not known */
	uint64_t least_size; /* for each last-level cache in use: fewer bytes may live in it */
	char source[256];
};

#define SUMMARY_HOST_SNP 640
#define SUMMARY_ATTESTED 640

#define SUMMARY_UNLIKE 2048

struct summary {
	const struct samples *samples;
	struct summary_peak peak;
	char other_linux[256]; /* a sentence, or "": analysis/decide/guest_linux.h */
	char mixed_linux[96];  /* "6.1 and 6.12", what encrypted guests ran; "": one, or unknown */
	char dear_exits[192];  /* a sentence, or "": analysis/decide/guest_status.h */
	char unlike[SUMMARY_UNLIKE];     /* sentences, or "": analysis/decide/unlike.h */
	char attested[SUMMARY_ATTESTED]; /* a sentence, or "": analysis/decide/attested.h */
	char host_snp[SUMMARY_HOST_SNP]; /* sentences, or "": analysis/decide/host_snp.h */
	struct switches_host *hosts;     /* of each source: analysis/decide/host_paths.h */
	size_t host_count;               /* 0: nothing is known of them */
	struct libc_ways *libc;          /* of each source: analysis/decide/libc_ways.h */
	size_t libc_count;
	struct summary_row *rows; /* by cell, platform, accel, side */
	size_t count;
};

/* Of samples that are sorted (samples_sort) and outlive the summary. */
int summary_make(const struct samples *samples, struct summary *summary, struct err *e);
void summary_free(struct summary *summary);

/* Where the rows of a cell begin, and how many there are. */
const struct summary_row *summary_rows(const struct summary *summary, uint32_t cell, size_t *count);

/* The row of a cell, or NULL. */
const struct summary_row *summary_find(const struct summary *summary, uint32_t cell,
                                       unsigned platform, enum accel accel, unsigned side);

/*
 * What ratios are taken to when nobody says otherwise: the plain guest when an encrypted one was
 * measured, otherwise the machine itself if it was, otherwise the first platform that was (native
 * when none was).
 */
unsigned summary_reference(const struct summary *summary);

#define SUMMARY_STEP_TEXT 32

/*
 * ", within 10 ns": how fine readings of one operation are, by the steps of the counter, where
 * these are longer than a nanosecond; else "". Returns `text`.
 */
const char *summary_step_text(const struct summary *summary, char text[SUMMARY_STEP_TEXT]);

/* "skipped: the CPU has no AVX-512F", and where: "snp", or "snp in 1 of 3 rounds". */
struct summary_why {
	char what[1024], place[96];
};

/* Why rounds have no result; false, and nothing set, where all have one. */
bool summary_why(const struct summary *summary, const struct summary_row *row,
                 struct summary_why *why);

#endif
