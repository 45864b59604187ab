/* SPDX-License-Identifier: MIT */
#include "analysis/decide/decompose.h"

#include <math.h>

#include "tests/analysis/fixture.h"

static void put(struct fixture *f, struct synth row, const char *platform, const char *accel,
                double ns)
{
	row.platform = platform;
	row.accel = accel;
	for (row.round = 1; row.round <= 2; row.round++)
		for (row.sample = 0; row.sample < 3; row.sample++) {
			row.ns = ns * (1 + 0.01 * row.sample) * (double)row.iterations;
			synth_row(f->out, &row);
		}
}

static void switches_are_taken_apart(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	struct decompose_parts parts;
	struct switches switches;
	unsigned taken = 0;

	row.size = 0;
	row.kernel = "cpuid";
	row.variant = "0x0";
	put(f, row, "snp", "kvm", 600);
	put(f, row, "nosev", "kvm", 1200);
	row.kernel = "ioport";
	row.variant = "in_pic";
	put(f, row, "snp", "kvm", 3600);
	put(f, row, "nosev", "kvm", 1500);
	put(f, row, "sev-es", "kvm", 3500);
	put(f, row, "nosev", "tcg", 100);
	row.variant = "in_testdev";
	put(f, row, "snp", "kvm", 8600);
	put(f, row, "sev-es", "kvm", 3400); /* less than the exit that is part of it */
	fixture_summarise(f);
	assert_int_equal(switches_load(&switches, &f->e), 0);
	for (size_t i = 0; i < f->summary.count; i++) {
		const struct summary_row *r = &f->summary.rows[i];
		double t = r->median_ns / 1.01;

		if (!decompose(&f->summary, &switches, r, &parts))
			continue;
		taken++;
		if (r->platform == PLATFORM_SNP && t < 700) {
			assert_true(fabs(parts.vc / 1.01 - 600) < 1e-3 && isnan(parts.exit));
		} else if (r->platform == PLATFORM_SNP) {
			assert_true(fabs(parts.vc / 1.01 - 600) < 1e-3);
			assert_true(fabs(parts.exit / 1.01 - 3000) < 1e-3);
			assert_true(t < 4000 || fabs(parts.qemu / 1.01 - 5000) < 1e-3);
		} else if (r->platform == PLATFORM_SEV_ES) {
			assert_true(fabs(parts.vc_exit / 1.01 - 3500) < 1e-3);
		} else {
			assert_true(r->accel == ACCEL_KVM &&
			            fabs(parts.exit - r->median_ns) < 1e-9);
		}
	}
	assert_int_equal(taken, 6);
	switches_free(&switches);
}

/* CPUID that never left the guest is no exit and back. */
static void what_went_elsewhere_is_no_part(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	struct decompose_parts parts;
	struct switches switches;

	row.size = 0;
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.iterations = 10000;
	row.exits = 1;
	put(f, row, "nosev", "kvm", 1200);
	row.exits = 0.01;
	put(f, row, "sev", "kvm", 1200);
	fixture_summarise(f);
	assert_int_equal(switches_load(&switches, &f->e), 0);
	assert_true(decompose(&f->summary, &switches, &f->summary.rows[0], &parts));
	assert_false(decompose(&f->summary, &switches, &f->summary.rows[1], &parts));
	switches_free(&switches);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(switches_are_taken_apart),
	        T(what_went_elsewhere_is_no_part),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
