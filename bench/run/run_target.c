/* SPDX-License-Identifier: MIT */
#include "bench/run/run_target.h"

#include <errno.h>
#include <stdio.h>

#include "harness/utf8.h"

struct vm_spec run_target_spec(const struct vm_spec *vm, unsigned target)
{
	struct vm_spec spec = *vm;

	spec.platform = target_platform(target);
	target_pages(target, &spec.backing);
	return spec;
}

/* SNP's private memory has pages of 4 KiB whatever backs it. */
const char *run_target_host_pages(const struct vm_spec *vm, unsigned target)
{
	struct vm_spec spec = run_target_spec(vm, target);

	if (spec.platform == PLATFORM_NATIVE)
		return NULL;
	return mem_pages_name(spec.platform == PLATFORM_SNP ? MEM_4K : spec.backing);
}

int run_target_check(const struct vm_spec *spec, struct run_target *target, struct err *e)
{
	struct err why = {""};
	int rc = vm_check(spec, &target->choice, &why);

	if (rc && rc != -ENOTSUP) {
		*e = why;
		return rc;
	}
	target->launch = rc == 0;
	snprintf(target->reason, sizeof(target->reason), "%s", why.text);
	return 0;
}

bool run_target_emulated(const struct run_target targets[TARGET_COUNT])
{
	for (unsigned t = 0; t < TARGET_COUNT; t++)
		if (t != PLATFORM_NATIVE && targets[t].launch && targets[t].choice.emulated)
			return true;
	return false;
}

const char *run_target_hint(const struct run_target targets[TARGET_COUNT])
{
	for (unsigned t = 0; t < TARGET_COUNT; t++)
		if (targets[t].wanted && !targets[t].launch && targets[t].choice.hint[0])
			return targets[t].choice.hint;
	return "";
}

void run_target_firmware(const struct run_target targets[TARGET_COUNT], struct vm_spec *spec)
{
	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		if (targets[t].launch && sev_traits(target_platform(t))->memory_encrypted)
			return;
	}
	if (!spec->firmware)
		spec->firmware = "default";
}

json_t *run_target_describe(const struct run_target targets[TARGET_COUNT])
{
	json_t *all = json_object();

	for (unsigned t = 0; t < TARGET_COUNT; t++) {
		const struct run_target *target = &targets[t];

		if (!target->wanted)
			continue;
		json_object_set_new(all, target_name(t),
		                    target->launch ? json_pack("{s:b,s:b,s:s,s:o}", "launched", 1,
		                                               "here", target->here, "accel",
		                                               accel_name(target->choice.accel),
		                                               "why", utf8_json(target->choice.why))
		                                   : json_pack("{s:b,s:o}", "launched", 0, "reason",
		                                               utf8_json(target->reason)));
	}
	return all;
}
