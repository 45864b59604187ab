/* SPDX-License-Identifier: MIT */
#include "analysis/csv_out.h"

#include <string.h>

#include "analysis/number.h"

void csv_out_text(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	putc('"', out);
}

void csv_out_number(FILE *out, double value)
{
	char text[NUMBER_TEXT];

	fputs(number_format(value, text), out);
}
