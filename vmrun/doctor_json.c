/* SPDX-License-Identifier: MIT */
#include "vmrun/doctor_json.h"

#include "harness/utf8.h"
#include "vmrun/host/sevleaf.h"

static json_t *row_json(const char *name, const struct finding *f)
{
	json_t *verdicts = json_object(), *reasons = json_object();

	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
		const char *mode = platform_name((enum platform)p);

		if (f->verdict[p] != VERDICT_NONE)
			json_object_set_new(verdicts, mode,
			                    json_string(finding_word(f->verdict[p])));
		if (f->reason[p][0])
			json_object_set_new(reasons, mode, utf8_json(f->reason[p]));
	}
	return json_pack("{s:s, s:o, s:o, s:o}", "name", name, "found", utf8_json(f->found),
	                 "verdicts", verdicts, "reasons", reasons);
}

json_t *doctor_json(const struct doctor *d)
{
	json_t *rows = json_array(), *modes = json_object(), *leaf = json_null();
	size_t count;
	const struct sevleaf_field *fields = sevleaf_fields(&count);

	for (size_t i = 0; i < d->count; i++)
		json_array_append_new(rows, row_json(d->names[i], &d->findings[i]));
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		json_object_set_new(modes, platform_name((enum platform)p),
		                    json_pack("{s:b, s:s?, s:o}", "launch", d->can[p], "accel",
		                              d->can[p] ? accel_name(d->accel[p]) : NULL, "reason",
		                              d->why[p][0] ? utf8_json(d->why[p]) : json_null()));
	if (d->leaf_known)
		leaf = json_object();
	for (size_t i = 0; i < count && d->leaf_known; i++) {
		uint32_t value = sevleaf_value(&fields[i], d->leaf);

		json_object_set_new(leaf, fields[i].key,
		                    fields[i].width == 1 ? json_boolean(value)
		                                         : json_integer(value));
	}
	return json_pack("{s:o, s:o, s:o}", "modes", modes, "requirements", rows, "cpuid_8000001f",
	                 leaf);
}
