/* SPDX-License-Identifier: MIT */
#include "bench/show.h"

#include <limits.h>

#include "analysis/reader.h"
#include "analysis/table.h"
#include "harness/sev.h"

static int summarise(const struct samples *samples, const char *directory, FILE *out, struct err *e)
{
	static const struct table_options options = {.reference = TABLE_REFERENCE_AUTO};
	struct summary summary;
	char path[PATH_MAX];
	int rc = summary_make(samples, &summary, e);

	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s/summary.csv", directory);
	rc = summary_write(&summary, path, e);
	if (!rc)
		rc = table_print(out, &summary, &options, e);
	summary_free(&summary);
	return rc;
}

/* A machine that is a guest itself pays its hypervisor for what the native columns show. */
static void say_nested(FILE *out)
{
	struct sev_observation seen;

	if (!sev_observe(&seen, NULL) && seen.platform != PLATFORM_NATIVE)
		fprintf(out,
		        "This machine is itself a guest (hypervisor %s): its native column holds "
		        "that "
		        "hypervisor's costs.\n\n",
		        seen.hypervisor);
}

int show_run(const char *directory, FILE *out, struct err *e)
{
	struct samples samples = {0};
	int rc = reader_read(&samples, directory, 0, false, e);

	say_nested(out);
	if (!rc)
		rc = samples_sort(&samples, e);
	if (!rc)
		rc = summarise(&samples, directory, out, e);
	samples_free(&samples);
	return rc;
}
