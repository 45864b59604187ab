/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "harness/place_choose.h"
#include "harness/text.h"

#define VCPUS_MAX 255 /* APIC identifiers of 8 bits */

void plan_cpus_compare(const struct place *place, char text[PLAN_UNLIKE])
{
	text[0] = '\0';
	if (!place->core_threads)
		snprintf(text, PLAN_UNLIKE,
		         "some vCPUs share a core and the guest cannot be told which: it sees %u "
		         "cores; name CPUs of which every core has as many, one behind the other",
		         place->count);
}

/* The CPUs of one of several guests, out of those that all have together. */
static int take_share(const struct vm_spec *spec, const struct place *all, struct place *place,
                      struct err *e)
{
	unsigned first = spec->guest * spec->vcpus;
	char list[16 * VCPUS_MAX] = "";

	for (unsigned i = first; i < first + spec->vcpus; i++)
		text_add(list, sizeof(list), "%s%u", *list ? "," : "", all->cpu[i]);
	return place_choose_guest(spec->vcpus, list, place, e);
}

static int place_guests(const struct vm_spec *spec, struct place *all, struct place *place,
                        struct err *e)
{
	unsigned guests = spec->guests ? spec->guests : 1;
	int rc = place_choose_guest(guests * spec->vcpus, spec->cpus, all, e);

	if (rc && guests > 1)
		return err_wrap(e, rc, "%u guests of %u vCPUs each", guests, spec->vcpus);
	if (rc || guests == 1) {
		*place = *all;
		return rc;
	}
	rc = take_share(spec, all, place, e);
	place->shares_core |= all->shares_core;
	return rc;
}

/* QEMU's threads beside the vCPUs get the allowed CPUs that are left, or all when none is. */
int plan_cpus_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	struct place all;
	cpu_set_t allowed;
	int rc;

	if (spec->guests > VM_GUESTS_MAX)
		return err_set(e, EINVAL, "%u guests at once: 1 to %d are possible", spec->guests,
		               VM_GUESTS_MAX);
	if (spec->vcpus < 1 || spec->vcpus > VCPUS_MAX)
		return err_set(e, EINVAL, "a guest of %u vCPUs: 1 to %d are possible", spec->vcpus,
		               VCPUS_MAX);
	rc = place_guests(spec, &all, &plan->place, e);
	if (rc)
		return rc == -ENOMEM ? rc : -EINVAL;
	if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return err_errno(e, "sched_getaffinity");
	plan->others = allowed;
	for (unsigned i = 0; i < all.count; i++)
		CPU_CLR(all.cpu[i], &plan->others);
	plan_cpus_compare(&plan->place, plan->unlike);
	plan->apart = CPU_COUNT(&plan->others) > 0;
	if (!plan->apart)
		plan->others = allowed;
	plan->argv.vcpus = spec->vcpus;
	plan->argv.core_threads = plan->place.core_threads;
	/* One node alone needs no binding. */
	plan->argv.node = place_node_exists(1) ? plan->place.node : -1;
	return 0;
}
