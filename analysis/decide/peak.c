/* SPDX-License-Identifier: MIT */
#include "analysis/decide/peak.h"

#include <stdio.h>

#define LEAST_CACHES 4 /* arrays, in multiples of the last-level cache: the run rules of STREAM */

/* Both as they stand in the manifest, where equal machines wrote equal digits. */
static bool agree(const struct machine *machines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double difference = machines[i].dram_gbps - machines[0].dram_gbps;

		if (machines[i].dram_gbps <= 0 || !machine_last_cache(&machines[i]) ||
		    difference > 0 || difference < 0 ||
		    machine_last_cache(&machines[i]) != machine_last_cache(&machines[0]) ||
		    machines[i].last_caches != machines[0].last_caches)
			return false;
	}
	return count > 0;
}

/* All threads may sit on one cache, or each on its own: nobody says. */
static bool is_past_caches(const struct samples_cell_key *key, const struct summary_peak *peak,
                           unsigned caches)
{
	uint64_t used = key->threads < caches ? key->threads : caches;

	if (key->threads <= 1)
		used = 1;
	return used && key->size / used >= peak->least_size;
}

void peak_apply(struct summary *summary, const struct machine *machines, size_t count)
{
	struct summary_peak *peak = &summary->peak;

	*peak = (struct summary_peak){0};
	if (!agree(machines, count))
		return;
	peak->gbps = machines[0].dram_gbps;
	peak->least_size = LEAST_CACHES * machine_last_cache(&machines[0]);
	snprintf(peak->source, sizeof(peak->source), "%s", machines[0].dram_source);
	for (size_t i = 0; i < summary->count; i++) {
		struct summary_row *row = &summary->rows[i];
		const struct samples_cell *cell = &summary->samples->cells[row->cell];

		if (cell->unit != UNIT_BANDWIDTH ||
		    !is_past_caches(&cell->key, peak, machines[0].last_caches))
			continue;
		row->percent = 100 * row->rate[SUMMARY_STREAM] / peak->gbps;
		row->best_percent = 100 * row->best_rate[SUMMARY_STREAM] / peak->gbps;
	}
}
