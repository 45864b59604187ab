/* SPDX-License-Identifier: MIT */
#include "analysis/decide/host_paths.h"

#include <math.h>

#include "tests/analysis/fixture.h"

/* A run on a host: its Linux and QEMU, and one cell on nosev and snp in it. */
struct run {
	const char *release, *qemu;
	const char *kernel, *variant;
	const char *params; /* NULL: none */
};

static json_t *manifest_of(const struct run *run)
{
	json_t *manifest = json_pack("{s:{s:{s:s}}, s:[{s:s, s:{s:{s:s}}}]}", "environment",
	                             "linux", "release", run->release, "launches", "platform",
	                             "nosev", "guest", "qemu", "version", run->qemu);

	assert_non_null(manifest);
	return manifest;
}

static void put_run(FILE *out, const struct run *run, const char *name, const char *accel)
{
	static const char *const platforms[] = {"nosev", "snp"};

	for (size_t i = 0; i < 2; i++) {
		struct synth row = synth_default;

		row.run = name;
		row.platform = platforms[i];
		row.accel = accel;
		row.kernel = run->kernel;
		row.variant = run->variant;
		row.params = run->params ? run->params : "";
		row.size = 0;
		synth_row(out, &row);
	}
}

/* Two runs as more rounds of one thing, or the second as what was before: `side` 1. */
static void read_runs(struct fixture *f, const struct run runs[2], unsigned side, const char *accel)
{
	struct machine machines[2] = {{.manifest = manifest_of(&runs[0])},
	                              {.manifest = manifest_of(&runs[1])}};
	char *path;
	FILE *out = synth_file(f->directory, "second.csv", &path);

	synth_header(out);
	put_run(f->out, &runs[0], "r1", accel);
	put_run(out, &runs[1], "r2", accel);
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, path, side, false, &f->e), 0);
	free(path);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(host_paths_apply(&f->summary, machines, 2, &f->e), 0);
	machine_free(&machines[0]);
	machine_free(&machines[1]);
	f->options.sides = side;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
}

/* The note of the cell on `platform`. */
static const char *note(const struct fixture *f, enum platform platform)
{
	for (size_t i = 0; i < f->compare.cell_count; i++)
		if (f->compare.cells[i].row->platform == platform)
			return f->compare.cells[i].note;
	fail_msg("there is no cell on %s", platform_name(platform));
	return "";
}

#define QEMU_9  "QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-2)"
#define QEMU_10 "QEMU emulator version 10.1.0 (Debian 1:10.1.0+ds-5)"

static void rounds_of_two_linuxes_are_not_one_thing(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){{"6.12.9-amd64", QEMU_9, "ring0_mmio", "eventfd", NULL},
	                         {"7.0.3-amd64", QEMU_9, "ring0_mmio", "eventfd", NULL}},
	          0, "kvm");
	assert_string_equal(note(f, PLATFORM_SNP),
	                    "not comparable: the hosts ran Linux 6.12.9-amd64 and 7.0.3-amd64, and "
	                    "the host does other work for this operation from 7.0 on "
	                    "(analysis/reference/switches.csv)");
	assert_true(isnan(f->compare.cells[0].ratio) != 0);
}

static void nor_is_now_what_was_before(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){{"7.0.3", QEMU_9, "ring0_mmio", "eventfd", NULL},
	                         {"6.12.9", QEMU_9, "ring0_mmio", "eventfd", NULL}},
	          1, "kvm");
	assert_non_null(
	        strstr(note(f, PLATFORM_NOSEV), "not comparable: the hosts ran Linux 7.0.3"));
	/* Under #VC the guest's Linux decodes, on either host. */
	assert_null(strstr(note(f, PLATFORM_SNP), "not comparable"));
}

static void converting_is_other_work_from_qemu_10_1_on(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){
	                  {"6.12.9", QEMU_10, "convert", "2m_to_private", "pages_converted=512"},
	                  {"6.12.9", QEMU_9, "convert", "2m_to_private", "pages_converted=512"}},
	          1, "kvm");
	assert_non_null(
	        strstr(note(f, PLATFORM_SNP),
	               "the hosts ran QEMU 10.1.0 and 9.2.0, and the host does other work for "
	               "this operation from 10.1 on"));
	assert_null(strstr(note(f, PLATFORM_NOSEV), "not comparable"));
}

/* No path changes between these versions, and still other software converted the pages. */
static void converting_belongs_to_the_host(void **state)
{
	static const struct run runs[][2] = {
	        {{"6.12.9", QEMU_10, "convert", "4k_to_shared", "pages_converted=8"},
	         {"6.18.1", QEMU_10, "convert", "4k_to_shared", "pages_converted=8"}},
	        {{"6.12.9", QEMU_9, "convert", "4k_to_shared", "pages_converted=8"},
	         {"6.12.9", QEMU_10, "convert", "4k_to_shared", "pages_converted=8"}},
	        {{"6.12.9", QEMU_10, "convert", "4k_to_shared", "pages_converted=8"},
	         {"6.12.31", QEMU_10, "convert", "4k_to_shared", "pages_converted=8"}},
	};

	for (size_t i = 0; i < 3; i++) {
		struct fixture *f = *state;

		read_runs(f, runs[i], 1, "kvm");
		assert_int_equal(
		        !strstr(note(f, PLATFORM_SNP), "not comparable: the hosts ran Linux"),
		        i == 2);
		assert_null(strstr(note(f, PLATFORM_NOSEV), "not comparable"));
		tear_down(state);
		set_up(state);
	}
}

static void hosts_on_one_side_of_the_change_are_alike(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){{"6.12.9", QEMU_9, "ring0_mmio", "eventfd", NULL},
	                         {"6.18.1", QEMU_10, "ring0_mmio", "eventfd", NULL}},
	          0, "kvm");
	assert_null(strstr(note(f, PLATFORM_SNP), "not comparable"));
}

static void so_is_what_no_host_changes(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){{"6.12.9", QEMU_9, "cpuid", "0xb", NULL},
	                         {"7.0.3", QEMU_10, "cpuid", "0xb", NULL}},
	          0, "kvm");
	assert_null(strstr(note(f, PLATFORM_SNP), "not comparable"));
}

static void and_what_is_emulated(void **state)
{
	struct fixture *f = *state;

	read_runs(f,
	          (struct run[]){{"6.12.9", QEMU_9, "ring0_mmio", "eventfd", NULL},
	                         {"7.0.3", QEMU_9, "ring0_mmio", "eventfd", NULL}},
	          0, "tcg");
	assert_null(strstr(note(f, PLATFORM_SNP), "not comparable"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(rounds_of_two_linuxes_are_not_one_thing),
	        T(nor_is_now_what_was_before),
	        T(converting_is_other_work_from_qemu_10_1_on),
	        T(converting_belongs_to_the_host),
	        T(hosts_on_one_side_of_the_change_are_alike),
	        T(so_is_what_no_host_changes),
	        T(and_what_is_emulated),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
