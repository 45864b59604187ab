/* SPDX-License-Identifier: MIT */
#include "analysis/read/csv_out.h"

#include <inttypes.h>

#include "analysis/read/number.h"
#include "harness/result.h"

void csv_out_number(FILE *out, double value)
{
	char text[NUMBER_TEXT];

	fputs(number_format(value, text), out);
}

void csv_out_cell(FILE *out, const struct samples *s, const struct samples_cell *cell)
{
	const uint32_t texts[] = {cell->key.pages, cell->key.backing, cell->key.fill,
	                          cell->key.params};

	result_put_text(out, samples_text(s, cell->key.kernel));
	putc(',', out);
	result_put_text(out, samples_text(s, cell->key.variant));
	putc(',', out);
	if (cell->key.size)
		fprintf(out, "%" PRIu64, cell->key.size);
	fprintf(out, ",%u", cell->key.threads);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		putc(',', out);
		result_put_text(out, samples_text(s, texts[i]));
	}
	fprintf(out, ",%s",
	        !cell->known                   ? ""
	        : cell->unit == UNIT_BANDWIDTH ? "bandwidth"
	                                       : "latency");
}

void csv_out_numbers(FILE *out, const double *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		putc(',', out);
		csv_out_number(out, numbers[i]);
	}
}
