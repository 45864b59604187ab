/* SPDX-License-Identifier: MIT */
/* What was found of one requirement: a phrase, and what it means for each mode. */
#ifndef VMRUN_HOST_FINDING_H
#define VMRUN_HOST_FINDING_H

#include <stdbool.h>

#include "harness/sev.h"

/* Sets of modes: bit 1 << platform. */
#define FINDING_ENCRYPTED (1U << PLATFORM_SEV | 1U << PLATFORM_SEV_ES | 1U << PLATFORM_SNP)
#define FINDING_SNP       (1U << PLATFORM_SNP)
#define FINDING_ALL       (1U << PLATFORM_NOSEV | FINDING_ENCRYPTED)

enum verdict {
	VERDICT_NONE, /* no matter for this mode */
	VERDICT_OK,
	VERDICT_UNKNOWN, /* could not be read */
	VERDICT_WARN,    /* it may launch, but */
	VERDICT_FAIL     /* it cannot launch */
};

struct finding {
	char found[160]; /* what there is, a phrase */
	enum verdict verdict[PLATFORM_LAUNCH_END];
	char reason[PLATFORM_LAUNCH_END][400]; /* of a WARN or FAIL: one sentence with the remedy */
	/* It may follow from a row before, which fails: then that one has the reason and the
	 * remedy. */
	bool follows[PLATFORM_LAUNCH_END];
};

/* Set the phrase. */
void finding_say(struct finding *finding, const char *fmt, ...)
        __attribute__((format(printf, 2, 3)));

/* Set the verdict of one mode, with a reason where it is a WARN or a FAIL. */
void finding_judge(struct finding *finding, enum platform platform, enum verdict verdict,
                   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same verdict and reason for every mode of the set. */
void finding_judge_all(struct finding *finding, unsigned modes, enum verdict verdict,
                       const char *reason);

/* "ok", "no" and the like: one word for a table; "" for VERDICT_NONE. */
const char *finding_word(enum verdict verdict);

#endif
