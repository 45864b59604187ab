/* SPDX-License-Identifier: MIT */
#include "analysis/show/parts_out.h"

#include <errno.h>

#include "tests/analysis/parts_fixture.h"

/* f->text is what is printed of them. */
static void print(struct fixture *f)
{
	FILE *out = fixture_page(f);

	assert_int_equal(parts_out_print(out, &f->parts, &f->e), 0);
	fclose(out);
}

static void they_are_printed_and_written(void **state)
{
	struct fixture *f = *state;
	char *path = synth_path(f->directory, "parts.csv"), line[512];
	FILE *file;

	put(f, "snp", "kvm", "cpuid", "0x0", 646, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0xb", 3859, 1);
	put(f, "nosev", "kvm", "ring0_port", "in_pic", 2000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_port", "in_testdev", 9000, ROUNDS);
	prepare(f);
	print(f);
	assert_non_null(strstr(f->text, "#VC alone"));
	assert_non_null(strstr(f->text, "ring0_port/in_testdev - ring0_port/in_pic"));
	assert_non_null(strstr(f->text, "3859  one round\n"));
	expect_narrow_ascii(f);
	assert_int_equal(parts_out_write(&f->parts, path, false, &f->e), 0);
	assert_int_equal(parts_out_write(&f->parts, path, false, &f->e), -EEXIST);
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "schema,part,platform,accel,kernel,variant,less_kernel,"
	                          "less_variant,rounds,ns,low,high,what,note\n");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_ptr_equal(strstr(line, "1,#VC alone,snp,kvm,cpuid,0x0,,,5,646,"), line);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "1,#VC + VMGEXIT,snp,kvm,cpuid,0xb,,,1,3859,,,CPUID that the "
	                          "hypervisor answers in user mode,\n");
	fclose(file);
	free(path);
}

static void without_world_switches_there_is_nothing(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "memcpy", "avx2", 1000, 2);
	prepare(f);
	assert_int_equal(f->parts.count, 0);
	print(f);
	assert_string_equal(f->text, "");
}

/* CPUID in rounds of which some take no longer than the loop around it. */
static void a_part_that_its_cell_denies_has_no_number(void **state)
{
	struct fixture *f = *state;
	char *path = synth_path(f->directory, "parts.csv"), line[512];
	struct synth row = synth_default;
	FILE *file;

	row.platform = "nosev";
	row.accel = "kvm";
	row.kernel = "cpuid";
	row.variant = "0xb";
	row.size = 0;
	for (row.round = 1; row.round <= 5; row.round++) {
		row.series = "baseline";
		row.ns = 10 * 1200;
		synth_row(f->out, &row);
		row.series = "op";
		row.ns = 10 * (1100 + row.round);
		synth_row(f->out, &row);
	}
	prepare(f);
	print(f);
	assert_non_null(strstr(f->text, "        -  no time [1]\n"));
	assert_non_null(strstr(f->text, "[1] cpuid/0xb: not resolved in 5 of 5 rounds, "));
	expect_narrow_ascii(f);
	assert_int_equal(parts_out_write(&f->parts, path, false, &f->e), 0);
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(fgets(line, sizeof(line), file));
	assert_non_null(strstr(line, ",5,,,,"));
	assert_non_null(strstr(line, ",\"cpuid/0xb: not resolved in 5 of 5 rounds, "));
	fclose(file);
	free(path);
}

/* Not a file with a heading alone, and no word why. */
static void emulated_guests_have_no_parts(void **state)
{
	struct fixture *f = *state;

	put(f, "native", "none", "cpuid", "0x0", 100, 2);
	put(f, "snp", "tcg", "cpuid", "0x0", 646, 2);
	prepare(f);
	assert_int_equal(f->parts.count, 0);
	print(f);
	assert_string_equal(f->text, "\nNo parts of world switches: every guest was emulated, and "
	                             "parts of emulated times say nothing.\n");
	expect_narrow_ascii(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(they_are_printed_and_written),
	        T(a_part_that_its_cell_denies_has_no_number),
	        T(emulated_guests_have_no_parts),
	        T(without_world_switches_there_is_nothing),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
