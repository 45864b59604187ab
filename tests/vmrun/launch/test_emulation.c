/* SPDX-License-Identifier: MIT */
/* The counts of an emulated SEV processor, in a file that this test writes in its place. */
#include "vmrun/launch/emulation.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/qemu/argv.h"

struct fixture {
	char directory[32], path[64];
	struct emulation emulation;
	struct counters *written; /* as the plugin maps it */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err e;
	FILE *file;

	strcpy(f->directory, "/tmp/test_emulation.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	snprintf(f->path, sizeof(f->path), "%s/%s", f->directory, ARGV_COUNTERS);
	assert_int_equal(emulation_open(&f->emulation, f->directory, &e), 0);
	file = fopen(f->path, "r+");
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), sizeof(*f->written)), 0);
	f->written = mmap(NULL, sizeof(*f->written), PROT_READ | PROT_WRITE, MAP_SHARED,
	                  fileno(file), 0);
	assert_ptr_not_equal(f->written, MAP_FAILED);
	fclose(file);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	munmap(f->written, sizeof(*f->written));
	emulation_close(&f->emulation);
	unlink(f->path);
	rmdir(f->directory);
	free(f);
	return 0;
}

static void begin_to_count(struct fixture *f)
{
	f->written->version = COUNTERS_VERSION;
	f->written->magic = COUNTERS_MAGIC;
}

static void kinds_are_summed(void **state)
{
	struct fixture *f = *state;
	struct counts now;

	f->written->vc[0x72] = 100;
	f->written->vc[0x404] = 1;
	f->written->intercepted[0x72] = 1000000; /* leaves without #VC */
	f->written->vmgexit[0x72] = 10;
	f->written->vmgexit_software[counters_software(0x80000010)] = 20;
	f->written->vmgexit_unknown = 1;
	f->written->vmgexit_msr[0x14] = 3;
	f->written->vmgexit_msr_unknown = 2;
	f->written->entries_private = 7;
	f->written->entries_shared = 5;
	f->written->pages_shared = 2560;
	f->written->pvalidate[0][0][COUNTERS_PVALIDATE_DONE] = 1;
	f->written->pvalidate[1][1][COUNTERS_PVALIDATE_FAULT] = 2;
	begin_to_count(f);
	emulation_count(&f->emulation, &now);
	assert_int_equal(now.by, COUNTS_EMULATION);
	assert_int_equal(now.of[COUNTS_VC], 101);
	assert_int_equal(now.of[COUNTS_VMGEXIT], 36);
	assert_int_equal(now.of[COUNTS_PAGE_STATES], 12);
	assert_int_equal(now.of[COUNTS_PVALIDATE], 3);
	assert_int_equal(now.of[COUNTS_EXITS], 0);
}

/* A file of zeros is a plugin that did not come so far, or another one. */
static void before_the_plugin_counts_nobody_does(void **state)
{
	struct fixture *f = *state;
	const struct emulation none = {-1};
	struct counts now;

	emulation_count(&f->emulation, &now);
	assert_int_equal(now.by, COUNTS_NOBODY);
	assert_null(emulation_json(&f->emulation));
	begin_to_count(f);
	f->written->version++;
	emulation_count(&f->emulation, &now);
	assert_int_equal(now.by, COUNTS_NOBODY);
	emulation_count(&none, &now);
	assert_int_equal(now.by, COUNTS_NOBODY);
}

/* A QEMU that has been taken over shortens the file: the host that reads it lives on. */
static void a_file_that_is_cut_counts_nothing(void **state)
{
	struct fixture *f = *state;
	struct counts now;

	begin_to_count(f);
	emulation_count(&f->emulation, &now);
	assert_int_equal(now.by, COUNTS_EMULATION);
	assert_int_equal(truncate(f->path, 16), 0);
	emulation_count(&f->emulation, &now);
	assert_int_equal(now.by, COUNTS_NOBODY);
	assert_null(emulation_json(&f->emulation));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(kinds_are_summed, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(before_the_plugin_counts_nobody_does, set_up,
	                                        tear_down),
	        cmocka_unit_test_setup_teardown(a_file_that_is_cut_counts_nothing, set_up,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
