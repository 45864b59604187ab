/* SPDX-License-Identifier: MIT */
#include "analysis/decide/guest_status.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/sev_features.h"

static void check(struct summary *summary, const json_t *environment)
{
	const json_t *sev = json_object_get(environment, "sev");
	const char *status = json_string_value(json_object_get(sev, "status"));
	const char *name = json_string_value(json_object_get(sev, "platform"));

	if (!status || !name || *summary->dear_exits ||
	    !(strtoull(status, NULL, 16) & SEV_FEATURES_IBPB_ON_ENTRY))
		return;
	snprintf(
	        summary->dear_exits, sizeof(summary->dear_exits),
	        "%.16s had IBPB on entry (SEV_STATUS bit 23): the branch predictor is flushed each "
	        "time the guest is entered, and every exit of it is dearer by that than without.",
	        name);
}

void guest_status_apply(struct summary *summary, const struct machine *machines, size_t count)
{
	summary->dear_exits[0] = '\0';
	for (size_t m = 0; m < count; m++) {
		const json_t *launches = json_object_get(machines[m].manifest, "launches"), *launch;
		size_t i;

		check(summary, json_object_get(machines[m].manifest, "environment"));
		json_array_foreach (launches, i, launch) {
			check(summary, json_object_get(launch, "environment"));
		}
	}
}
