/* SPDX-License-Identifier: MIT */
/*
 * What a host needs for each kind of guest, as rows: what was found, whether it does, and what to
 * do about it. The launcher refuses by the rows that decide; `vmrun doctor` shows all of them.
 */
#ifndef VMRUN_HOST_REQUIREMENT_H
#define VMRUN_HOST_REQUIREMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/host/host.h"
#include "vmrun/host/kvmprobe.h"

enum verdict {
	VERDICT_NONE, /* no matter for this mode */
	VERDICT_OK,
	VERDICT_UNKNOWN, /* could not be read */
	VERDICT_WARN,    /* it may launch, but */
	VERDICT_FAIL     /* it cannot launch */
};

struct finding {
	char found[160]; /* what there is, a phrase */
	enum verdict verdict[PLATFORM_COUNT];
	char reason[PLATFORM_COUNT][400]; /* of a WARN or FAIL: one sentence with the remedy */
};

/* Read once, shared by the rows. What is expensive is read when the first row asks. */
struct requirement_facts {
	const struct host_source *source;
	char vendor[CPU_SIGNATURE];
	bool has_leaf;
	uint32_t leaf[4]; /* CPUID 0x8000001F; zeros without it */
	bool probed;
	struct kvmprobe kvm;
	bool logged;
	char *log; /* owned; NULL: cannot be read */
};

struct requirement {
	const char *name;
	unsigned modes; /* bit 1 << platform: it matters for that mode */
	bool decides;   /* a FAIL stops a launch; otherwise Linux shows it in a row that does */
	void (*check)(struct requirement_facts *facts, struct finding *finding);
};

/* All rows, in the order in which a host is put right. */
const struct requirement *requirement_rows(size_t *count);

void requirement_gather(const struct host_source *source, struct requirement_facts *facts);
void requirement_release(struct requirement_facts *facts);

/* "ok", "no" and the like: one word for a table; "" for VERDICT_NONE. */
const char *requirement_word(enum verdict verdict);

/* Set the verdict of one mode, with a reason where it is a WARN or a FAIL. */
void requirement_judge(struct finding *finding, enum platform platform, enum verdict verdict,
                       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
