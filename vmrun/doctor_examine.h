/* SPDX-License-Identifier: MIT */
/* What is known of a host when it was examined: every requirement of every mode, and the outcome.
 */
#ifndef VMRUN_DOCTOR_EXAMINE_H
#define VMRUN_DOCTOR_EXAMINE_H

#include "vmrun/host/finding.h"
#include "vmrun/host/host.h"
#include "vmrun/launch/vm.h"

#define DOCTOR_ROWS_MAX 24

struct doctor {
	const char *names[DOCTOR_ROWS_MAX];
	struct finding findings[DOCTOR_ROWS_MAX];
	size_t count;
	bool leaf_known;
	uint32_t leaf[4];              /* CPUID 0x8000001F */
	bool can[PLATFORM_LAUNCH_END]; /* whether a guest of that mode would be launched */
	enum accel accel[PLATFORM_LAUNCH_END];
	char why[PLATFORM_LAUNCH_END][400]; /* why not, or why only emulated; "" */
};

/*
 * Examine a host. QEMU, firmware and guest kernel are this machine's, as `spec` names them; of a
 * recorded host they are left out.
 */
void doctor_examine(const struct host_source *source, const struct vm_spec *spec,
                    struct doctor *doctor);

#endif
