/* SPDX-License-Identifier: MIT */
#include "bench/show.h"

#include <limits.h>

#include "analysis/reader.h"
#include "analysis/table.h"

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

int show_run(const char *directory, FILE *out, struct err *e)
{
	struct samples samples = {0};
	int rc = reader_read(&samples, directory, 0, false, e);

	if (!rc)
		rc = samples_sort(&samples, e);
	if (!rc)
		rc = summarise(&samples, directory, out, e);
	samples_free(&samples);
	return rc;
}
