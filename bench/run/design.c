/* SPDX-License-Identifier: MIT */
#include "bench/run/design.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/compare.h"
#include "analysis/decide/power.h"
#include "analysis/decide/rounds.h"
#include "harness/mem.h"
#include "harness/target.h"

/* What the rounds of one cell are settled with. */
struct settling {
	struct design *design;
	const struct suite *suite;
	const struct summary *summary;
	json_t *shorts;
};

static size_t index_of(const struct design *d, unsigned target, size_t cell)
{
	return target * d->cells + cell;
}

unsigned design_rounds(const struct design *d, unsigned target, size_t cell)
{
	return d->rounds ? d->rounds[index_of(d, target, cell)] : DESIGN_PILOT;
}

unsigned design_last(const struct design *d)
{
	unsigned last = DESIGN_PILOT;

	for (size_t i = 0; d->rounds && i < TARGET_COUNT * d->cells; i++)
		last = d->rounds[i] > last ? d->rounds[i] : last;
	return last;
}

static int begin(struct design *d, const struct suite *suite, struct err *e)
{
	d->cells = suite->count;
	d->rounds = calloc(TARGET_COUNT * d->cells + 1, sizeof(*d->rounds));
	for (size_t i = 0; d->rounds && i < TARGET_COUNT * d->cells; i++)
		d->rounds[i] = DESIGN_PILOT;
	return d->rounds ? 0
	                 : err_set(e, ENOMEM, "no memory for the rounds of %zu cells", d->cells);
}

static bool is(const struct samples *s, uint32_t id, const char *text)
{
	return !strcmp(samples_text(s, id), text);
}

/* As harness/result.c writes a cell. */
static bool is_cell(const struct samples *s, const struct samples_cell_key *key,
                    const struct cell *cell)
{
	bool memory = cell->kernel->flags & KERNEL_MEMORY;
	char params[256];

	cell_params(cell, params, sizeof(params));
	return key->size == (memory ? cell->size : 0) && key->threads == cell->threads &&
	       is(s, key->kernel, cell->kernel->name) && is(s, key->variant, cell->variant->name) &&
	       is(s, key->pages, memory ? mem_pages_name(cell->pages) : "") &&
	       is(s, key->backing, memory ? mem_backing_name(cell->backing) : "") &&
	       is(s, key->fill, memory ? mem_fill_name(cell->fill) : "") &&
	       is(s, key->params, params);
}

/* suite->count: it is none of the suite's. */
static size_t find_cell(const struct settling *s, const struct summary_row *row)
{
	const struct samples *samples = s->summary->samples;
	size_t i = 0;

	while (i < s->suite->count &&
	       !is_cell(samples, &samples->cells[row->cell].key, &s->suite->cells[i].cell))
		i++;
	return i;
}

static int add_short(const struct settling *s, unsigned target, size_t cell, double wanted,
                     const char *why, struct err *e)
{
	char text[256];

	cell_text(&s->suite->cells[cell].cell, text, sizeof(text));
	if (!json_array_append_new(
	            s->shorts,
	            json_pack("{s:s,s:s,s:o,s:s}", "platform", target_name(target), "cell", text,
	                      "wanted",
	                      wanted < 1e9 ? json_integer((json_int_t)wanted) : json_null(), "why",
	                      why)))
		return 0;
	return err_set(e, ENOMEM, "no memory for the rounds of %s", text);
}

static void plan(struct design *d, unsigned target, size_t cell, unsigned rounds)
{
	unsigned *now = &d->rounds[index_of(d, target, cell)];

	*now = *now < rounds ? rounds : *now;
}

/* Rounds that failed in the pilot are made up for. */
static int settle_row(const struct settling *s, const struct summary_row *row,
                      const struct summary_row *reference, const struct estimate *estimate,
                      unsigned count, bool paired, struct err *e)
{
	struct design *d = s->design;
	size_t cell = find_cell(s, row);
	double wanted = power_rounds(estimate, count, COMPARE_LEVEL, d->margin, d->power) +
	                (DESIGN_PILOT - fmin(count, DESIGN_PILOT));
	unsigned rounds = (unsigned)fmin(wanted, d->most);
	const char *word = power_scatter(estimate, paired);
	bool clock = isinf(wanted) || !strcmp(word, "clock");
	char why[64];

	if (cell == s->suite->count)
		return 0;
	if (isfinite(wanted))
		plan(d, row->platform, cell, rounds);
	if (isfinite(wanted) && reference)
		plan(d, reference->platform, cell, rounds);
	if (wanted <= d->most)
		return 0;
	snprintf(why, sizeof(why), "the %s of %s", clock ? "steps" : "scatter",
	         clock ? "the clock" : word);
	return add_short(s, row->platform, cell, wanted, why, e);
}

static int settle_cell(const struct settling *s, const struct compare_cell *c, struct err *e)
{
	const struct estimate estimate = {.error = c->error,
	                                  .freedom = c->freedom,
	                                  .clock = c->clock,
	                                  .samples = c->samples_share};
	unsigned count = c->rounds < c->reference_rounds ? c->rounds : c->reference_rounds;
	size_t cell;

	if (c->verdict == COMPARE_NONE)
		return 0;
	if (!isnan(c->error))
		return settle_row(s, c->row, c->reference, &estimate, count, c->paired, e);
	cell = find_cell(s, c->row);
	return cell < s->suite->count ? add_short(s, c->row->platform, cell, INFINITY, c->note, e)
	                              : 0;
}

/* A platform alone: against another run like it. */
static int settle_alone(const struct settling *s, const struct summary_row *row, struct err *e)
{
	struct estimate estimate;
	struct rounds rounds;
	bool resolved = true;
	int rc;

	if (!row->rounds || row->accel == ACCEL_TCG)
		return 0;
	rc = rounds_load(s->summary->samples, row, NULL, &rounds, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < rounds.count; i++)
		resolved &= isfinite(rounds.a[i].log) != 0;
	if (resolved) {
		estimate =
		        estimate_log_ratio(rounds.a, rounds.count, rounds.b, rounds.count, false);
		rc = settle_row(s, row, NULL, &estimate, (unsigned)rounds.count, false, e);
	}
	rounds_free(&rounds);
	return rc;
}

static int settle(const struct settling *s, struct err *e)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct compare compare;
	int rc;

	options.margin = s->design->margin;
	rc = compare_make(s->summary, &options, &compare, e);
	if (rc)
		return rc;
	for (size_t i = 0; i < compare.cell_count && !rc; i++)
		rc = settle_cell(s, &compare.cells[i], e);
	for (size_t i = 0; i < s->summary->count && !compare.cell_count && !rc; i++)
		rc = settle_alone(s, &s->summary->rows[i], e);
	compare_free(&compare);
	return rc;
}

int design_settle(struct design *d, const struct suite *suite, struct samples *samples,
                  json_t *shorts, struct err *e)
{
	struct summary summary;
	struct settling s = {.design = d, .suite = suite, .summary = &summary, .shorts = shorts};
	int rc = begin(d, suite, e);

	if (!rc)
		rc = summary_make(samples, &summary, e);
	if (!rc) {
		rc = settle(&s, e);
		summary_free(&summary);
	}
	if (rc)
		design_free(d);
	return rc;
}

json_t *design_further(const struct design *d, const struct suite *suite)
{
	json_t *further = json_array();
	char text[256];

	for (unsigned t = 0; t < TARGET_COUNT; t++)
		for (size_t i = 0; i < d->cells; i++) {
			unsigned rounds = design_rounds(d, t, i);

			if (rounds <= DESIGN_PILOT)
				continue;
			cell_text(&suite->cells[i].cell, text, sizeof(text));
			json_array_append_new(further,
			                      json_pack("{s:s,s:i,s:s,s:i}", "platform",
			                                target_name(t), "index", (int)i, "cell",
			                                text, "rounds", (int)rounds));
		}
	return further;
}

int design_read(struct design *d, const struct suite *suite, const json_t *further, struct err *e)
{
	const json_t *one;
	size_t n;
	int rc = begin(d, suite, e);

	if (rc)
		return rc;
	json_array_foreach (further, n, one) {
		const char *platform = json_string_value(json_object_get(one, "platform"));
		json_int_t index = json_integer_value(json_object_get(one, "index"));
		json_int_t rounds = json_integer_value(json_object_get(one, "rounds"));
		unsigned target;

		if (!platform || target_parse(platform, &target, NULL) || index < 0 ||
		    (size_t)index >= d->cells || rounds < DESIGN_PILOT || rounds > d->most) {
			design_free(d);
			return err_set(e, EINVAL,
			               "its manifest plans further rounds of a cell that is none "
			               "of this run, or more of them than it may have");
		}
		d->rounds[index_of(d, target, (size_t)index)] = (unsigned)rounds;
	}
	return 0;
}

void design_free(struct design *d)
{
	free(d->rounds);
	d->rounds = NULL;
}
