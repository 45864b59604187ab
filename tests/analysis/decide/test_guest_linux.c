/* SPDX-License-Identifier: MIT */
#include "analysis/decide/guest_linux.h"

#include "analysis/decide/switches.h"
#include "tests/analysis/fixture.h"

static void releases_lie_within_what_was_read(void **state)
{
	static const struct {
		const char *releases, *release;
		bool covered;
	} cases[] = {
	        {"6.1.57-7.3", "6.1.57", true},       {"6.1.57-7.3", "6.1.56", false},
	        {"6.1.57-7.3", "6.1.164-1", true},    {"6.1.57-7.3", "5.19", false},
	        {"6.1.57-7.3", "6.8.0-31-gen", true}, {"6.1.57-7.3", "7.3.9", true},
	        {"6.1.57-7.3", "7.4", false},         {"6.1.57-7.3", "", true},
	        {"6.1.57-7.3", "unknown", true},      {"", "1.0", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct switches_row row = {0};

		snprintf(row.releases, sizeof(row.releases), "%s", cases[i].releases);
		if (switches_read_for(&row, cases[i].release) != cases[i].covered)
			fail_msg("%s and \"%s\"", cases[i].releases, cases[i].release);
	}
}

static void debian_says_its_release_elsewhere(void **state)
{
	char release[32];
	json_t *launch = json_pack("{s:{s:{s:s,s:s}}}", "environment", "linux", "release",
	                           "6.1.0-48-cloud-amd64", "version",
	                           "#1 SMP PREEMPT_DYNAMIC Debian 6.1.172-1 (2026-05-15)");
	json_t *other = json_pack("{s:{s:{s:s,s:s}}}", "environment", "linux", "release",
	                          "6.8.0-31-generic", "version", "#31-Ubuntu SMP");

	(void)state;
	assert_string_equal(guest_linux_release(launch, release), "6.1.172-1");
	assert_string_equal(guest_linux_release(other, release), "6.8.0-31-generic");
	assert_string_equal(guest_linux_release(NULL, release), "");
	json_decref(launch);
	json_decref(other);
}

/* What is said of a run in which a guest on `platform` measured `kernel` under that Linux. */
static const char *said(struct fixture *f, const char *platform, const char *kernel,
                        const char *release)
{
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = "kvm";
	row.kernel = kernel;
	row.variant = "0x0";
	synth_row(f->out, &row);
	fixture_summarise(f);
	f->machine.manifest = json_pack("{s:[{s:s,s:{s:{s:s}}}]}", "launches", "platform", platform,
	                                "environment", "linux", "release", release);
	assert_non_null(f->machine.manifest);
	assert_int_equal(guest_linux_apply(&f->summary, &f->machine, 1, &f->e), 0);
	return f->summary.other_linux;
}

static void another_linux_is_named(void **state)
{
	const char *text = said(*state, "snp", "cpuid", "6.1.20");

	assert_non_null(strstr(text, "snp ran Linux 6.1.20"));
	assert_non_null(strstr(text, "of cpuid there was read for 6.1.57-7.3"));
}

static void the_linux_that_was_read_needs_no_word(void **state)
{
	assert_string_equal(said(*state, "snp", "cpuid", "6.12.3"), "");
}

/* Without #VC the guest's Linux has no say in where an operation goes. */
static void a_plain_guest_needs_no_word(void **state)
{
	assert_string_equal(said(*state, "nosev", "cpuid", "6.1.20"), "");
}

static void kernels_that_did_not_run_need_no_word(void **state)
{
	assert_string_equal(said(*state, "snp", "memcpy", "6.1.20"), "");
}

/* Of launches on two platforms, is this cell on snp to be left alone? */
static bool apart(struct fixture *f, const char *platform, const char *releases[2],
                  const char *variant, const char *params, char why[256])
{
	struct synth row = synth_default;

	row.platform = "snp";
	row.accel = "kvm";
	row.kernel = "convert";
	row.variant = variant;
	row.params = params;
	synth_row(f->out, &row);
	fixture_summarise(f);
	f->machine.manifest =
	        json_pack("{s:[{s:s,s:{s:{s:s}}},{s:s,s:{s:{s:s}}}]}", "launches", "platform",
	                  "snp", "environment", "linux", "release", releases[0], "platform",
	                  platform, "environment", "linux", "release", releases[1]);
	assert_int_equal(guest_linux_apply(&f->summary, &f->machine, 1, &f->e), 0);
	return guest_linux_apart(&f->summary, &f->summary.rows[0], why);
}

static void converting_blocks_is_other_work_on_another_linux(void **state)
{
	char why[256];

	assert_true(apart(*state, "snp", (const char *[]){"6.1.192-1", "6.12.117-1"},
	                  "2m_to_shared", "pages_converted=512", why));
	assert_non_null(strstr(why, "ran Linux 6.1 and 6.12"));
}

static void so_is_converting_as_many_pages_that_are_none(void **state)
{
	char why[256];

	assert_true(apart(*state, "snp", (const char *[]){"6.1.192-1", "6.12.117-1"}, "4k",
	                  "pages_converted=512", why));
}

/* As it was called before it had a number of pages. */
static void so_it_was_in_older_results(void **state)
{
	char why[256];

	assert_true(
	        apart(*state, "snp", (const char *[]){"6.1.192-1", "6.12.117-1"}, "2m", "", why));
}

static void converting_pages_is_not(void **state)
{
	char why[256];

	assert_false(apart(*state, "sev", (const char *[]){"6.1.192-1", "6.12.117-1"}, "2m",
	                   "pages_converted=64", why));
}

static void nor_is_another_release_of_the_same_linux(void **state)
{
	char why[256];

	assert_false(apart(*state, "snp", (const char *[]){"6.1.192-1", "6.1.20"}, "2m",
	                   "pages_converted=512", why));
}

/* A plain guest converts nothing, whatever its Linux. */
static void nor_that_of_a_plain_guest(void **state)
{
	char why[256];

	assert_false(apart(*state, "nosev", (const char *[]){"6.12.117-1", "6.1.20"}, "2m",
	                   "pages_converted=512", why));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(releases_lie_within_what_was_read),
	        cmocka_unit_test(debian_says_its_release_elsewhere),
	        T(another_linux_is_named),
	        T(the_linux_that_was_read_needs_no_word),
	        T(a_plain_guest_needs_no_word),
	        T(kernels_that_did_not_run_need_no_word),
	        T(converting_blocks_is_other_work_on_another_linux),
	        T(so_is_converting_as_many_pages_that_are_none),
	        T(so_it_was_in_older_results),
	        T(converting_pages_is_not),
	        T(nor_is_another_release_of_the_same_linux),
	        T(nor_that_of_a_plain_guest),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
