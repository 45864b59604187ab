/* SPDX-License-Identifier: MIT */
#include "analysis/decide/legs.h"

#include <string.h>

#include "analysis/read/embedded.h"
#include "tests/cmocka.h"

extern const char _binary_analysis_reference_parts_csv_start[];
extern const char _binary_analysis_reference_parts_csv_end[];

struct fixture {
	struct switches switches;
	struct legs legs;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct err e;

	*state = &f;
	return switches_load(&f.switches, &e) || legs_load(&f.legs, &e);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	legs_free(&f->legs);
	switches_free(&f->switches);
	return 0;
}

/* From where it begins and back, without a gap. */
static void expect_closed(const struct way *way, const char *kernel, const char *path)
{
	if (!way->count)
		fail_msg("%s has no leg along %s", kernel, path);
	for (size_t i = 0; i + 1 < way->count; i++)
		if (way->legs[i].to != way->legs[i + 1].from)
			fail_msg("%s along %s: leg %zu does not begin where the one before ends",
			         kernel, path, i + 2);
	if (way->legs[0].from != way->legs[way->count - 1].to)
		fail_msg("%s along %s: it does not end where it began", kernel, path);
}

static void every_operation_goes_and_comes_back(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->switches.count; i++) {
		const struct switches_row *row = &f->switches.rows[i];

		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
			struct way way;

			if (row->path[p] == SWITCHES_UNKNOWN)
				continue;
			legs_way(&f->legs, row->path[p], row->kernel, &way);
			assert_true(way.count < LEGS_MOST); /* none was left out */
			expect_closed(&way, row->kernel, switches_path_name(row->path[p]));
		}
	}
}

/* A way to KVM, to its #VC handler or to QEMU is one there. */
static void a_way_goes_where_its_path_says(void **state)
{
	struct fixture *f = *state;

	for (int path = SWITCHES_NONE; path < SWITCHES_PATH_COUNT; path++) {
		const char *name = switches_path_name((enum switches_path)path);
		bool qemu = false, kvm = false;
		struct way way;

		legs_way(&f->legs, (enum switches_path)path, "ring0_port", &way);
		for (size_t i = 0; i < way.count; i++) {
			qemu |= way.legs[i].to == LEGS_QEMU;
			kvm |= way.legs[i].to == LEGS_KVM;
		}
		assert_int_equal(kvm, switches_exits((enum switches_path)path) != 0);
		if (strstr(name, "qemu"))
			assert_true(qemu);
		if (strstr(name, "kvm"))
			assert_false(qemu);
	}
}

struct wanted {
	const char *part;
	bool found;
};

static int look(const struct embedded_line *line, void *context, struct err *e)
{
	struct wanted *wanted = context;

	(void)e;
	wanted->found |= !strcmp(line->field[0], wanted->part);
	return 0;
}

/* A leg in a part that nothing computes would never be measured. */
static void parts_of_legs_are_computed(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->legs.count; i++) {
		for (size_t k = 0; k < LEGS_PARTS && *f->legs.rows[i].parts[k]; k++) {
			struct wanted wanted = {.part = f->legs.rows[i].parts[k]};
			struct err e;

			assert_int_equal(embedded_read(_binary_analysis_reference_parts_csv_start,
			                               _binary_analysis_reference_parts_csv_end,
			                               "parts", look, &wanted, &e),
			                 0);
			if (!wanted.found)
				fail_msg("no part \"%s\"", wanted.part);
		}
	}
}

static void kernels_have_legs_of_their_own(void **state)
{
	struct fixture *f = *state;
	const char *parts[LEGS_MOST];
	struct way port, mmio, user;

	legs_way(&f->legs, SWITCHES_QEMU, "ring0_port", &port);
	legs_way(&f->legs, SWITCHES_QEMU, "ring0_mmio", &mmio);
	legs_way(&f->legs, SWITCHES_QEMU, "mmio", &user);
	assert_int_equal(mmio.count, port.count + 1);
	assert_int_equal(legs_parts(&mmio, parts), 3);
	assert_string_equal(parts[1], "MMIO decode");
	assert_int_equal(legs_parts(&port, parts), 2);
	assert_int_equal(port.legs[0].from, LEGS_GUEST);
	assert_int_equal(user.legs[0].from, LEGS_USER);
	assert_true(legs_in(&mmio.legs[1], "MMIO decode"));
	assert_false(legs_in(&mmio.legs[1], ""));
	legs_way(&f->legs, SWITCHES_UNKNOWN, "mmio", &user);
	assert_int_equal(user.count, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(every_operation_goes_and_comes_back),
	        T(a_way_goes_where_its_path_says),
	        T(parts_of_legs_are_computed),
	        T(kernels_have_legs_of_their_own),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
