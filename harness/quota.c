/* SPDX-License-Identifier: MIT */
#include "harness/quota.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "harness/control_group.h"

static void take_limit(struct quota *q, uint64_t quota, uint64_t period)
{
	double cpus = (double)quota / (double)period;

	if (!(cpus < q->cpus))
		return;
	q->cpus = cpus;
	q->period_ms = (double)period / 1e3;
}

/* "max 100000" and "-1" are no quota, and "max" is no number. */
static void take_group(const char *folder, bool second, void *context)
{
	struct quota *q = context;
	uint64_t quota = 0, period = 0, value;

	if (second && control_group_number(folder, "cpu.max", "", &quota)) {
		char after[24];

		snprintf(after, sizeof(after), "%" PRIu64 " ", quota);
		if (control_group_number(folder, "cpu.max", after, &period) && period)
			take_limit(q, quota, period);
	}
	if (!second && control_group_number(folder, "cpu.cfs_quota_us", "", &quota) &&
	    control_group_number(folder, "cpu.cfs_period_us", "", &period) && quota < INT64_MAX &&
	    period)
		take_limit(q, quota, period);
	if (control_group_number(folder, "cpu.stat", "nr_throttled ", &value))
		q->stops += value;
	if (control_group_number(folder, "cpu.stat", "throttled_usec ", &value))
		q->stopped_s += (double)value / 1e6;
	else if (control_group_number(folder, "cpu.stat", "throttled_time ", &value))
		q->stopped_s += (double)value / 1e9;
}

void quota_read(const char *root, struct quota *quota)
{
	*quota = (struct quota){.cpus = (double)INFINITY};
	control_group_each(root, "cpu", take_group, quota);
}
