/* SPDX-License-Identifier: MIT */
#include "analysis/decide/exit_check.h"

#include <math.h>

#include "tests/analysis/fixture.h"

/* Two rounds of a cell of an operation that takes `ns`, 10000 of them, and so many exits each. */
static void put(struct fixture *f, const char *platform, const char *kernel, const char *variant,
                double ns, double exits, double irq)
{
	struct synth row = synth_default;

	row.platform = platform;
	row.accel = "kvm";
	row.kernel = kernel;
	row.variant = variant;
	row.size = 0;
	row.iterations = 10000;
	row.ns = ns * 10000;
	row.exits = exits;
	row.exits_irq = irq;
	for (row.round = 1; row.round <= 2; row.round++)
		synth_row(f->out, &row);
}

static void cells_are_held_to_what_is_expected_of_them(void **state)
{
	static const struct {
		const char *platform, *kernel, *variant;
		double ns, exits, irq, expected;
		const char *word;
	} cells[] = {
	        {"nosev", "cpuid", "0x0", 1200, 1.004, 0.002, 1, "right"},
	        {"nosev", "cpuid", "0x0", 1200, 0.004, 0.002, 1, "wrong"}, /* never left */
	        {"nosev", "cpuid", "0x0", 1200, 4.004, 0.002, 1, "wrong"}, /* four times */
	        {"nosev", "cpuid", "0x0", 1200, 2, 1, 1, "right"},   /* interrupts come on top */
	        {"nosev", "cpuid", "0x0", 1200, 1.1, 1, 1, "wrong"}, /* and hide nothing */
	        {"snp", "cpuid", "0x0", 650, 0.004, 0.002, 0, "right"},
	        {"snp", "cpuid", "0x0", 650, 1.004, 0.002, 0, "wrong"},
	        {"snp", "cpuid", "0xb", 3900, 1.004, 0.002, 1, "right"},
	        {"snp", "cpuid", "0xb", 3900, 4.004, 0.002, 1, "wrong"}, /* Linux before 6.1.57 */
	        {"sev-es", "cpuid", "0x0", 3900, 1, 0, 1, "right"},
	        {"nosev", "ring0_mmio", "read", 9000, 1.1, 0, 1, "right"},
	        {"nosev", "memcpy", "avx2", 1000, 0.001, 0, 0, "right"},
	        {"nosev", "memcpy", "avx2", 5e6, 20, 2, 0, "right"}, /* timers of a long one */
	        {"nosev", "memcpy", "avx2", 5e6, 90, 2, 0, "wrong"},
	        {"nosev", "touch", "write", 1000, 1, 0, NAN, ""}, /* nobody knows */
	        {"nosev", "no_such", "kernel", 1000, 1, 0, NAN, ""},
	        {"nosev", "cpuid", "0x0", 1200, 0, 0, 1, ""}, /* not counted */
	};

	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++) {
		struct fixture *f = *state;
		const struct summary_row *row;

		put(f, cells[i].platform, cells[i].kernel, cells[i].variant, cells[i].ns,
		    cells[i].exits, cells[i].irq);
		row = fixture_summarise(f);
		assert_string_equal(exit_check_word(row), cells[i].word);
		assert_int_equal(row->exits_wrong, !strcmp(cells[i].word, "wrong") ? 2 : 0);
		if (isnan(cells[i].expected))
			assert_true(isnan(row->exits_expected));
		else
			assert_true(row->exits_expected == cells[i].expected);
		tear_down(state);
		set_up(state);
	}
}

/* Few operations: what tells the host where they begin and end must not be laid at their door. */
static void a_few_operations_prove_nothing(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.iterations = 4;
	row.exits = 8;
	synth_row(f->out, &row);
	assert_false(fixture_summarise(f)->exits_wrong);
}

/* The same of an emulated processor, which counts #VC and VMGEXIT, ticks of the timer among them.
 */
static const struct {
	const char *platform, *kernel, *variant;
	double ns;
	unsigned batch;
	double vc, vmgexit, expected_vc, expected_vmgexit;
	const char *word;
	double pvalidate;
	const char *params;
} emulated[] = {
        {"snp", "cpuid", "0x0", 3000, 2000, 1.004, 0.004, 1, 0, "right", 0, NULL},
        {"snp", "cpuid", "0x0", 3000, 2000, 1.004, 1.004, 1, 0, "wrong", 0, NULL},
        {"snp", "cpuid", "0x0", 3000, 2000, 0.004, 0.004, 1, 0, "wrong", 0, NULL},
        {"sev-es", "cpuid", "0x0", 3000, 2000, 1.004, 1.004, 1, 1, "right", 0, NULL},
        {"sev-es", "cpuid", "0x0", 3000, 2000, 1.004, 0.004, 1, 1, "wrong", 0, NULL},
        {"sev-es", "cpuid", "0x0", 3000, 2000, 0.004, 1.004, 1, 1, "wrong", 0, NULL},
        {"sev", "cpuid", "0x0", 30, 2000, 0.0001, 0, 0, 0, "right", 0, NULL},
        {"sev", "cpuid", "0x0", 30, 2000, 1, 1, 0, 0, "wrong", 0, NULL},
        {"sev", "ring0_mmio", "read", 200, 2000, 0.0001, 0, 0, 0, "right", 0, NULL},
        /* The module makes its device ready before each batch. */
        {"snp", "ring0_port", "in_testdev", 4000, 200, 1.2, 1.2, 1, 1, "right", 0, NULL},
        {"snp", "ring0_port", "in_testdev", 4000, 2000, 1.2, 1.2, 1, 1, "wrong", 0, NULL},
        {"snp", "ring0_port", "in_testdev", 4000, 200, 2.004, 2.004, 1, 1, "wrong", 0, NULL},
        /* Ticks in what lasts long. */
        {"snp", "signal", "sent", 120000, 200, 0.06, 0.06, 0, 0, "right", 0, NULL},
        {"snp", "memcpy", "avx2", 5e6, 10, 8, 8, 0, 0, "right", 0, NULL},
        {"snp", "memcpy", "avx2", 5e6, 2000, 30, 30, 0, 0, "wrong", 0, NULL},
        {"snp", "pvalidate", "toggle", 1500, 2000, 0.003, 0.003, 0, 0, "right", 2, NULL},
        {"snp", "pvalidate", "toggle", 1500, 2000, 0.003, 0.003, 0, 0, "wrong", 1, NULL},
        {"snp", "pvalidate", "no_change", 1500, 2000, 0.003, 0.003, 0, 0, "right", 1, NULL},
        {"snp", "pvalidate", "no_change", 1500, 2000, 0.003, 0.003, 0, 0, "wrong", 0, NULL},
        /* A round trip is two changes of state, whichever way is timed. */
        {"snp", "convert", "4k", 9000, 2000, 0.02, 2.02, 0, 2, "right", 2, "pages_converted=1"},
        {"snp", "convert", "4k_to_shared", 9000, 2000, 0.02, 1.02, 0, 2, "wrong", 2,
         "pages_converted=1"},
        {"snp", "convert", "4k_to_private", 9000, 2000, 0.02, 2.02, 0, 2, "wrong", 1,
         "pages_converted=1"},
        /* Of several pages in one change each is validated. */
        {"snp", "convert", "4k", 9000, 2000, 0.02, 2.02, 0, 2, "right", 16, "pages_converted=8"},
        {"snp", "convert", "2m", 9000, 2000, 0.02, 2.02, 0, 2, "wrong", 2, "pages_converted=8"},
        {"snp", "convert", "2m_to_shared", 9000, 2000, 0.02, 2.02, 0, 2, "right", 128,
         "pages_converted=64"},
        /* One operation of 64 is the module's first, which is not timed. */
        {"snp", "convert", "4k", 9000, 8, 0.02, 2.05, 0, 2, "right", 130, "pages_converted=64"},
        {"snp", "convert", "4k", 9000, 8, 0.02, 2.05, 0, 2, "wrong", 132, "pages_converted=64"},
        {"snp", "convert", "2m", 9000, 2000, 0.02, 6.02, NAN, NAN, "", 1024, "pages_converted=512"},
        {"sev-es", "ring0_control", "dr7", 4000, 2000, 1.004, 1.004, 1, 1, "right", 0, NULL},
        {"snp", "ring0_control", "dr7", 4000, 2000, 0.004, 0.004, 1, 1, "wrong", 0, NULL},
        {"snp", "ring0_control", "cr8", 400, 2000, 0.004, 0.004, 0, 0, "right", 0, NULL},
        {"sev-es", "ring0_control", "cr4", 400, 2000, 1.004, 1.004, 0, 0, "wrong", 0, NULL},
        {"snp", "mmio", "read", 4000, 2000, 1, 1, NAN, NAN, "", 0, NULL}, /* nobody knows */
        {"snp", "cpuid", "0x0", 3000, 2000, 0, 0, 1, 0, "", 0, NULL},     /* not counted */
};

static void emulated_cells_are_held_to_their_path(void **state)
{
	for (size_t i = 0; i < sizeof(emulated) / sizeof(*emulated); i++) {
		struct fixture *f = *state;
		struct synth row = synth_default;
		const struct summary_row *made;

		row.platform = emulated[i].platform;
		row.accel = "tcg";
		row.kernel = emulated[i].kernel;
		row.variant = emulated[i].variant;
		row.size = 0;
		row.iterations = emulated[i].batch;
		row.ns = emulated[i].ns * emulated[i].batch;
		row.vc = emulated[i].vc;
		row.vmgexit = emulated[i].vmgexit;
		row.pvalidate = emulated[i].pvalidate;
		row.params = emulated[i].params ? emulated[i].params : "";
		for (row.sample = 0; row.sample < 8; row.sample++)
			synth_row(f->out, &row);
		made = fixture_summarise(f);
		if (strcmp(exit_check_word(made), emulated[i].word) != 0)
			fail_msg("cell %zu is \"%s\"", i, exit_check_word(made));
		assert_int_equal(made->exits_wrong, !strcmp(emulated[i].word, "wrong"));
		if (isnan(emulated[i].expected_vc))
			assert_true(isnan(made->vc_expected) && isnan(made->vmgexit_expected));
		else
			assert_true(made->vc_expected == emulated[i].expected_vc &&
			            made->vmgexit_expected == emulated[i].expected_vmgexit);
		tear_down(state);
		set_up(state);
	}
}

/* DebugSwap of a real processor takes #VC from DR7; and how a trap leaves is not known. */
static void what_holds_for_emulation_alone_claims_nothing_of_hardware(void **state)
{
	struct fixture *f = *state;

	put(f, "snp", "ring0_control", "dr7", 400, 0.004, 0.002);
	assert_true(isnan(fixture_summarise(f)->exits_expected));
	assert_string_equal(exit_check_word(f->summary.rows), "");
	tear_down(state);
	set_up(state);
	f = *state;
	put(f, "snp", "ring0_control", "cr4", 400, 1.004, 0.002);
	assert_string_equal(exit_check_word(fixture_summarise(f)), "");
}

static void a_wrong_pvalidate_is_told(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;
	char text[EXIT_CHECK_TEXT];

	row.platform = "snp";
	row.accel = "tcg";
	row.kernel = "pvalidate";
	row.variant = "toggle";
	row.iterations = 2000;
	row.vc = row.vmgexit = 0.003;
	row.pvalidate = 1;
	synth_row(f->out, &row);
	assert_non_null(strstr(exit_check_text(fixture_summarise(f), text),
	                       "0 and 0 are expected (and 1 PVALIDATE where 2 are): "));
	assert_true(strlen(text) < sizeof(text) - 1);
}

/* CPUID of a plain guest, which leaves it once, in rounds that counted so many; 0: nothing. */
static const char *check_rounds(struct fixture *f, const double *exits, unsigned rounds,
                                char text[EXIT_CHECK_TEXT])
{
	struct synth row = synth_default;
	const struct summary_row *made;

	row.platform = "nosev";
	row.accel = "kvm";
	row.kernel = "cpuid";
	row.variant = "0x0";
	row.size = 0;
	row.iterations = 10000;
	row.ns = 1200 * 10000;
	for (row.round = 1; row.round <= rounds; row.round++) {
		row.exits = exits[row.round - 1];
		synth_row(f->out, &row);
	}
	made = fixture_summarise(f);
	assert_int_equal(made->rounds, rounds);
	return made->exits_wrong ? exit_check_text(made, text) : exit_check_word(made);
}

#define CHECK(f, text, ...)                                                                        \
	check_rounds(f, (double[]){__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double), \
	             text)

/* Of 1, 1 and 0 the median is what is expected, and in one round of three nothing left. */
static void one_round_that_is_wrong_is_told(void **state)
{
	struct fixture *f = *state;
	char text[EXIT_CHECK_TEXT];

	assert_non_null(strstr(CHECK(f, text, 1, 1, 0.004),
	                       "KVM counted 0.004 of an operation (the host's interrupts left out) "
	                       "where 1 is expected, in 1 of 3 rounds (round 3): it does"));
	assert_string_equal(exit_check_word(f->summary.rows), "wrong");
	assert_int_equal(f->summary.rows->exits_checked, 3);
}

static void every_round_that_is_wrong_is_told(void **state)
{
	struct fixture *f = *state;
	char text[EXIT_CHECK_TEXT];

	assert_non_null(strstr(CHECK(f, text, 0.01, 1, 0.02, 0.03, 0, 5, 6),
	                       "KVM counted 0.01 of an operation (the host's interrupts left out) "
	                       "where 1 is expected, in 5 of 7 rounds (round 1, 3, 4, 6 and "
	                       "others), 1 without a count: it does"));
}

static void rounds_that_did_not_count_are_not_wrong(void **state)
{
	struct fixture *f = *state;
	char text[EXIT_CHECK_TEXT];

	assert_string_equal(CHECK(f, text, 0, 1, 0), "right");
	assert_int_equal(f->summary.rows->exits_checked, 1);
}

/* A round of one long operation counts the timers of its own time, not of the others'. */
static void a_long_round_is_held_to_its_own_time(void **state)
{
	struct fixture *f = *state;
	struct synth row = synth_default;

	row.platform = "nosev";
	row.accel = "kvm";
	row.iterations = 10000;
	for (row.round = 1; row.round <= 3; row.round++) {
		row.ns = (row.round == 3 ? 5e5 : 1000) * 10000;
		row.exits = row.round == 3 ? 2 : 0.001;
		synth_row(f->out, &row);
	}
	assert_string_equal(exit_check_word(fixture_summarise(f)), "right");
}

static const struct summary_row *row_of(const struct fixture *f, const char *kernel,
                                        const char *variant)
{
	const struct samples *s = &f->samples;

	for (size_t i = 0; i < f->summary.count; i++) {
		const struct samples_cell_key *key = &s->cells[f->summary.rows[i].cell].key;

		if (!strcmp(samples_text(s, key->kernel), kernel) &&
		    !strcmp(samples_text(s, key->variant), variant))
			return &f->summary.rows[i];
	}
	fail_msg("no %s/%s", kernel, variant);
	return NULL;
}

/*
 * What came of a processor that was told to raise no #VC for MMIO (mmio=off of vmrun/emulate),
 * under Linux 6.1.192.
 */
static void a_recorded_processor_without_vc_for_mmio_is_found(void **state)
{
	struct fixture *f = *state;
	char text[EXIT_CHECK_TEXT];

	assert_int_equal(
	        reader_read(&f->samples, "tests/analysis/recorded/no-mmio-vc.csv", 0, false, &f->e),
	        0);
	assert_int_equal(samples_sort(&f->samples, &f->e), 0);
	assert_int_equal(summary_make(&f->samples, &f->summary, &f->e), 0);
	assert_string_equal(exit_check_word(row_of(f, "ring0_mmio", "read")), "wrong");
	assert_string_equal(exit_check_word(row_of(f, "ring0_mmio", "read_ioapic")), "wrong");
	assert_string_equal(exit_check_word(row_of(f, "ring0_cpuid", "0x0")), "right");
	assert_string_equal(exit_check_word(row_of(f, "ring0_cpuid", "0xb")), "right");
	assert_string_equal(exit_check_word(row_of(f, "syscall", "getppid")), "right");
	assert_string_equal(exit_check_text(row_of(f, "ring0_mmio", "read"), text),
	                    "#VC on snp: the emulated processor counted 0.00675 #VC and 0.00675 "
	                    "VMGEXIT of an operation where 1 and 1 are expected: it does not "
	                    "measure what it says, or Linux differs from that in "
	                    "analysis/reference/switches.csv");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(cells_are_held_to_what_is_expected_of_them),
	        T(a_few_operations_prove_nothing),
	        T(emulated_cells_are_held_to_their_path),
	        T(what_holds_for_emulation_alone_claims_nothing_of_hardware),
	        T(a_wrong_pvalidate_is_told),
	        T(one_round_that_is_wrong_is_told),
	        T(every_round_that_is_wrong_is_told),
	        T(rounds_that_did_not_count_are_not_wrong),
	        T(a_long_round_is_held_to_its_own_time),
	        T(a_recorded_processor_without_vc_for_mmio_is_found),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
