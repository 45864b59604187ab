/* SPDX-License-Identifier: MIT */
#include "analysis/decide/reach.h"

#include <math.h>

#include "tests/cmocka.h"

static struct samples_source sources[2];
static struct samples samples = {.sources = sources, .source_count = 2};
static const struct summary summary = {.samples = &samples};

static struct reach reach_of(struct compare_cell *cells, size_t count)
{
	const struct compare compare = {.summary = &summary,
	                                .options = COMPARE_DEFAULTS,
	                                .cells = cells,
	                                .cell_count = count};

	return reach_make(&compare);
}

static void every_cell_has_its_place(void **state)
{
	struct compare_cell cells[] = {
	        {.finds = 0.01, .scatter = "launches"},
	        {.finds = 0.011, .scatter = "launches"},
	        {.finds = 0.5, .scatter = "samples"},
	        {.finds = 0.5, .scatter = "clock"},
	        {.finds = 0.5, .scatter = "rounds"},
	        {.finds = NAN, .scatter = ""},
	        {.finds = 0.001, .scatter = "launches", .verdict = COMPARE_NONE},
	        {.finds = NAN, .scatter = "", .ratio = NAN},
	};
	char text[REACH_TEXT];
	struct reach r = reach_of(cells, sizeof(cells) / sizeof(*cells));

	(void)state;
	assert_true(r.cells == 6 && r.reached == 1 && r.launches == 1 && r.rounds == 1);
	assert_true(r.samples == 1 && r.clock == 1 && r.no_interval == 1 && !r.planned);
	assert_string_equal(
	        reach_text(&r, text),
	        "A difference of 1 % would be found in 1 of 6 cells with power 95 % (of a "
	        "cell alone). In the way of the others: the scatter of launches 1, the "
	        "scatter of rounds 1, the scatter of samples 1, the steps of the clock 1, "
	        "no interval 1.");
	r = reach_of(cells, 1);
	assert_string_equal(reach_text(&r, text),
	                    "A difference of 1 % would be found in 1 of 1 cells "
	                    "with power 95 % (of a cell alone).");
	r = reach_of(cells, 0);
	assert_string_equal(reach_text(&r, text), "");
}

/* Of results that were planned for several margins, that of the comparison is asked for. */
static void the_margin_is_the_one_that_was_planned(void **state)
{
	struct compare_cell cell = {.finds = 0.02, .scatter = "launches"};

	(void)state;
	sources[0].margin = sources[1].margin = 0.03;
	assert_true(reach_of(&cell, 1).planned && reach_of(&cell, 1).reached == 1);
	sources[1].margin = 0.05;
	assert_true(!reach_of(&cell, 1).planned && reach_of(&cell, 1).reached == 0);
	sources[0].margin = sources[1].margin = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_cell_has_its_place),
	        cmocka_unit_test(the_margin_is_the_one_that_was_planned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
