/* SPDX-License-Identifier: MIT */
#include "bench/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/look.h"
#include "bench/say.h"
#include "bench/select/selection_check.h"
#include "bench/select/selection_expand.h"
#include "harness/counters.h"
#include "harness/mark.h"
#include "harness/mem_available.h"
#include "harness/place_choose.h"

/* What is counted while the cells run; decides the exit status. */
struct tally {
	unsigned long rows, ok, skipped, failed;
	struct look look; /* the table, where that is wanted in the place of rows */
};

int measure_settle(struct invocation *inv, const struct cpu_source *cpu, const char *root,
                   struct err *e)
{
	struct sev_observation seen;
	struct err why = {""};
	int rc;

	if (inv->platform_asked && inv->origin.platform == PLATFORM_NATIVE) {
		inv->origin.accel = ACCEL_NONE; /* the machine as it is, whatever carries it */
		return 0;
	}
	rc = sev_observe_at(cpu, root, &seen, &why);
	if (rc && (!inv->platform_asked || inv->origin.platform != seen.platform))
		return err_set(e, -rc, "%s; or measure it as it is by --platform %s", why.text,
		               platform_name(seen.platform));
	if (!inv->platform_asked) {
		inv->origin.platform = seen.platform;
	} else if (inv->origin.platform != seen.platform) {
		return err_set(e, EINVAL, "this machine shows itself as %s, not as %s (%s)",
		               platform_name(seen.platform), platform_name(inv->origin.platform),
		               seen.how);
	}
	inv->origin.accel = seen.accel;
	return 0;
}

/* Is there memory for the cells, of the kind that they want? */
static int check_memory(const struct invocation *inv, const struct cell *cells, size_t count,
                        struct err *e)
{
	int rc = selection_check_memory(cells, count, mem_available(), "this machine", e);

	return rc ? rc : selection_check_pools(cells, count, inv->selection.node, e);
}

/* Two CPUs as near to one another as the cell wants them, if it does. */
static int choose_pair(const struct invocation *inv, const struct cell *cell, struct place *place,
                       struct err *e)
{
	enum place_relation relation = PLACE_ANY;

	if (cell->kernel->relation)
		relation = cell->kernel->relation(cell);
	if (relation == PLACE_ANY)
		return 0;
	return place_choose_pair(relation, inv->selection.cpus, place, e);
}

/* Measure, unless there is no memory for it or no such CPUs. */
static int run_or_skip(const struct invocation *inv, const struct setup *setup, struct place *place,
                       const struct sampler_plan *plan, const struct clock *clock,
                       struct sampler_result *result, struct err *e)
{
	struct err why = {""};
	int rc = choose_pair(inv, setup->cell, place, &why);

	if (rc && rc != -ENOTSUP) {
		*e = why;
		return rc;
	}
	if (!rc && (!inv->skip || !check_memory(inv, setup->cell, 1, &why)))
		return sampler_run(setup, plan, clock, result, e);
	*result = (struct sampler_result){.status = CELL_SKIPPED,
	                                  .single_shot = setup->cell->single ||
	                                                 inv->kernel->flags & KERNEL_SINGLE_SHOT};
	snprintf(result->reason, sizeof(result->reason), "%s", why.text);
	return 0;
}

/* Fewer CPUs than threads: a suite's other cells can be measured all the same. */
static bool lacks_cpus(const struct invocation *inv, const struct cell *cell)
{
	struct place one;

	return inv->skip && cell->threads > 1 && !place_choose(1, inv->selection.cpus, &one, NULL);
}

static int skip_cell(const struct invocation *inv, const struct cell *cell, const struct err *why,
                     FILE *out, struct tally *tally, struct err *e)
{
	tally->rows++;
	tally->skipped++;
	if (inv->what == INVOCATION_LOOK) {
		look_unrun(&tally->look, cell, CELL_SKIPPED, why->text);
		return 0;
	}
	return result_write_unrun(out, &inv->origin, cell, CELL_SKIPPED, why->text, e);
}

/* The cell's rows, and a line for people; or the table's row. */
static int put_cell(const struct invocation *inv, const struct setup *setup,
                    const struct clock *clock, const struct sampler_result *result, FILE *out,
                    struct tally *tally, struct err *e)
{
	int rc;

	tally->rows += result->count ? result->count : 1;
	tally->ok += result->status == CELL_OK;
	tally->skipped += result->status == CELL_SKIPPED;
	tally->failed += result->status == CELL_FAILED;
	if (inv->what == INVOCATION_LOOK) {
		look_cell(&tally->look, setup->cell, clock, result);
		return 0;
	}
	rc = result_write_cell(out, &inv->origin, setup, clock, result, e);
	if (fflush(out) && !rc)
		rc = err_errno(e, "cannot write the results");
	if (!inv->quiet)
		say_cell(inv->origin.accel, setup, clock, result);
	return rc;
}

static int measure_cell(const struct invocation *inv, const struct cell *cell,
                        const struct clock *clock, FILE *out, struct tally *tally, struct err *e)
{
	const struct selection *s = &inv->selection;
	struct sampler_plan plan = s->plan;
	struct sampler_result result;
	struct place place;
	struct setup setup = {.cell = cell,
	                      .place = &place,
	                      .platform = inv->origin.platform,
	                      .node = s->node,
	                      .seed = s->seed};
	int rc = place_choose(cell->threads, s->cpus, &place, e);

	if (rc && lacks_cpus(inv, cell)) {
		const struct err why = *e;

		e->text[0] = '\0';
		return skip_cell(inv, cell, &why, out, tally, e);
	}
	if (rc)
		return rc;
	if (setup.node < 0)
		setup.node = place.node;
	/* The host counts exits between the marks, and lets several guests go on together there. */
	plan.mark = mark_open();
	rc = run_or_skip(inv, &setup, &place, &plan, clock, &result, e);
	if (!rc)
		rc = put_cell(inv, &setup, clock, &result, out, tally, e);
	sampler_result_free(&result);
	return rc;
}

/* As many as there is time for. */
static int look_at_all(const struct invocation *inv, const struct cell *cells, size_t count,
                       const struct clock *clock, struct tally *tally, struct err *e)
{
	int rc = 0;

	look_begin(&tally->look, &inv->origin, cells, count);
	for (size_t i = 0; !rc && i < count; i++)
		if (look_goes_on(&tally->look))
			rc = measure_cell(inv, &cells[i], clock, stdout, tally, e);
	if (!rc)
		look_end(&tally->look);
	return rc;
}

static int measure_all(const struct invocation *inv, const struct cell *cells, size_t count,
                       const struct clock *clock, FILE *out, struct tally *tally, struct err *e)
{
	int rc = result_write_header(out, e);

	for (size_t i = 0; !rc && i < count; i++)
		rc = measure_cell(inv, &cells[i], clock, out, tally, e);
	if (!rc && inv->end_mark)
		rc = result_write_end(out, tally->rows, e);
	if (!rc && fflush(out))
		rc = err_errno(e, "cannot write the results");
	return rc;
}

/* Everything that can be refused is refused here, before the output exists. */
static int check_cells(const struct invocation *inv, const struct cell *cells, size_t count,
                       struct err *e)
{
	int rc = inv->skip ? 0 : check_memory(inv, cells, count, e);

	for (size_t i = 0; !rc && i < count; i++) {
		struct place place;

		rc = place_choose(cells[i].threads, inv->selection.cpus, &place, e);
		if (rc && lacks_cpus(inv, &cells[i])) {
			e->text[0] = '\0';
			rc = 0;
		}
	}
	return rc;
}

/* Where the rows go: standard output, or a file that is whole or not there. */
static int open_output(const struct invocation *inv, struct result_file *file, struct err *e)
{
	if (strcmp(inv->output, "-") != 0)
		return result_file_replace(inv->output, inv->force, file, e);
	*file = (struct result_file){.out = stdout};
	return 0;
}

static int close_output(struct result_file *file, int rc, struct err *e)
{
	if (!file->path)
		return rc;
	if (!rc)
		return result_file_commit(file, e);
	err_wrap(e, rc, "what was measured so far is in %s", file->partial);
	result_file_abandon(file);
	return rc;
}

static int measure_cells(const struct invocation *inv, const struct cell *cells, size_t count,
                         const struct clock_instant *first, struct result_file *file,
                         struct tally *tally, struct err *e)
{
	struct clock clock;
	int rc = clock_init(&clock, first, e);

	if (!rc) {
		counters_open();
		rc = inv->what == INVOCATION_LOOK
		             ? look_at_all(inv, cells, count, &clock, tally, e)
		             : measure_all(inv, cells, count, &clock, file->out, tally, e);
		counters_close();
	}
	return close_output(file, rc, e);
}

static enum measure_status status_of(const struct tally *tally, int rc)
{
	if (rc || tally->failed)
		return MEASURE_FAILED;
	return tally->ok ? MEASURE_DONE : MEASURE_NOTHING_RAN;
}

int measure(struct invocation *inv, enum measure_status *status, struct err *e)
{
	/* The clock runs while the machine is looked at, instead of after it. */
	struct clock_instant first = clock_now();
	struct tally tally = {0};
	struct result_file file;
	struct cell *cells = NULL;
	size_t count = 0;
	int rc = selection_expand(&inv->selection, inv->kernel, &cells, &count, e);

	if (!rc)
		rc = check_cells(inv, cells, count, e);
	if (!rc)
		rc = measure_settle(inv, &cpu_here, "", e);
	if (!rc)
		rc = open_output(inv, &file, e);
	if (rc) {
		*status = MEASURE_USAGE;
	} else {
		rc = measure_cells(inv, cells, count, &first, &file, &tally, e);
		*status = status_of(&tally, rc);
	}
	free(cells);
	return rc;
}
