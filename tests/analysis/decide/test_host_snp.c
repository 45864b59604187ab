/* SPDX-License-Identifier: MIT */
#include "analysis/decide/host_snp.h"

#include <errno.h>

#include "tests/analysis/fixture.h"

/* Results of an EPYC host: `snp` is "true", "false" or "null". */
static struct machine host(const char *path, const char *snp, const char *model,
                           const char *release)
{
	struct machine machine = {.path = path};
	char *text;

	assert_true(asprintf(&text,
	                     "{\"environment\": {\"cpu\": {\"model_name\": \"%s\", \"cores\": 32, "
	                     "\"microcode\": \"0xa0011d1\"}, \"linux\": {\"release\": \"%s\", "
	                     "\"machine_vendor\": \"Dell Inc.\"}, \"sev\": {\"host_snp\": %s}, "
	                     "\"unknown\": {\"sev.host_snp\": \"modprobe msr\"}}}",
	                     model, release, snp) > 0);
	machine.manifest = json_loads(text, 0, NULL);
	assert_non_null(machine.manifest);
	free(text);
	return machine;
}

#define MILAN "AMD EPYC 7313 16-Core Processor"
#define GENOA "AMD EPYC 9334 32-Core Processor"

/* Do results `off` stand beside `on`? Else a sentence with `says`. */
static void expect(struct machine on, struct machine off, const char *says)
{
	struct err e = {""};

	assert_int_equal(host_snp_check(&on, &off, &e), says ? -EINVAL : 0);
	if (says)
		assert_says(e, says);
	machine_free(&on);
	machine_free(&off);
}

static void the_same_host_with_snp_off(void **state)
{
	(void)state;
	expect(host("on", "true", MILAN, "6.12"), host("off", "false", MILAN, "6.14"), NULL);
}

static void another_host_is_refused(void **state)
{
	(void)state;
	expect(host("on", "true", MILAN, "6.12"), host("off", "false", GENOA, "6.12"),
	       "on and off are of different hosts (processor: \"" MILAN "\" and \"" GENOA "\")");
}

static void the_wrong_state_is_refused(void **state)
{
	(void)state;
	expect(host("on", "true", MILAN, "6.12"), host("off", "true", MILAN, "6.12"),
	       "off: SNP was on in its host");
	expect(host("on", "false", MILAN, "6.12"), host("off", "false", MILAN, "6.12"),
	       "on: SNP was off in its host already");
}

static void an_unknown_state_is_refused(void **state)
{
	(void)state;
	expect(host("on", "true", MILAN, "6.12"), host("off", "null", MILAN, "6.12"),
	       "off does not say whether SNP was on in its host (modprobe msr)");
	expect(host("on", "null", MILAN, "6.12"), host("off", "false", MILAN, "6.12"),
	       "on does not say");
	expect((struct machine){.path = "on"}, host("off", "false", MILAN, "6.12"),
	       "there is no manifest.json");
	expect((struct machine){.path = "on", .manifest = json_object()},
	       host("off", "false", MILAN, "6.12"), "an older sevbench");
}

/* What is said where `platform` was measured there, on the first machine; the rest stand beside. */
static const char *said(struct fixture *f, const char *platform, const char *accel,
                        struct machine *machines, size_t count)
{
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	synth_row(f->out, &row);
	fixture_summarise(f);
	host_snp_apply(&f->summary, machines, count);
	for (size_t i = 0; i < count; i++)
		machine_free(&machines[i]);
	return f->summary.host_snp;
}

static void a_control_is_not_clean_with_snp_on(void **state)
{
	struct machine machines[] = {host("a", "true", MILAN, "6.12")};

	assert_string_equal(
	        said(*state, "nosev", "kvm", machines, 1),
	        "SNP was on in the host: what nosev wrote was checked against the RMP "
	        "too, which is part of its times. Results of the same host with SNP off "
	        "show that share (--snp-off of compare, plot and report).");
}

static void nothing_is_said_with_snp_off(void **state)
{
	struct machine machines[] = {host("a", "false", MILAN, "6.12")};

	assert_string_equal(said(*state, "nosev", "kvm", machines, 1), "");
}

/* Nor where it is not known, of encrypted guests, and of what is emulated. */
static void nothing_is_said_of_others(void **state)
{
	struct machine machines[] = {host("a", "true", MILAN, "6.12")};

	assert_string_equal(said(*state, "snp", "kvm", machines, 1), "");
}

static void nothing_is_said_of_what_is_emulated(void **state)
{
	struct machine machines[] = {host("a", "true", MILAN, "6.12")};

	assert_string_equal(said(*state, "nosev", "tcg", machines, 1), "");
}

static void two_states_are_not_one_thing(void **state)
{
	struct machine machines[] = {host("a", "true", MILAN, "6.12"),
	                             host("b", "false", MILAN, "6.12")};
	const char *text = said(*state, "native", "none", machines, 2);

	assert_non_null(strstr(text, "in a and not in b: native is not the same thing in both"));
}

static void what_else_differs_is_said(void **state)
{
	struct machine machines[] = {host("a", "true", MILAN, "6.12"),
	                             host("b", "false", MILAN, "6.14")};
	const char *text;

	machines[1].snp_off = true;
	text = said(*state, "native", "none", machines, 2);
	assert_null(strstr(text, "--snp-off of"));
	assert_non_null(strstr(text, "Besides SNP its Linux is another (6.12 with SNP on, 6.14 "
	                             "with it off), and that may be seen too."));
	assert_null(strstr(text, "microcode"));
}

/* The rows of such a source are columns of their own, whatever their host pages. */
static void results_with_snp_off_are_other_columns(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	synth_row(f->out, &row);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	f->samples.sources[0].snp_off = true;
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(f->summary.count, 1);
	assert_string_equal(target_name(f->summary.rows[0].platform), "nosev@snpoff");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_same_host_with_snp_off),
	        cmocka_unit_test(another_host_is_refused),
	        cmocka_unit_test(the_wrong_state_is_refused),
	        cmocka_unit_test(an_unknown_state_is_refused),
	        T(a_control_is_not_clean_with_snp_on),
	        T(nothing_is_said_with_snp_off),
	        T(nothing_is_said_of_others),
	        T(nothing_is_said_of_what_is_emulated),
	        T(two_states_are_not_one_thing),
	        T(what_else_differs_is_said),
	        T(results_with_snp_off_are_other_columns),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
