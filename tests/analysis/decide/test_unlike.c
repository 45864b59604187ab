/* SPDX-License-Identifier: MIT */
#include "analysis/decide/unlike.h"

#include "tests/analysis/fixture.h"

/* Results of two machines; `sides`: the second is of before. */
static const char *tell(struct fixture *f, const char *one, const char *other, bool sides)
{
	struct machine machines[2] = {{.path = "new"}, {.path = "old"}};
	struct synth row = synth_default;
	char *path;
	FILE *out = synth_file(f->directory, "old.csv", &path);

	synth_header(out);
	synth_row(f->out, &row);
	row.run = "r2";
	synth_row(out, &row);
	fclose(out);
	fixture_close(f);
	assert_int_equal(reader_read(&f->samples, f->path, 0, false, &f->e), 0);
	assert_int_equal(reader_read(&f->samples, path, sides ? 1 : 0, false, &f->e), 0);
	free(path);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	machines[0].manifest = json_loads(one, 0, NULL);
	machines[1].manifest = json_loads(other, 0, NULL);
	unlike_apply(&f->summary, machines, 2);
	machine_free(&machines[0]);
	machine_free(&machines[1]);
	return f->summary.unlike;
}

#define CPU(model, microcode)                                                                      \
	"{\"environment\":{\"cpu\":{\"model_name\":\"" model "\",\"microcode\":\"" microcode "\"}" \
	"}}"
#define GUEST(platform, qemu, release)                                                             \
	"{\"launches\":[{\"platform\":\"" platform "\",\"guest\":{\"qemu\":{\"version\":\"" qemu   \
	"\"}},\"environment\":{\"linux\":{\"release\":\"" release "\"}}}]}"

static void another_machine_is_named(void **state)
{
	assert_string_equal(tell(*state, CPU("EPYC 9654", "0x1"), CPU("EPYC 7763", "0x2"), false),
	                    "These results were not all measured on the same: processor (EPYC 9654 "
	                    "in new, EPYC 7763 in old), microcode (0x1 in new, 0x2 in old). A "
	                    "difference between them may be of that.");
}

static void it_is_said_which_side_is_which(void **state)
{
	assert_string_equal(
	        tell(*state, GUEST("snp", "10.0", "6.1"), GUEST("snp", "9.1", "6.1"), true),
	        "Before and now differ in more than time: QEMU (10.0 now, 9.1 before). "
	        "A difference between them may be of that.");
}

static void the_version_of_the_suite_is_one(void **state)
{
	assert_string_equal(
	        tell(*state, "{\"sevbench\":\"0.2.0\"}", "{\"sevbench\":\"0.1.0\"}", true),
	        "Before and now differ in more than time: version of sevbench (0.2.0 "
	        "now, 0.1.0 before). A difference between them may be of that.");
}

/* What one does not say is no difference, nor are guests of other platforms. */
static void what_is_the_same_or_not_known_is_not(void **state)
{
	static const char *const pairs[][2] = {
	        {CPU("EPYC", "0x1"), CPU("EPYC", "0x1")},
	        {CPU("EPYC", "0x1"), "{}"},
	        {CPU("EPYC", "0x1"), "{\"environment\":{\"cpu\":{\"model_name\":null}}}"},
	        {GUEST("snp", "10.0", "6.1"), GUEST("nosev", "9.1", "6.12")},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_string_equal(tell(*state, pairs[i][0], pairs[i][1], i % 2), "");
		tear_down(state);
		set_up(state);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(another_machine_is_named),
	        T(it_is_said_which_side_is_which),
	        T(the_version_of_the_suite_is_one),
	        T(what_is_the_same_or_not_known_is_not),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
