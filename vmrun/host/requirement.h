/* SPDX-License-Identifier: MIT */
/*
 * What a host needs for each kind of guest, as rows: what was found, whether it does, and what to
 * do about it. The launcher refuses by the rows that decide; `vmrun doctor` shows all of them.
 */
#ifndef VMRUN_HOST_REQUIREMENT_H
#define VMRUN_HOST_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "vmrun/host/facts.h"
#include "vmrun/host/finding.h"

struct requirement {
	const char *name;
	unsigned modes; /* bit 1 << platform: it matters for that mode */
	bool decides;   /* a FAIL stops a launch; otherwise Linux shows it in a row that does */
	void (*check)(struct facts *facts, struct finding *finding);
};

/* All rows, in the order in which a host is put right. */
const struct requirement *requirement_rows(size_t *count);

/*
 * -ENOTSUP with the reason when `platform` cannot be launched with KVM here, 0 when it can. The
 * reason is that of the row that decides, or where that may follow from one before, the first
 * one's.
 */
int requirement_allow(const struct host_source *source, enum platform platform, struct err *e);

#endif
