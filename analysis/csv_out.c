/* SPDX-License-Identifier: MIT */
#include "analysis/csv_out.h"

#include "analysis/number.h"

void csv_out_number(FILE *out, double value)
{
	char text[NUMBER_TEXT];

	fputs(number_format(value, text), out);
}
