/* SPDX-License-Identifier: MIT */
/* libFuzzer: any text as a suite, which may come from a file or from a stranger's manifest. */
#include "bench/select/suite.h"
#include "tests/fuzz.h"

static void look(struct suite *suite)
{
	char text[256];
	struct err e = {""};

	must(suite->count && suite->rounds >= 1 && suite->rounds <= 1000);
	for (size_t i = 0; i < suite->count; i++) {
		cell_text(&suite->cells[i].cell, text, sizeof(text));
		must(*text && strlen(text) < sizeof(text));
	}
	for (size_t i = 0; i < suite->left_out_count; i++)
		must(*suite->left_out[i]);
	if (suite_filter(suite, suite->cells[0].cell.kernel->name, &e))
		must(*e.text);
	else
		must(suite->count);
	suite_free(suite);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	char *text = fuzz_text(&f);
	struct suite suite;
	struct err e = {""};

	if (suite_from_text("fuzz.suite", text, NULL, &suite, &e))
		must(*e.text);
	else
		look(&suite);
	free(text);
	return 0;
}
