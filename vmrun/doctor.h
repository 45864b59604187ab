/* SPDX-License-Identifier: MIT */
/* What `vmrun doctor` shows of a host: every requirement of every mode, and what follows. */
#ifndef VMRUN_DOCTOR_H
#define VMRUN_DOCTOR_H

#include <jansson.h>
#include <stdio.h>

#include "vmrun/host/host.h"
#include "vmrun/host/requirement.h"
#include "vmrun/launch/vm.h"

#define DOCTOR_ROWS_MAX 24

struct doctor {
	const char *names[DOCTOR_ROWS_MAX];
	struct finding findings[DOCTOR_ROWS_MAX];
	size_t count;
	bool leaf_known;
	uint32_t leaf[4];         /* CPUID 0x8000001F */
	bool can[PLATFORM_COUNT]; /* whether a guest of that mode would be launched */
	enum accel accel[PLATFORM_COUNT];
	char why[PLATFORM_COUNT][400]; /* why not, or why only emulated; "" */
};

/*
 * Examine a host. QEMU, firmware and guest kernel are this machine's, as `spec` names them; of a
 * recorded host they are left out.
 */
void doctor_examine(const struct host_source *source, const struct vm_spec *spec,
                    struct doctor *doctor);

/* The table, CPUID 0x8000001F decoded, the verdicts, and what to do; 100 columns. */
void doctor_print(const struct doctor *doctor, FILE *out);

/* The same as JSON; NULL: no memory. */
json_t *doctor_json(const struct doctor *doctor);

#endif
