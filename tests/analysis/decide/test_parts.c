/* SPDX-License-Identifier: MIT */
#include "analysis/decide/parts.h"

#include <math.h>

#include "analysis/decide/host_paths.h"
#include "tests/analysis/parts_fixture.h"

static const struct parts_row *find(const struct fixture *f, const char *part,
                                    enum platform platform)
{
	for (size_t i = 0; i < f->parts.count; i++)
		if (!strcmp(f->parts.rows[i].part, part) &&
		    f->parts.rows[i].row->platform == platform)
			return &f->parts.rows[i];
	return NULL;
}

static void expect(const struct fixture *f, const char *name, enum platform platform, double ns)
{
	const struct parts_row *part = find(f, name, platform);

	if (!part) {
		fail_msg("no %s on %s", name, platform_name(platform));
		return;
	}
	if (fabs(part->time.ns - ns) > 1e-6 * ns)
		fail_msg("%s on %s: %g, not %g", name, platform_name(platform), part->time.ns, ns);
	assert_true(part->time.low < ns && part->time.high > ns);
	assert_int_equal(part->rounds, ROUNDS);
}

/* The published figures, and made-up ones where there are none. */
static void parts_follow_the_mode(void **state)
{
	struct fixture *f = *state;

	put(f, "nosev", "kvm", "cpuid", "0x0", 1226, ROUNDS);
	put(f, "nosev", "kvm", "cpuid", "0xb", 1232, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0x0", 646, ROUNDS);
	put(f, "snp", "kvm", "cpuid", "0xb", 3859, ROUNDS);
	put(f, "sev-es", "kvm", "cpuid", "0x0", 3800, ROUNDS);
	put(f, "sev-es", "kvm", "cpuid", "0xb", 3810, ROUNDS);
	put(f, "nosev", "tcg", "cpuid", "0xb", 100, ROUNDS);
	put(f, "native", "none", "cpuid", "0xb", 50, ROUNDS);
	prepare(f);
	expect(f, "VMEXIT and back", PLATFORM_NOSEV, 1232);
	expect(f, "#VC alone", PLATFORM_SNP, 646);
	expect(f, "#VC + VMGEXIT", PLATFORM_SNP, 3859);
	expect(f, "VMGEXIT and back", PLATFORM_SNP, 3213);
	expect(f, "#VC + VMGEXIT", PLATFORM_SEV_ES, 3810);
	assert_null(find(f, "#VC alone", PLATFORM_SEV_ES));
	assert_null(find(f, "VMGEXIT and back", PLATFORM_SEV_ES));
	assert_null(find(f, "#VC alone", PLATFORM_NOSEV));
	assert_null(find(f, "VMEXIT and back", PLATFORM_NATIVE));
	assert_int_equal(f->parts.count, 5); /* nothing of TCG */
}

static void differences_are_of_the_same_rounds(void **state)
{
	struct fixture *f = *state;
	const struct parts_row *part;

	put(f, "nosev", "kvm", "ring0_port", "in_pic", 2000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_port", "in_testdev", 9000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_port", "out_eventfd", 2500, ROUNDS);
	put(f, "nosev", "kvm", "ring0_mmio", "read", 10500, ROUNDS);
	put(f, "nosev", "kvm", "mmio", "read", 11000, 1);
	prepare(f);
	expect(f, "QEMU beyond KVM", PLATFORM_NOSEV, 7000);
	expect(f, "MMIO decode", PLATFORM_NOSEV, 1500);
	/* The rounds drift by 2 %: of 11000 that would be 220. Paired it is not in the difference.
	 */
	part = find(f, "QEMU beyond KVM", PLATFORM_NOSEV);
	assert_true(part->time.high - part->time.low < 0.06 * 7000);
	/* One round in common: a figure, and no interval. */
	part = find(f, "user beyond ring 0", PLATFORM_NOSEV);
	assert_non_null(part);
	assert_int_equal(part->rounds, 1);
	assert_true(fabs(part->time.ns - 500) < 1e-6 && isnan(part->time.low));
}

/* Rounds of an operation that takes so long, and of its empty loop; so many exits; 0: no count. */
struct switch_rounds {
	const char *variant;
	double ns[5], loop, exits[5];
	unsigned failed;
};

static void put_rounds(struct fixture *f, const struct switch_rounds *r)
{
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	row.kernel = "ring0_port";
	row.variant = r->variant;
	row.size = 0;
	row.iterations = 10000;
	for (row.round = 1; row.round <= ROUNDS; row.round++) {
		row.exits = r->exits[row.round - 1];
		row.series = "baseline";
		row.ns = 10000 * r->loop;
		if (r->loop > 0)
			synth_row(f->out, &row);
		row.series = "op";
		row.ns = 10000 * r->ns[row.round - 1];
		row.status = row.round <= r->failed ? "failed" : "ok";
		row.reason = row.round <= r->failed ? "it broke" : "";
		if (row.round <= r->failed)
			row.iterations = 0;
		synth_row(f->out, &row);
		row.iterations = 10000;
	}
}

#define IN_PIC     "in_pic", {2000, 2010, 1990, 2005, 1995}, 0, {0}, 0
#define IN_TESTDEV "in_testdev", {9000, 9040, 8960, 9010, 8990}, 0, {0}, 0

/* What the part "QEMU beyond KVM" is of these, and the part "VMEXIT and back" of the second. */
static void parts_give_no_number_that_a_cell_denies(void **state)
{
	static const struct {
		struct switch_rounds row, less;
		bool time, interval;
		const char *note;
	} cases[] = {
	        {{IN_TESTDEV}, {IN_PIC}, true, true, ""},
	        {{"in_testdev", {9000, 9040, 8960, 9010, 90}, 100, {0}, 0},
	         {IN_PIC},
	         false,
	         false,
	         "ring0_port/in_testdev: not resolved in 1 of 5 rounds, it takes no longer than "
	         "the empty loop there"},
	        {{IN_TESTDEV},
	         {"in_pic", {2000, 2010, 1990, 2005, 1995}, 0, {1, 1, 0.01, 1, 1}, 0},
	         false,
	         false,
	         "ring0_port/in_pic: exits are not as the part needs them in 1 of 5 rounds"},
	        {{"in_testdev", {9000, 9040, 8960, 9010, 8990}, 0, {0}, 2},
	         {IN_PIC},
	         true,
	         true,
	         "ring0_port/in_testdev: 2 of 5 rounds failed"},
	        {{"in_testdev", {9000, 9040, 8960, 9010, 8990}, 0, {0}, 5},
	         {IN_PIC},
	         false,
	         false,
	         "ring0_port/in_testdev: 5 of 5 rounds failed"},
	        {{"in_testdev", {9000, 9040, 18960, 9010, 18990}, 0, {0}, 0},
	         {IN_PIC},
	         true,
	         false,
	         "several modes: 3 of 5 rounds of ring0_port/in_testdev near 9017 ns, the others "
	         "near 1.897e+04 ns; 25 rounds would tell how often each comes"},
	        {{"in_testdev", {1000, 1040, 960, 1010, 990}, 0, {0}, 0},
	         {IN_PIC},
	         true,
	         true,
	         "less than nothing: here the one is no part of the other"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *f = *state;
		const struct parts_row *part;

		put_rounds(f, &cases[i].row);
		put_rounds(f, &cases[i].less);
		prepare(f);
		part = find(f, "QEMU beyond KVM", PLATFORM_NOSEV);
		assert_non_null(part);
		assert_string_equal(part->note, cases[i].note);
		assert_int_equal(!isnan(part->time.ns), cases[i].time);
		assert_int_equal(!isnan(part->time.low), cases[i].interval);
		tear_down(state);
		set_up(state);
	}
}

/* Launches of two kinds that change both cells together leave their difference as it is. */
static void modes_of_both_cells_cancel(void **state)
{
	struct fixture *f = *state;

	put_rounds(f, &(struct switch_rounds){"in_pic", {2000, 2300, 1990, 2305, 1995}, 0, {0}, 0});
	put_rounds(f, &(struct switch_rounds){
	                      "in_testdev", {9000, 9310, 8980, 9315, 8990}, 0, {0}, 0});
	prepare(f);
	assert_string_equal(find(f, "QEMU beyond KVM", PLATFORM_NOSEV)->note, "");
	assert_true(find(f, "QEMU beyond KVM", PLATFORM_NOSEV)->time.low > 6900);
}

/* Where the switches of others' guests go is not known, so nothing is made of them. */
static void guests_of_others_have_no_parts(void **state)
{
	static const char *const platforms[] = {"snp-vtom", "tdx", "unknown"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		put(f, platforms[i], "kvm", "cpuid", "0x0", 646, ROUNDS);
		put(f, platforms[i], "kvm", "cpuid", "0xb", 3859, ROUNDS);
		put(f, platforms[i], "kvm", "ring0_cpuid", "0xb", 3800, ROUNDS);
		put(f, platforms[i], "kvm", "ioport", "in_pic", 2000, ROUNDS);
		put(f, platforms[i], "kvm", "ioport", "in_testdev", 9000, ROUNDS);
	}
	prepare(f);
	assert_int_equal(f->parts.count, 0);
}

/* With the Linux of the host: what is MMIO decode before 7.0 is none from there on. */
static void mmio_on(struct fixture *f, const char *release)
{
	put(f, "nosev", "kvm", "ring0_port", "out_eventfd", 2500, ROUNDS);
	put(f, "nosev", "kvm", "ring0_mmio", "eventfd", 4000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_mmio", "write", 9000, ROUNDS);
	fixture_summarise(f);
	f->machine.manifest =
	        json_pack("{s:{s:{s:s}}}", "environment", "linux", "release", release);
	assert_int_equal(host_paths_apply(&f->summary, &f->machine, 1, &f->e), 0);
	assert_int_equal(parts_make(&f->summary, &f->parts, &f->e), 0);
}

static void decoding_is_a_part_before_linux_7_0(void **state)
{
	struct fixture *f = *state;

	mmio_on(f, "6.12.9");
	expect(f, "MMIO decode", PLATFORM_NOSEV, 1500);
	expect(f, "QEMU beyond KVM", PLATFORM_NOSEV, 5000);
	assert_null(find(f, "MMIO fault", PLATFORM_NOSEV));
}

static void the_fault_alone_is_one_from_linux_7_0_on(void **state)
{
	struct fixture *f = *state;

	mmio_on(f, "7.0.3");
	expect(f, "MMIO fault", PLATFORM_NOSEV, 1500);
	assert_null(find(f, "MMIO decode", PLATFORM_NOSEV));
	/* What goes on to QEMU is decoded, and what it is less is not. */
	assert_null(find(f, "QEMU beyond KVM", PLATFORM_NOSEV));
}

static void neither_is_on_a_host_that_is_not_known(void **state)
{
	struct fixture *f = *state;

	mmio_on(f, "");
	assert_null(find(f, "MMIO fault", PLATFORM_NOSEV));
	assert_null(find(f, "MMIO decode", PLATFORM_NOSEV));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(parts_follow_the_mode),
	        T(differences_are_of_the_same_rounds),
	        T(parts_give_no_number_that_a_cell_denies),
	        T(modes_of_both_cells_cancel),
	        T(guests_of_others_have_no_parts),
	        T(decoding_is_a_part_before_linux_7_0),
	        T(the_fault_alone_is_one_from_linux_7_0_on),
	        T(neither_is_on_a_host_that_is_not_known),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
