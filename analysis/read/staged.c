/* SPDX-License-Identifier: MIT */
#include "analysis/read/staged.h"

#include <errno.h>
#include <limits.h>

int staged_apply(struct samples_source *source, const struct machine *machine, struct err *e)
{
	const json_t *design = json_object_get(machine->manifest, "design");
	json_int_t pilot = json_integer_value(json_object_get(design, "pilot"));
	double margin = json_number_value(json_object_get(design, "margin"));

	if (!design)
		return 0;
	if (pilot < 2 || pilot > INT_MAX || !(margin > 0))
		return err_set(e, EINVAL,
		               "%s: the manifest beside it has a design without the rounds of its "
		               "pilot or without its margin",
		               source->path);
	source->pilot = (unsigned)pilot;
	source->margin = margin;
	return 0;
}
