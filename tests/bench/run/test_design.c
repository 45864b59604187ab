/* SPDX-License-Identifier: MIT */
#include "bench/run/design.h"

#include <errno.h>

#include "tests/analysis/truth.h"
#include "tests/cmocka.h"

/* Such that five rounds of `step` times these scatter by 0.02. */
static const double spread[] = {-2, -1, 0, 1, 2};
#define STEP (0.02 / sqrt(2.5))

static const struct kernel kernel = {.name = "kernel0"};
static const struct variant variants[] = {{.name = "v0"}, {.name = "v1"}};

struct fixture {
	struct suite_cell cells[2];
	struct suite suite;
	struct samples samples;
	struct samples_row row;
	struct design design;
	json_t *shorts;
	struct err e;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	for (size_t i = 0; i < 2; i++)
		f->cells[i].cell =
		        (struct cell){.kernel = &kernel, .variant = &variants[i], .threads = 1};
	f->suite = (struct suite){.cells = f->cells, .count = 2};
	f->design = (struct design){.margin = 0.03, .power = 0.95, .most = 100};
	f->row = truth_source(&f->samples, 0);
	f->shorts = json_array();
	*state = f;
	return 0;
}

static int release(void **state)
{
	struct fixture *f = *state;

	samples_free(&f->samples);
	design_free(&f->design);
	json_decref(f->shorts);
	free(f);
	return 0;
}

/* Rounds `first` to five of a variant, one sample each. */
static void put(struct fixture *f, unsigned variant, unsigned platform, enum accel accel,
                unsigned first, double step)
{
	truth_name(&f->samples, &f->row, 0, variant);
	f->row.group.platform = platform;
	f->row.group.accel = accel;
	for (unsigned r = first; r <= 5; r++) {
		f->row.group.round = r;
		f->row.ns = 100 * exp(step * spread[r - 1]) * (double)f->row.iterations;
		assert_int_equal(samples_add(&f->samples, &f->row, NULL), 0);
	}
}

static void settle(struct fixture *f)
{
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(design_settle(&f->design, &f->suite, &f->samples, f->shorts, &f->e), 0);
}

/* 12 rounds: tests/analysis/decide/test_power.c. The reference gets them too. */
static void noisy_cells_get_more_rounds(void **state)
{
	struct fixture *f = *state;

	for (unsigned v = 0; v < 2; v++) {
		put(f, v, PLATFORM_NATIVE, ACCEL_NONE, 1, 0);
		put(f, v, PLATFORM_NOSEV, ACCEL_KVM, 1, v ? STEP : STEP / 100);
	}
	assert_int_equal(design_rounds(&f->design, PLATFORM_NOSEV, 1), DESIGN_PILOT);
	settle(f);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NOSEV, 0), 5);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NATIVE, 0), 5);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NOSEV, 1), 12);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NATIVE, 1), 12);
	assert_int_equal(design_last(&f->design), 12);
	assert_int_equal(json_array_size(f->shorts), 0);
}

/* Against another run of which as much is known: twice the variance. */
static void a_platform_alone_is_planned_against_its_like(void **state)
{
	struct fixture *f = *state;

	put(f, 0, PLATFORM_NATIVE, ACCEL_NONE, 1, STEP / sqrt(2));
	settle(f);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NATIVE, 0), 12);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NATIVE, 1), 5);
}

static void what_is_emulated_gets_none(void **state)
{
	struct fixture *f = *state;

	put(f, 0, PLATFORM_NATIVE, ACCEL_NONE, 1, 0);
	put(f, 0, PLATFORM_NOSEV, ACCEL_TCG, 1, STEP);
	settle(f);
	assert_int_equal(design_last(&f->design), DESIGN_PILOT);
	assert_int_equal(json_array_size(f->shorts), 0);
}

/* Its most rounds, and a word of why they do not do. */
static void what_is_out_of_reach_is_named(void **state)
{
	struct fixture *f = *state;
	const json_t *one;

	put(f, 1, PLATFORM_NATIVE, ACCEL_NONE, 1, 0);
	put(f, 1, PLATFORM_NOSEV, ACCEL_KVM, 1, STEP);
	f->design.most = 11;
	settle(f);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NOSEV, 1), 11);
	assert_int_equal(json_array_size(f->shorts), 1);
	one = json_array_get(f->shorts, 0);
	assert_string_equal(json_string_value(json_object_get(one, "platform")), "nosev");
	assert_string_equal(json_string_value(json_object_get(one, "cell")), "kernel0/v1");
	assert_int_equal(json_integer_value(json_object_get(one, "wanted")), 12);
	assert_string_equal(json_string_value(json_object_get(one, "why")),
	                    "the scatter of launches");
}

/* Four rounds that scatter by 1.29 steps, 3 degrees of freedom: (0.01633 x 5.5358 / log 1.03)^2 is
 * 9.35, and one round more for the one that failed. */
static void a_round_that_failed_is_made_up_for(void **state)
{
	struct fixture *f = *state;

	put(f, 0, PLATFORM_NATIVE, ACCEL_NONE, 1, 0);
	put(f, 0, PLATFORM_NOSEV, ACCEL_KVM, 2, STEP);
	settle(f);
	assert_int_equal(design_rounds(&f->design, PLATFORM_NOSEV, 0), 11);
}

static void what_was_settled_is_read_again(void **state)
{
	struct fixture *f = *state;
	struct design again = {.most = 100};
	json_t *further;

	put(f, 1, PLATFORM_NATIVE, ACCEL_NONE, 1, 0);
	put(f, 1, PLATFORM_NOSEV, ACCEL_KVM, 1, STEP);
	settle(f);
	further = design_further(&f->design, &f->suite);
	assert_int_equal(json_array_size(further), 2);
	assert_int_equal(design_read(&again, &f->suite, further, &f->e), 0);
	assert_memory_equal(again.rounds, f->design.rounds,
	                    sizeof(*again.rounds) * 2 * TARGET_COUNT);
	design_free(&again);
	again.most = 11; /* more than it may have */
	assert_int_equal(design_read(&again, &f->suite, further, &f->e), -EINVAL);
	assert_null(again.rounds);
	again.most = 100;
	json_object_set_new(json_array_get(further, 0), "index", json_integer(2));
	assert_int_equal(design_read(&again, &f->suite, further, &f->e), -EINVAL);
	json_object_set_new(json_array_get(further, 0), "index", json_integer(-1));
	assert_int_equal(design_read(&again, &f->suite, further, &f->e), -EINVAL);
	json_decref(further);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, release)
	const struct CMUnitTest tests[] = {
	        T(noisy_cells_get_more_rounds),
	        T(a_platform_alone_is_planned_against_its_like),
	        T(what_is_emulated_gets_none),
	        T(what_is_out_of_reach_is_named),
	        T(a_round_that_failed_is_made_up_for),
	        T(what_was_settled_is_read_again),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
