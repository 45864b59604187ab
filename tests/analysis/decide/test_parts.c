/* SPDX-License-Identifier: MIT */
#include "analysis/decide/parts.h"

#include <errno.h>
#include <math.h>

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* A cell in `rounds` rounds; each is slower or faster than `ns` by up to 2 %, together with all
 * other cells of that round. */
static void put(struct fixture *f, const char *platform, const char *accel, const char *kernel,
                const char *variant, double ns, unsigned rounds)
{
	static const double drift[ROUNDS] = {1, 1.02, 0.98, 1.01, 0.99};
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = accel;
	row.kernel = kernel;
	row.variant = variant;
	row.size = 0;
	row.iterations = 100;
	for (row.round = 1; row.round <= rounds; row.round++) {
		for (row.sample = 0; row.sample < 9; row.sample++) {
			double jitter = 1 + ((double)row.sample - 4) / 1000;

			row.ns = 100 * ns * drift[row.round - 1] * jitter;
			synth_row(f->out, &row);
		}
	}
}

static void prepare(struct fixture *f)
{
	fixture_summarise(f);
	assert_int_equal(parts_make(&f->summary, 1, 1000, &f->parts, &f->e), 0);
}

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
	put(f, "nosev", "kvm", "ring0_mmio", "eventfd", 4000, ROUNDS);
	put(f, "nosev", "kvm", "ring0_mmio", "read", 12000, ROUNDS);
	put(f, "nosev", "kvm", "mmio", "read", 12500, 1);
	prepare(f);
	expect(f, "QEMU beyond KVM", PLATFORM_NOSEV, 7000);
	expect(f, "MMIO decode", PLATFORM_NOSEV, 1500);
	/* The rounds drift by 2 %: of 12500 that would be 250. Paired it is not in the difference.
	 */
	part = find(f, "QEMU beyond KVM", PLATFORM_NOSEV);
	assert_true(part->time.high - part->time.low < 0.06 * 7000);
	/* One round in common: a figure, and no interval. */
	part = find(f, "user beyond ring 0", PLATFORM_NOSEV);
	assert_non_null(part);
	assert_int_equal(part->rounds, 1);
	assert_true(fabs(part->time.ns - 500) < 1e-6 && isnan(part->time.low));
}

/* f->text is what is printed of them. */
static void print(struct fixture *f)
{
	FILE *out = fixture_page(f);

	assert_int_equal(parts_print(out, &f->parts, &f->e), 0);
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
	assert_int_equal(parts_write(&f->parts, path, &f->e), 0);
	assert_int_equal(parts_write(&f->parts, path, &f->e), -EEXIST);
	file = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "schema,part,platform,accel,kernel,variant,less_kernel,"
	                          "less_variant,rounds,ns,low,high,what\n");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_ptr_equal(strstr(line, "1,#VC alone,snp,kvm,cpuid,0x0,,,5,646,"), line);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "1,#VC + VMGEXIT,snp,kvm,cpuid,0xb,,,1,3859,,,CPUID that the "
	                          "hypervisor answers in user mode\n");
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

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(parts_follow_the_mode),
	        T(differences_are_of_the_same_rounds),
	        T(they_are_printed_and_written),
	        T(without_world_switches_there_is_nothing),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
