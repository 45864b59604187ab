/* SPDX-License-Identifier: MIT */
/*
 * The proof of encryption: can the host read what the guest keeps in its memory? A plain guest is
 * the positive control: there the search must find the marker, or it proves nothing.
 */
#ifndef VMRUN_LAUNCH_PROVE_H
#define VMRUN_LAUNCH_PROVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/err.h"
#include "harness/sev.h"
#include "vmrun/launch/memsearch.h"

/* What a search has brought. */
struct prove_evidence {
	enum platform platform;
	bool emulated;    /* other memory of QEMU's stands for what would be encrypted */
	uint64_t planted; /* copies of the marker in the guest */
	uint64_t found;   /* of them, by the host */
	uint64_t shared;  /* times that the masked marker was found, which crossed shared memory */
	struct memsearch search;
};

/*
 * What it means: *json gets "verdict" ("visible", "not visible", "void"), "sentence" and the
 * figures. 0; -EXDEV for an encrypted guest that can be read; -EIO when it proves nothing.
 */
int prove_judge(const struct prove_evidence *v, json_t **json, struct err *e);

/*
 * Search the memory of the guest that said `hello` and holds still, QEMU's process being `qemu`.
 * `emulated`: its SEV is.
 * As prove_judge; where the host may not look, 0 and the verdict "not done"; -EPROTO when the guest
 * has planted no marker; -EINTR when `cancel` becomes readable.
 */
int prove_guest(pid_t qemu, enum platform platform, bool emulated, uint64_t memory,
                const json_t *hello, int cancel, json_t **json, struct err *e);

#endif
