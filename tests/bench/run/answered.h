/* SPDX-License-Identifier: MIT */
/* A cell, what a program that measured it prints, and the same with a lie in it. */
#ifndef TESTS_BENCH_RUN_ANSWERED_H
#define TESTS_BENCH_RUN_ANSWERED_H

#include "analysis/read/row_line.h"
#include "harness/result.h"
#include "tests/cmocka.h"

static const uint64_t answered_values[] = {1, 2, AXIS_END};
static const struct axis answered_axes[] = {{"ways", "count", 1, 16, answered_values}};
static const struct variant answered_variants[] = {{"avx2", "one", -1, 0}};
static const struct kernel answered_kernel = {.name = "memcpy",
                                              .flags = KERNEL_MEMORY,
                                              .variants = answered_variants,
                                              .variant_count = 1,
                                              .axes = answered_axes,
                                              .axis_count = 1};
static const struct cell answered_cell = {.kernel = &answered_kernel,
                                          .variant = answered_variants,
                                          .size = 65536,
                                          .threads = 2,
                                          .axis = {2}};
static const struct sampler_plan answered_plan = {.samples = 2};
static const struct result_origin answered_origin = {"r1", 2, PLATFORM_NOSEV, ACCEL_TCG, "thp"};

/* The rows of the cell, `count` of them, as a guest's program writes them; to be freed. */
static inline char *answered_rows(const struct result_origin *origin, enum cell_status status,
                                  const char *reason, size_t count)
{
	struct sample samples[8] = {{0}};
	struct sampler_result r = {.status = status, .samples = samples, .count = count};
	const struct clock clock = {.hz = 2e9, .step = 2};
	const struct place place = {.count = 2, .cpu = {3, 5}, .node = 0};
	const struct setup setup = {.cell = &answered_cell, .place = &place, .node = 0};
	struct result_origin inside = *origin;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	inside.host_pages = NULL; /* a guest does not know */
	for (size_t i = 0; i < count; i++)
		samples[i] =
		        (struct sample){i % 2 ? SERIES_OP : SERIES_BASELINE, 100, 4001, 0, false};
	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	assert_int_equal(result_write_cell(out, &inside, &setup, &clock, &r, NULL), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The first row of `rows` with another text in one of its fields, without a line break; to be
 * freed. */
static inline char *answered_with(const char *rows, enum result_column column, const char *field)
{
	struct row_line line = {.text = NULL};
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(row_line_cut(&line, rows, strcspn(rows, "\n"), NULL), 0);
	for (unsigned i = 0; i < line.count; i++)
		fprintf(out, "%s%s", i ? "," : "", i == column ? field : row_line_field(&line, i));
	assert_int_equal(fclose(out), 0);
	row_line_free(&line);
	return text;
}

#endif
