/* SPDX-License-Identifier: MIT */
#include "analysis/decide/libc_ways.h"

#include "tests/analysis/fixture.h"

/* A manifest of a native machine and of guests, with the size from which each C library streams. */
static json_t *manifest_of(const char *version, json_int_t native, json_int_t guest)
{
	json_t *manifest = json_pack(
	        "{s:{s:{s:s, s:{s:I, s:s}}}, s:[{s:s}, {s:s, s:{s:{s:s, s:{s:I, s:s}}}}]}",
	        "environment", "libc", "version", version, "thresholds", "non_temporal_threshold",
	        native, "rep_stosb_threshold", "never", "launches", "platform", "native",
	        "platform", "nosev", "environment", "libc", "version", version, "thresholds",
	        "non_temporal_threshold", guest, "rep_stosb_threshold", "never");

	assert_non_null(manifest);
	return manifest;
}

/* memcpy natively and in a guest, by a variant; the note of the guest's cell against native. */
static const char *note(struct fixture *f, const char *variant, json_t *manifest)
{
	struct machine machine = {.manifest = manifest};
	struct synth row = synth_default;

	row.variant = variant;
	row.platform = "native";
	row.accel = "none";
	synth_row(f->out, &row);
	row.platform = "nosev";
	row.accel = "kvm";
	synth_row(f->out, &row);
	fixture_summarise(f);
	assert_int_equal(libc_ways_apply(&f->summary, &machine, 1, &f->e), 0);
	machine_free(&machine);
	f->options.reference = PLATFORM_NATIVE;
	assert_int_equal(compare_make(&f->summary, &f->options, &f->compare, &f->e), 0);
	assert_int_equal(f->compare.cell_count, 1);
	return f->compare.cells[0].note;
}

static void other_sizes_are_other_work(void **state)
{
	assert_string_equal(note(*state, "libc", manifest_of("2.36", 251658240, 25165824)),
	                    "not comparable: libc goes other ways, by glibc 2.36 (non_temporal "
	                    "251658240, rep_stosb never) and by glibc 2.36 (non_temporal 25165824, "
	                    "rep_stosb never)");
}

static void so_is_memmove(void **state)
{
	assert_non_null(
	        strstr(note(*state, "libc_memmove", manifest_of("2.36", 1, 2)), "not comparable"));
}

static void the_same_sizes_are_the_same_work(void **state)
{
	assert_null(strstr(note(*state, "libc", manifest_of("2.41", 25165824, 25165824)), "libc"));
}

static void our_own_loops_do_not_hang_on_them(void **state)
{
	assert_null(strstr(note(*state, "avx2", manifest_of("2.36", 251658240, 25165824)), "libc"));
}

static void what_is_not_known_is_no_difference(void **state)
{
	json_t *manifest = json_pack("{s:[{s:s}, {s:s}]}", "launches", "platform", "native",
	                             "platform", "nosev");

	assert_null(strstr(note(*state, "libc", manifest), "libc"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(other_sizes_are_other_work),         T(so_is_memmove),
	        T(the_same_sizes_are_the_same_work),   T(our_own_loops_do_not_hang_on_them),
	        T(what_is_not_known_is_no_difference),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
