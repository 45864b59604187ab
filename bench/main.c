/* SPDX-License-Identifier: MIT */
/*
 * The main of every bench-<kernel>: the same bits natively, in a guest, and in anybody's cloud VM.
 * Measures the selected cells of one kernel and writes their samples as CSV.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "bench/entry.h"
#include "bench/measure.h"
#include "harness/counters.h"
#include "harness/environment.h"
#include "harness/standard.h"
#include "harness/units.h"
#include "harness/version.h"

static void print_list(const struct kernel *k)
{
	char text[UNITS_TEXT];

	printf("%s: %s\n\nvariants\n", k->name, k->summary);
	for (size_t i = 0; i < k->variant_count; i++) {
		const struct variant *v = &k->variants[i];
		bool missing = v->feature >= 0 && !cpu_has((enum cpu_feature)v->feature);

		printf("  %-16s %s%s%s%s\n", v->name, v->summary, missing ? " (not here: no " : "",
		       missing ? cpu_feature_name((enum cpu_feature)v->feature) : "",
		       missing ? ")" : "");
	}
	if (k->sizes) {
		printf("sizes\n ");
		for (const uint64_t *size = k->sizes; *size; size++)
			printf(" %s", units_size(*size, text));
		printf("\npages\n ");
		for (size_t i = 0; i < k->pages_count; i++)
			printf(" %s", mem_pages_name(k->pages[i]));
		printf("%s\n", k->pages_count ? "" : " 4k");
	}
	if (k->axis_count)
		printf("parameters\n");
	for (size_t i = 0; i < k->axis_count; i++) {
		printf("  %-16s %s:", k->axes[i].name, k->axes[i].summary);
		for (const uint64_t *v = k->axes[i].values; *v != AXIS_END; v++)
			printf(" %s", units_size(*v, text));
		putchar('\n');
	}
}

static int print_environment(enum measure_status *status, struct err *e)
{
	struct clock_instant first = clock_now();
	struct clock clock;
	json_t *json;
	int rc = clock_init(&clock, &first, e);

	*status = MEASURE_FAILED;
	if (rc)
		return rc;
	counters_open();
	json = environment_describe(&cpu_here, "", &clock, e);
	counters_close();
	if (!json)
		return -EIO;
	if (!json_dumpf(json, stdout, JSON_INDENT(2)) && puts("") != EOF)
		*status = MEASURE_DONE;
	json_decref(json);
	return 0;
}

static int answer(struct invocation *inv, enum measure_status *status, struct err *e)
{
	*status = MEASURE_DONE;
	switch (inv->what) {
	case INVOCATION_HELP:
		invocation_print_help(inv->kernel);
		break;
	case INVOCATION_LIST:
		print_list(inv->kernel);
		break;
	case INVOCATION_VERSION:
		printf("bench-%s (sevbench) %s\n", inv->kernel->name, SEVBENCH_VERSION);
		break;
	case INVOCATION_ENVIRONMENT:
		return print_environment(status, e);
	case INVOCATION_MEASURE:
	case INVOCATION_LOOK:
		return measure(inv, status, e);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct invocation inv = {.kernel = entry_kernel};
	enum measure_status status = MEASURE_USAGE;
	struct err e = {""};
	int rc;

	if (standard_open())
		return MEASURE_FAILED;
	rc = invocation_parse(argc, argv, &inv, &e);
	if (!rc)
		rc = answer(&inv, &status, &e);
	if (rc)
		fprintf(stderr, "bench-%s: %s\n", inv.kernel->name, e.text);
	invocation_free(&inv);
	return (int)status;
}
