/* SPDX-License-Identifier: MIT */
#include "bench/cmd/show.h"

#include <limits.h>

#include "analysis/decide/compare.h"
#include "analysis/show/conclusion.h"
#include "analysis/show/histogram.h"
#include "analysis/show/summary_csv.h"
#include "analysis/show/table.h"
#include "bench/cmd/load.h"
#include "harness/sev.h"

static int summarise(const struct summary *summary, const char *directory, FILE *out, struct err *e)
{
	static const struct table_options options = {.reference = TABLE_REFERENCE_AUTO};
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/summary.csv", directory);
	rc = summary_csv_write(summary, path, e);
	if (!rc && histogram_any(summary)) {
		snprintf(path, sizeof(path), "%s/histogram.csv", directory);
		rc = histogram_save(summary, path, e);
	}
	return rc ? rc : table_print(out, summary, &options, e);
}

bool show_native(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].platform == PLATFORM_NATIVE && summary->rows[i].rounds)
			return true;
	return false;
}

/* A machine that is a guest itself pays its hypervisor for what the native columns show. */
static void say_nested(FILE *out, const struct summary *summary)
{
	struct sev_observation seen;

	if (!show_native(summary))
		return;
	sev_observe(&seen, NULL); /* failing, it says PLATFORM_UNKNOWN, which is a guest */
	if (seen.platform != PLATFORM_NATIVE)
		fprintf(out,
		        "This machine is itself a guest (platform %s, hypervisor %s): its native "
		        "column holds that hypervisor's costs.\n\n",
		        platform_name(seen.platform),
		        *seen.hypervisor ? seen.hypervisor : "hidden");
}

/* What it comes to. */
static int conclude(const struct summary *summary, FILE *out, struct err *e)
{
	const struct compare_options options = COMPARE_DEFAULTS;
	struct compare compare;
	int rc = compare_make(summary, &options, &compare, e);

	if (!rc)
		conclusion_print(out, &compare);
	compare_free(&compare);
	return rc;
}

int show_run(const char *directory, FILE *out, struct err *e)
{
	struct load_path path = {.path = directory};
	struct load load;
	int rc = load_results(&load, &path, 1, false, e);

	if (rc)
		return rc;
	say_nested(out, &load.summary);
	rc = summarise(&load.summary, directory, out, e);
	if (!rc)
		rc = conclude(&load.summary, out, e);
	load_free(&load);
	return rc;
}
