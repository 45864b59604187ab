/* SPDX-License-Identifier: MIT */
#include "analysis/show/summary_csv.h"

#include <errno.h>

#include "tests/analysis/summary_fixture.h"

static char *read_text(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_true(fread(text, 1, 65535, in) > 0);
	fclose(in);
	return text;
}

static void the_csv_leaves_unknown_numbers_empty(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char *path = synth_path(f->directory, "summary.csv"), *text;
	unsigned header = 0, fields = 0;

	row.params = "stride=64;chains=4";
	put_round(f, row, (double[]){10, 12, 11}, 3);
	row.platform = "sev";
	row.accel = "kvm";
	row.status = "skipped";
	row.reason = "no \"\"/dev/sev\"\", sorry";
	row.iterations = 0;
	synth_row(f->out, &row);
	fixture_summarise(f);
	assert_int_equal(summary_csv_write(&f->summary, path, &f->e), 0);
	text = read_text(path);
	assert_non_null(strstr(text, "\n2,native,none,memcpy,avx2,1048576,1,4k,anon,random,"
	                             "stride=64;chains=4,latency,ok,1,0,0,3,11,11,,1,11,11,,,,,"));
	assert_non_null(strstr(
	        text, "latency,skipped,0,1,0,0,,,,,,,,,,,,,,,,,,,,,,,,,,,\"no \"\"/dev/sev\"\", "
	              "sorry\",,,,,,,,,,,,,,,,,,0,0\n"));
	for (char *c = text; *c != '\n'; c++)
		header += *c == ',';
	for (char *c = strchr(text, '\n') + 1; *c != '\n'; c++)
		fields += *c == ',';
	assert_int_equal(header, fields);
	assert_int_equal(summary_csv_write(&f->summary, path, &f->e), -EEXIST);
	free(text);
	free(path);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_csv_leaves_unknown_numbers_empty),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
