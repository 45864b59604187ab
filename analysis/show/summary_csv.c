/* SPDX-License-Identifier: MIT */
#include "analysis/show/summary_csv.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "analysis/decide/exit_check.h"
#include "analysis/read/csv_out.h"
#include "harness/result.h"

static void put_row(FILE *out, const struct samples *s, const struct summary_row *row)
{
	const struct samples_cell *cell = &s->cells[row->cell];
	const double more[] = {
	        row->best_ns,
	        row->worst_ns,
	        row->best_rate[SUMMARY_STREAM],
	        row->best_rate[SUMMARY_ALLOCATE],
	        row->percent,
	        row->best_percent,
	        row->steal_ns,
	        row->involuntary,
	        row->migrations,
	        row->sev[SAMPLES_SEV_VC],
	        row->sev[SAMPLES_SEV_VMGEXIT],
	        row->sev[SAMPLES_SEV_PAGE_STATES],
	        row->sev[SAMPLES_SEV_PVALIDATE],
	        row->vc_expected,
	        row->vmgexit_expected,
	        row->pvalidate_expected,
	        row->step_ns,
	};
	const double numbers[] = {
	        row->median_ns,
	        row->raw_median_ns,
	        row->baseline_ns,
	        row->mad_ns,
	        row->round_min_ns,
	        row->round_max_ns,
	        row->tail_ns[SUMMARY_P50],
	        row->tail_ns[SUMMARY_P90],
	        row->tail_ns[SUMMARY_P99],
	        row->tail_ns[SUMMARY_P999],
	        row->rate[SUMMARY_READ],
	        row->rate[SUMMARY_WRITTEN],
	        row->rate[SUMMARY_STREAM],
	        row->rate[SUMMARY_ALLOCATE],
	        row->counts[COUNTER_CYCLES],
	        row->counts[COUNTER_INSTRUCTIONS],
	        row->counts[COUNTER_DTLB_MISSES],
	        row->exits[SAMPLES_EXITS_ALL],
	        row->exits[SAMPLES_EXITS_IO],
	        row->exits[SAMPLES_EXITS_MMIO],
	        row->exits[SAMPLES_EXITS_IRQ],
	        row->exits[SAMPLES_EXITS_HALT],
	        row->exits_expected,
	};

	fprintf(out, "%d,%s,%s,", SUMMARY_CSV_SCHEMA, target_name(row->platform),
	        accel_name(row->accel));
	csv_out_cell(out, s, cell);
	fprintf(out, ",%s,%u,%u,%u,%" PRIu64, summary_row_status(row), row->rounds, row->skipped,
	        row->failed, row->samples);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		putc(',', out);
		csv_out_number(out, numbers[i]);
	}
	fprintf(out, ",%s,%s,", exit_check_word(row),
	        !row->rounds        ? ""
	        : cell->single_shot ? "alone"
	                            : "batches");
	csv_out_number(out, row->batch);
	putc(',', out);
	result_put_text(out, samples_text(s, row->reason));
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
		putc(',', out);
		csv_out_number(out, more[i]);
	}
	fprintf(out, ",%u,%u\n", row->exits_checked, row->exits_wrong);
}

int summary_csv_write(const struct summary *summary, const char *path, struct err *e)
{
	struct result_file file;
	int rc = result_file_open(path, &file, e);

	if (rc)
		return rc;
	fputs("schema,platform,accel," CSV_OUT_CELL ","
	      "status,rounds,rounds_skipped,rounds_failed,samples,median_ns,raw_median_ns,"
	      "baseline_ns,mad_ns,round_min_ns,round_max_ns,p50_ns,p90_ns,p99_ns,p999_ns,"
	      "gbps_read,gbps_written,gbps_stream,gbps_allocate,cycles,instructions,"
	      "dtlb_misses,exits,exits_io,exits_mmio,exits_irq,exits_halt,exits_expected,"
	      "exits_check,timed,batch,reason,"
	      "best_ns,max_ns,gbps_stream_best,gbps_allocate_best,peak_percent,"
	      "peak_percent_best,steal_ns,involuntary,migrations,vc,vmgexit,page_states,"
	      "pvalidate,vc_expected,vmgexit_expected,pvalidate_expected,step_ns,exits_checked,"
	      "exits_wrong\n",
	      file.out);
	for (size_t i = 0; i < summary->count; i++)
		if (!summary->rows[i].side)
			put_row(file.out, summary->samples, &summary->rows[i]);
	return result_file_end(&file, 0, e);
}
