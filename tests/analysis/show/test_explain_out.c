/* SPDX-License-Identifier: MIT */
#include "analysis/show/explain_out.h"

#include "tests/analysis/parts_fixture.h"

/* f->text is what is said of an operation; `run`: of what was put, too. */
static void explain(struct fixture *f, const char *kernel, const char *variant, const char *params,
                    bool run)
{
	struct switches switches;
	struct legs legs;
	struct explain x = {&switches, &legs, run ? &f->parts : NULL, kernel, variant, params};
	FILE *out;

	if (run)
		prepare(f);
	assert_int_equal(switches_load(&switches, &f->e), 0);
	assert_int_equal(legs_load(&legs, &f->e), 0);
	out = fixture_page(f);
	assert_int_equal(explain_out_print(out, &x, &f->e), 0);
	fclose(out);
	legs_free(&legs);
	switches_free(&switches);
	expect_narrow_ascii(f);
}

static void expect_said(const struct fixture *f, const char *text)
{
	if (!strstr(f->text, text))
		fail_msg("no \"%s\" in\n%s", text, f->text);
}

static void the_way_stands_without_a_run(void **state)
{
	struct fixture *f = *state;

	explain(f, "cpuid", "0xb", "", false);
	expect_said(f, "On nosev and sev: kvm\n");
	expect_said(f, "On sev-es and snp: vc+kvm\n");
	expect_said(f, "   1  user mode to guest's Linux: #VC [#VC alone; #VC + VMGEXIT; ");
	expect_said(f, "VMGEXIT and back, legs 3 to 6:\n");
	expect_said(f, "#VC alone, legs 1, 2 and 7:\n");
	expect_said(f, "not measured: no run is named");
	expect_said(f, "snp_cpuid_postprocess");
	explain(f, "cpuid", "0x0", "", false);
	expect_said(f, "On sev-es: vc+kvm\n");
	expect_said(f, "On snp: vc\n");
}

static void what_was_measured_stands_beside_it(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "cpuid", "0xb", 1232, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0x0", 646, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0xb", 3859, 1);
	explain(f, "cpuid", "0xb", "", true);
	expect_said(f, "nosev   1232 ns (1208 to 1256), from cpuid/0xb\n");
	expect_said(f, "sev     not measured: nothing that the run measured shows it\n");
	expect_said(f, "snp     3213 ns (one round), from cpuid/0xb - cpuid/0x0\n");
	expect_said(f, "snp     3859 ns, the median of 1 round\n");
}

/* Ring 0 is no measure of user mode; another operation in the same ring is. */
static void parts_are_of_the_same_ring(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "cpuid", "0xb", 1232, ROUNDS);
	put(f, "nosev", "kvm", "ring0_cpuid", "0xb", 1100, ROUNDS);
	explain(f, "ring0_msr", "rdmsr_0x1b", "", true);
	expect_said(f, "nosev   1100 ns (1078 to 1122), from ring0_cpuid/0xb\n");
	assert_null(strstr(f->text, "1232"));
}

static void emulated_times_are_marked_and_make_no_part(void **state)
{
	struct fixture *f = *state;

	put(f, "snp", "tcg", "cpuid", "0xb", 50000, ROUNDS);
	explain(f, "cpuid", "0xb", "", true);
	expect_said(f, "snp     not measured (emulated): times of such a guest are no cost of "
	               "hardware\n");
	expect_said(f, "snp     50000 ns (emulated: no cost of hardware), the median of 5 rounds");
	assert_null(strstr(f->text, "from cpuid"));
}

static void a_path_that_hangs_on_the_host_is_said_for_each(void **state)
{
	struct fixture *f = *state;

	explain(f, "mmio", "eventfd", "", false);
	expect_said(f, "Where the host runs linux<7.0:\n");
	expect_said(f, "Where the host runs linux>=7.0:\n");
	expect_said(f, "On nosev and sev: fast\n");
	expect_said(f, "On sev-es, snp: no way is known, or there is none.\n");
	explain(f, "convert", "4k", "pages_converted=1", false);
	expect_said(f, "On snp: state+fill, 2 times\n");
	explain(f, "convert", "4k", "pages_converted=64", false);
	expect_said(f, "On snp: state+fill, 2 times, with 64 PVALIDATE each\n");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_way_stands_without_a_run),
	        T(what_was_measured_stands_beside_it),
	        T(parts_are_of_the_same_ring),
	        T(emulated_times_are_marked_and_make_no_part),
	        T(a_path_that_hangs_on_the_host_is_said_for_each),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
