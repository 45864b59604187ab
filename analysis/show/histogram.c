/* SPDX-License-Identifier: MIT */
#include "analysis/show/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/read/csv_out.h"
#include "analysis/show/summary_csv.h"
#include "harness/result.h"

#define DECADES   13                               /* 1 ns to almost three hours */
#define BIN_COUNT (1 + DECADES * HISTOGRAM_DECADE) /* the first: less than 1 ns */

static bool is_counted(const struct summary *summary, const struct summary_row *row)
{
	return row->rounds && !row->side && summary->samples->cells[row->cell].single_shot;
}

bool histogram_any(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (is_counted(summary, &summary->rows[i]))
			return true;
	return false;
}

/* Where a bin begins. */
static double low_of(unsigned bin)
{
	return bin ? pow(10, (double)(bin - 1) / HISTOGRAM_DECADE) : 0;
}

/* By the edges that are printed, whatever a logarithm rounds to. */
static unsigned bin_of(double ns)
{
	unsigned bin = ns < 1 ? 0 : 1 + (unsigned)(log10(ns) * HISTOGRAM_DECADE);

	if (bin >= BIN_COUNT)
		bin = BIN_COUNT - 1;
	if (bin && ns < low_of(bin))
		return bin - 1;
	return bin + 1 < BIN_COUNT && ns >= low_of(bin + 1) ? bin + 1 : bin;
}

static int count_row(const struct summary *summary, const struct summary_row *row,
                     uint64_t counts[BIN_COUNT], struct err *e)
{
	const struct samples_group *groups = &summary->samples->groups[row->first_group];
	size_t room = 1;
	double *values, loop;

	for (size_t i = 0; i < row->group_count; i++) {
		for (int k = 0; k < 2; k++)
			room = groups[i].series[k].count > room ? groups[i].series[k].count : room;
	}
	values = malloc(room * sizeof(*values));
	if (!values)
		return err_set(e, ENOMEM, "no memory to count %zu samples", room);
	for (size_t i = 0; i < row->group_count; i++) {
		size_t count = summary_row_round(&groups[i], values, &loop);

		for (size_t k = 0; k < count; k++)
			counts[bin_of(values[k])]++;
	}
	free(values);
	return 0;
}

/* The bin that begins where the one from `bin` on is at least a step of the counter wide. */
static unsigned next_bin(const struct summary_row *row, unsigned bin)
{
	unsigned next = bin + 1;

	while (next < BIN_COUNT && low_of(next) - low_of(bin) < row->step_ns)
		next++;
	return next;
}

static uint64_t count_of(const uint64_t counts[BIN_COUNT], unsigned bin, unsigned next)
{
	uint64_t count = 0;

	for (; bin < next; bin++)
		count += counts[bin];
	return count;
}

static void put_bins(FILE *out, const struct summary *summary, const struct summary_row *row,
                     const uint64_t counts[BIN_COUNT])
{
	unsigned last = BIN_COUNT - 1;
	bool begun = false;

	while (last > 0 && !counts[last])
		last--;
	for (unsigned bin = 0, next; bin <= last; bin = next) {
		uint64_t count;

		next = next_bin(row, bin);
		count = count_of(counts, bin, next);
		begun |= count > 0;
		if (!begun)
			continue;
		fprintf(out, "%d,%s,%s,", SUMMARY_CSV_SCHEMA, target_name(row->platform),
		        accel_name(row->accel));
		csv_out_cell(out, summary->samples, &summary->samples->cells[row->cell]);
		putc(',', out);
		csv_out_number(out, low_of(bin));
		putc(',', out);
		csv_out_number(out, low_of(next));
		fprintf(out, ",%llu,", (unsigned long long)count);
		csv_out_number(out, (double)count / (double)row->samples);
		putc('\n', out);
	}
}

int histogram_write(FILE *out, const struct summary *summary, struct err *e)
{
	int rc = 0;

	fputs("schema,platform,accel," CSV_OUT_CELL ",low_ns,high_ns,count,share\n", out);
	for (size_t i = 0; i < summary->count && !rc; i++) {
		uint64_t counts[BIN_COUNT] = {0};

		if (!is_counted(summary, &summary->rows[i]))
			continue;
		rc = count_row(summary, &summary->rows[i], counts, e);
		if (!rc)
			put_bins(out, summary, &summary->rows[i], counts);
	}
	return !rc && ferror(out) ? err_errno(e, "cannot write the histogram") : rc;
}

int histogram_save(const struct summary *summary, const char *path, struct err *e)
{
	struct result_file file;
	int rc = result_file_open(path, &file, e);

	if (rc)
		return rc;
	return result_file_end(&file, histogram_write(file.out, summary, e), e);
}
