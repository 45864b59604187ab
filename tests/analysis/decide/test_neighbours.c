/* SPDX-License-Identifier: MIT */
#include "analysis/decide/neighbours.h"

#include <errno.h>
#include <math.h>

#include "tests/analysis/fixture.h"

#define ROUNDS 5

/* A guest of a made-up file: one of several, or one alone. */
struct guest {
	const char *platform, *accel;
	unsigned side;
	double ns;          /* of an operation, in every round */
	const double *slow; /* by round, where it varies; NULL: it does not */
	unsigned rounds;
};

/* Each round is slower or faster as a whole. */
static void put_guest(struct fixture *f, const struct guest *g)
{
	static const double drift[ROUNDS] = {1, 1.2, 0.8, 1.1, 0.9};
	struct synth row = synth_default;
	char *path, name[64];
	FILE *out;

	snprintf(name, sizeof(name), "%s-%s-%u.csv", g->platform, g->accel, g->side);
	out = synth_file(f->directory, name, &path);
	row.platform = g->platform;
	row.accel = g->accel;
	synth_header(out);
	for (row.round = 1; row.round <= g->rounds; row.round++) {
		double slow = g->slow ? g->slow[row.round - 1] : 1;

		for (row.sample = 0; row.sample < 9; row.sample++) {
			row.ns = 10 * g->ns * slow * drift[row.round - 1] *
			         (1 + ((double)row.sample - 4) / 4000);
			synth_row(out, &row);
		}
	}
	fclose(out);
	assert_int_equal(reader_read(&f->samples, path, g->side, false, &f->e), 0);
	free(path);
}

/* One of several guests, or one alone, of the machine itself. */
static void put(struct fixture *f, unsigned side, double ns, unsigned rounds)
{
	put_guest(f, &(struct guest){"native", "none", side, ns, NULL, rounds});
}

/* Two guests at once, and one alone, of a platform under KVM. */
static void put_platform(struct fixture *f, const char *platform, const double ns[3],
                         const double *slow, unsigned rounds)
{
	static const unsigned sides[] = {NEIGHBOURS_ALONE, 0, 1};

	for (unsigned i = 0; i < 3; i++)
		put_guest(f, &(struct guest){platform, "kvm", sides[i], ns[i], i ? slow : NULL,
		                             rounds});
}

static struct neighbours make(struct fixture *f, unsigned guests)
{
	struct neighbours n;

	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_int_equal(neighbours_make(&f->summary, guests, &n, &f->e), 0);
	return n;
}

/* One guest a fifth slower, one a half: together 1/1.2 + 1/1.5 of one alone, whatever drifts. */
static void each_and_all_are_told_of_one_alone(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put(f, 0, 1200, ROUNDS);
	put(f, 1, 1500, ROUNDS);
	put(f, NEIGHBOURS_ALONE, 1000, ROUNDS);
	n = make(f, 2);
	assert_int_equal(n.count, 1);
	assert_int_equal(n.rows[0].rounds, ROUNDS);
	assert_int_equal(n.rows[0].rounds_alone, ROUNDS);
	assert_true(fabs(n.rows[0].share[0].of_alone.value - 1 / 1.2) < 1e-6);
	assert_true(fabs(n.rows[0].share[1].of_alone.value - 1 / 1.5) < 1e-6);
	assert_true(fabs(n.rows[0].share[2].of_alone.value - 1.5) < 1e-6);
	assert_true(n.rows[0].share[2].of_alone.low > 1.49 &&
	            n.rows[0].share[2].of_alone.high < 1.51);
	assert_true(fabs(n.rows[0].share[2].rate / n.rows[0].alone - 1.5) < 1e-6);
	out = fixture_page(f);
	assert_int_equal(neighbours_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "guest 1"));
	assert_non_null(strstr(f->text, "all 2"));
	assert_non_null(strstr(f->text, "  1.500 [1.500, 1.500]    0.750 [0.750, 0.750]\n"));
	assert_null(strstr(f->text, "to nosev"));
	neighbours_free(&n);
}

static void without_one_alone_there_are_rates_and_their_sum(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 1);
	put(f, 1, 1000, 1);
	put(f, 2, 2000, 1);
	n = make(f, 3);
	assert_true(isnan(n.rows[0].alone) && isnan(n.rows[0].share[0].of_alone.value));
	assert_true(fabs(n.rows[0].share[3].rate / n.rows[0].share[0].rate - 2.5) < 1e-6);
	neighbours_free(&n);
}

static void one_round_has_no_interval(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 1);
	put(f, 1, 1000, 1);
	put(f, NEIGHBOURS_ALONE, 500, 3);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds_alone, 1);
	assert_true(fabs(n.rows[0].share[2].of_alone.value - 1) < 1e-6);
	assert_true(isnan(n.rows[0].share[2].of_alone.low));
	neighbours_free(&n);
}

/* Guests that did not measure the same rounds were no neighbours. */
static void rounds_that_a_guest_lacks_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 4);
	put(f, 1, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.rows[0].rounds, 2);
	neighbours_free(&n);
}

static void a_cell_of_one_guest_only_is_counted_apart(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;

	put(f, 0, 1000, 2);
	n = make(f, 2);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.apart, 1);
	neighbours_free(&n);
}

/* A skipped cell of one guest, in as many rounds. */
static void put_skipped(struct fixture *f, unsigned side, const char *variant)
{
	struct synth row = synth_default;
	char *path, name[64];
	FILE *out;

	snprintf(name, sizeof(name), "skipped-%s-%u.csv", variant, side);
	out = synth_file(f->directory, name, &path);
	row.variant = variant;
	row.status = "skipped";
	row.reason = "the CPU has no such thing";
	row.iterations = 0;
	row.run = name;
	synth_header(out);
	for (row.round = 1; row.round <= ROUNDS; row.round++)
		synth_row(out, &row);
	fclose(out);
	assert_int_equal(reader_read(&f->samples, path, side, false, &f->e), 0);
	free(path);
}

/* Nothing vanishes: neither what no guest can measure, nor what one cannot. */
static void skipped_cells_are_counted_and_say_why(void **state)
{
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_skipped(f, 0, "avx2");
	put(f, 1, 1000, ROUNDS);
	put_skipped(f, 0, "avx512");
	put_skipped(f, 1, "avx512");
	n = make(f, 2);
	assert_int_equal(n.count, 0);
	assert_int_equal(n.apart, 2);
	out = fixture_page(f);
	assert_int_equal(neighbours_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "2 cells are left out: no round has them of every guest.\n"
	                                "[1] skipped on native: the CPU has no such thing\n"));
	assert_null(strstr(f->text, "[2]"));
	neighbours_free(&n);
}

static void the_csv_has_each_and_all_and_one_alone(void **state)
{
	struct fixture *f = *state;
	char path[256], line[512];
	struct neighbours n;
	unsigned lines = 0;
	FILE *csv;

	put(f, 0, 1000, 2);
	put(f, 1, 1000, 2);
	put(f, NEIGHBOURS_ALONE, 1000, 2);
	n = make(f, 2);
	snprintf(path, sizeof(path), "%s/neighbours.csv", f->directory);
	assert_int_equal(neighbours_write(&n, path, &f->e), 0);
	csv = fopen(path, "re");
	assert_non_null(csv);
	while (fgets(line, sizeof(line), csv)) {
		unsigned commas = 0;

		for (const char *c = line; *c; c++)
			commas += *c == ',';
		assert_int_equal(commas, 24);
		lines++;
	}
	fclose(csv);
	assert_int_equal(lines, 5);
	assert_int_equal(neighbours_write(&n, path, &f->e), -EEXIST);
	neighbours_free(&n);
}

/*
 * Plain: 1/1.2 + 1/1.5 = 1.5 of one alone, a share of 0.75. Encrypted: 1.1/2.2 + 1.1/1.375 = 1.3, a
 * share of 0.65, which is 13/15 of the other.
 */
static void encryption_shows_in_what_neighbours_cost(void **state)
{
	static const double plain[] = {1000, 1200, 1500}, encrypted[] = {1100, 2200, 1375};
	struct fixture *f = *state;
	const struct neighbours_row *snp;
	struct neighbours n;
	FILE *out;

	put_platform(f, "nosev", plain, NULL, ROUNDS);
	put_platform(f, "snp", encrypted, NULL, ROUNDS);
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	snp = &n.rows[1];
	assert_int_equal(snp->first->platform, PLATFORM_SNP);
	assert_true(fabs(n.rows[0].kept.value - 0.75) < 1e-6);
	assert_true(isnan(n.rows[0].to_nosev.value));
	assert_true(fabs(snp->kept.value - 0.65) < 1e-6);
	assert_true(fabs(snp->to_nosev.value - 13.0 / 15) < 1e-6);
	assert_int_equal(snp->rounds_nosev, ROUNDS);
	out = fixture_page(f);
	assert_int_equal(neighbours_print(out, &n, &f->e), 0);
	fclose(out);
	expect_narrow_ascii(f);
	assert_non_null(strstr(f->text, "to nosev"));
	assert_non_null(strstr(f->text, "  0.650 [0.650, 0.650]    0.867 [0.867, 0.867]\n"));
	neighbours_free(&n);
}

/*
 * Slower by 1/0.8, 1/0.9 and not at all in three rounds: the cube root of 0.72; the logs' standard
 * error is 0.064497, and Student's t of two degrees of freedom 4.3027.
 */
static void its_interval_is_that_of_the_rounds(void **state)
{
	static const double same[] = {1000, 1000, 1000}, slow[] = {1 / 0.8, 1 / 0.9, 1};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 3);
	put_platform(f, "sev", same, slow, 3);
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_true(fabs(n.rows[1].to_nosev.value - 0.896281) < 1e-5);
	assert_true(fabs(n.rows[1].to_nosev.low - 0.679224) < 1e-5);
	assert_true(fabs(n.rows[1].to_nosev.high - 1.182702) < 1e-5);
	neighbours_free(&n);
}

/* A round that one of the two lacks says nothing of the difference. */
static void only_rounds_of_both_are_set_against_one_another(void **state)
{
	static const double same[] = {1000, 1000, 1000}, slow[] = {2, 2, 1, 1};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 2);
	put_platform(f, "sev-es", same, slow, 4);
	n = make(f, 2);
	assert_int_equal(n.rows[1].rounds_alone, 4);
	assert_int_equal(n.rows[1].rounds_nosev, 2);
	assert_true(fabs(n.rows[1].to_nosev.value - 0.5) < 1e-6);
	neighbours_free(&n);
}

static void an_emulated_guest_is_nothing_to_compare_with(void **state)
{
	static const double same[] = {1000, 1000, 1000};
	static const unsigned sides[] = {NEIGHBOURS_ALONE, 0, 1};
	struct fixture *f = *state;
	struct neighbours n;
	FILE *out;

	put_platform(f, "snp", same, NULL, 2);
	for (unsigned i = 0; i < 3; i++)
		put_guest(f, &(struct guest){"nosev", "tcg", sides[i], 1000, NULL, 2});
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_true(isnan(n.rows[0].to_nosev.value) && isnan(n.rows[1].to_nosev.value));
	out = fixture_page(f);
	assert_int_equal(neighbours_print(out, &n, &f->e), 0);
	fclose(out);
	assert_null(strstr(f->text, "to nosev"));
	assert_non_null(strstr(f->text, "nosev (emulated), 2 rounds"));
	assert_non_null(strstr(f->text, "no costs of hardware"));
	neighbours_free(&n);
}

/* Without one alone nobody knows what neighbours cost, encrypted or not. */
static void without_one_alone_nothing_is_set_against_nosev(void **state)
{
	static const double same[] = {1000, 1000, 1000};
	struct fixture *f = *state;
	struct neighbours n;

	put_platform(f, "nosev", same, NULL, 2);
	put_guest(f, &(struct guest){"snp", "kvm", 0, 1000, NULL, 2});
	put_guest(f, &(struct guest){"snp", "kvm", 1, 1000, NULL, 2});
	n = make(f, 2);
	assert_int_equal(n.count, 2);
	assert_int_equal(n.rows[1].rounds, 2);
	assert_true(isnan(n.rows[1].kept.value) && isnan(n.rows[1].to_nosev.value));
	neighbours_free(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(each_and_all_are_told_of_one_alone, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(without_one_alone_there_are_rates_and_their_sum,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(one_round_has_no_interval, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(rounds_that_a_guest_lacks_are_left_out, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(a_cell_of_one_guest_only_is_counted_apart, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(skipped_cells_are_counted_and_say_why, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(the_csv_has_each_and_all_and_one_alone, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(encryption_shows_in_what_neighbours_cost, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(its_interval_is_that_of_the_rounds, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(only_rounds_of_both_are_set_against_one_another,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(an_emulated_guest_is_nothing_to_compare_with,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(without_one_alone_nothing_is_set_against_nosev,
	                                        set_up, tear_down),
	};

	return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
