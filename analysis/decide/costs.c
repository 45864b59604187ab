/* SPDX-License-Identifier: MIT */
#include "analysis/decide/costs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/decide/rounds.h"
#include "analysis/read/embedded.h"

extern const char _binary_analysis_reference_costs_csv_start[];
extern const char _binary_analysis_reference_costs_csv_end[];

struct making {
	const struct summary *summary;
	struct costs *costs;
};

/* Whether guests of a platform ran, and one of them not emulated. */
static bool ran(const struct summary *summary, unsigned platform, bool *real)
{
	bool any = false;

	*real = false;
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (row->platform != platform || row->side || !row->rounds)
			continue;
		any = true;
		*real |= row->accel != ACCEL_TCG;
	}
	return any;
}

/* The cell of a question. */
static const struct summary_row *find_cell(const struct summary *summary,
                                           const struct costs_row *wanted)
{
	const struct samples *s = summary->samples;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		const struct samples_cell_key *key = &s->cells[row->cell].key;

		if (row->platform == wanted->platform && row->accel != ACCEL_TCG && !row->side &&
		    row->rounds && !strcmp(samples_text(s, key->kernel), wanted->kernel) &&
		    !strcmp(samples_text(s, key->variant), wanted->variant) &&
		    !strcmp(samples_text(s, key->params), wanted->params))
			return row;
	}
	return NULL;
}

/* The time of one operation, in `row` as so many of them, or as how many make a share of a CPU. */
static void take_time(struct costs_row *row, const struct estimate *time, double times)
{
	double low, high;

	estimate_interval(time, COSTS_LEVEL, &low, &high);
	if (times > 0) {
		row->value = time->value * times / 1e6;
		row->low = low * times / 1e6;
		row->high = high * times / 1e6;
		return;
	}
	row->value = COSTS_SHARE * 1e9 / time->value;
	row->low = COSTS_SHARE * 1e9 / high;
	row->high = low > 0 ? COSTS_SHARE * 1e9 / low : INFINITY;
}

static int measure(const struct making *m, struct costs_row *row, double times, struct err *e)
{
	const struct summary_row *cell = find_cell(m->summary, row);
	struct rounds rounds;
	int rc;

	if (!cell)
		return 0;
	rc = rounds_load(m->summary->samples, cell, NULL, &rounds, e);
	if (rc)
		return rc;
	if (rounds.count) {
		struct estimate time = estimate_difference(rounds.a, NULL, rounds.count);

		if (time.value > 0) {
			row->state = COSTS_KNOWN;
			row->rounds = (unsigned)rounds.count;
			take_time(row, &time, times);
		}
	}
	rounds_free(&rounds);
	return 0;
}

/* "vc": guests with #VC; "encrypted": guests whose memory is; "": any. */
static bool is_asked_on(const char *on, unsigned platform)
{
	const struct sev_traits *traits = sev_traits((enum platform)platform);

	if (!strcmp(on, "vc"))
		return traits->vc;
	return strcmp(on, "encrypted") != 0 || traits->memory_encrypted;
}

/* question,unit,times,on,kernel,variant,params,how: of one platform. */
static int take_platform(struct making *m, const struct embedded_line *line, unsigned platform,
                         struct err *e)
{
	struct costs_row row = {.platform = platform, .state = COSTS_NOT_MEASURED}, *rows;
	bool real;
	int rc = 0;

	if (!ran(m->summary, platform, &real) || !is_asked_on(line->field[3], platform))
		return 0;
	snprintf(row.question, sizeof(row.question), "%.63s", line->field[0]);
	snprintf(row.unit, sizeof(row.unit), "%.15s", line->field[1]);
	snprintf(row.kernel, sizeof(row.kernel), "%.31s", line->field[4]);
	snprintf(row.variant, sizeof(row.variant), "%.31s", line->field[5]);
	snprintf(row.params, sizeof(row.params), "%.31s", line->field[6]);
	snprintf(row.how, sizeof(row.how), "%s", line->field[7]);
	row.value = row.low = row.high = NAN;
	if (real)
		rc = measure(m, &row, strtod(line->field[2], NULL), e);
	else
		row.state = COSTS_EMULATED;
	if (rc)
		return rc;
	rows = realloc(m->costs->rows, (m->costs->count + 1) * sizeof(*rows));
	if (!rows)
		return err_set(e, ENOMEM, "no memory for what operations cost");
	m->costs->rows = rows;
	rows[m->costs->count++] = row;
	return 0;
}

static int take_line(const struct embedded_line *line, void *context, struct err *e)
{
	int rc = 0;

	for (unsigned p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END && !rc; p++)
		rc = take_platform(context, line, p, e);
	return rc;
}

int costs_make(const struct summary *summary, struct costs *costs, struct err *e)
{
	struct making m = {summary, costs};
	int rc;

	*costs = (struct costs){.rows = NULL};
	rc = embedded_read(_binary_analysis_reference_costs_csv_start,
	                   _binary_analysis_reference_costs_csv_end, "what operators ask",
	                   take_line, &m, e);
	if (rc)
		costs_free(costs);
	return rc;
}

void costs_free(struct costs *costs)
{
	free(costs->rows);
	*costs = (struct costs){.rows = NULL};
}
