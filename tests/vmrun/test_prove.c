/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/prove.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/guest/guest_marker.h"

#define MEMORY (MARKER_COPIES * 4096UL) /* guest_marker.c maps that much, a page a copy */

static void test_what_it_means(void **state)
{
	static const struct {
		enum platform platform;
		bool emulated;
		uint64_t found, shared, searched;
		int rc;
		const char *verdict, *says;
	} rows[] = {
	        {PLATFORM_NOSEV, false, 64, 0, 1 << 20, 0, "visible", "as a plain guest must be"},
	        {PLATFORM_NOSEV, false, 1, 0, 1 << 20, 0, "visible", "1 of 64 copies"},
	        {PLATFORM_NOSEV, false, 0, 0, 1 << 20, -EIO, "void", "is void"},
	        {PLATFORM_NOSEV, false, 0, 1, 1 << 20, -EIO, "void",
	         "in the 1.0 MiB that the host could"},
	        {PLATFORM_SEV, false, 0, 1, 1 << 20, 0, "not visible",
	         "shared memory was found there"},
	        {PLATFORM_SEV, true, 0, 1, 1 << 20, 0, "not visible", "SEV is emulated"},
	        {PLATFORM_SNP, true, 1, 1, 1 << 20, -EXDEV, "visible", "the host can read"},
	        {PLATFORM_SEV_ES, false, 0, 0, 1 << 20, 0, "not visible", "nosev has to show"},
	        {PLATFORM_SNP, false, 1, 0, 1 << 20, -EXDEV, "visible",
	         "the host can read the snp guest"},
	        {PLATFORM_SNP, false, 64, 9, 1 << 20, -EXDEV, "visible", "64 of 64 copies"},
	        {PLATFORM_SNP, false, 0, 0, 0, -EIO, "void", "none of 64 copies"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct prove_evidence evidence = {.platform = rows[i].platform,
		                                        .emulated = rows[i].emulated,
		                                        .planted = 64,
		                                        .found = rows[i].found,
		                                        .shared = rows[i].shared,
		                                        .search = {.searched = rows[i].searched}};
		json_t *json = NULL;
		struct err e = {""};

		assert_int_equal(prove_judge(&evidence, &json, &e), rows[i].rc);
		assert_string_equal(json_string_value(json_object_get(json, "verdict")),
		                    rows[i].verdict);
		if (!strstr(json_string_value(json_object_get(json, "sentence")), rows[i].says))
			fail_msg("row %zu: %s", i,
			         json_string_value(json_object_get(json, "sentence")));
		assert_int_equal(e.text[0] != 0, rows[i].rc != 0);
		json_decref(json);
	}
}

/* A process that keeps a marker, or, like one whose memory cannot be read, other bytes. */
static pid_t start_holder(bool keeps, char text[MARKER_TEXT])
{
	struct guest_marker marker;
	int ready[2];
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (guest_marker_plant(&marker, text, NULL))
			_exit(1);
		if (!keeps)
			memset(marker.pages, 0x55, MEMORY);
		if (write(ready[1], text, MARKER_TEXT) != MARKER_TEXT)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], text, MARKER_TEXT), MARKER_TEXT);
	close(ready[0]);
	return pid;
}

static int prove(pid_t pid, enum platform platform, const char *text, json_t **json, struct err *e)
{
	json_t *hello = json_pack("{s:s}", "marker", text);
	int rc = prove_guest(pid, platform, false, MEMORY, hello, -1, json, e);

	json_decref(hello);
	return rc;
}

static void check(bool keeps, enum platform platform, int rc, const char *verdict)
{
	char text[MARKER_TEXT];
	pid_t pid = start_holder(keeps, text);
	json_t *json;
	struct err e = {""};

	assert_int_equal(prove(pid, platform, text, &json, &e), rc);
	assert_string_equal(json_string_value(json_object_get(json, "verdict")), verdict);
	assert_int_equal(json_integer_value(json_object_get(json, "found")),
	                 keeps ? MARKER_COPIES : 0);
	json_decref(json);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_memory_that_can_be_read(void **state)
{
	(void)state;
	check(true, PLATFORM_NOSEV, 0, "visible");
	check(true, PLATFORM_SEV, -EXDEV, "visible");
}

static void test_memory_that_cannot(void **state)
{
	(void)state;
	check(false, PLATFORM_NOSEV, -EIO, "void");
	check(false, PLATFORM_SEV, 0, "not visible");
}

/* Where there is nothing to look at, nothing is proven and nothing fails. */
static void test_not_done(void **state)
{
	char text[MARKER_TEXT];
	struct guest_marker marker;
	json_t *json;
	struct err e;

	(void)state;
	assert_int_equal(guest_marker_plant(&marker, text, &e), 0);
	guest_marker_wipe(&marker);
	assert_null(marker.pages);
	assert_int_equal(prove(1 << 30, PLATFORM_NOSEV, text, &json, &e), 0);
	assert_string_equal(json_string_value(json_object_get(json, "verdict")), "not done");
	json_decref(json);
}

static void test_bad_markers(void **state)
{
	static const char *const bad[] = {"", "zz", "a5a5", NULL};
	char text[2 * MARKER_TEXT];
	json_t *json, *none = json_object();
	struct err e;

	(void)state;
	for (size_t i = 0; bad[i]; i++) {
		assert_int_equal(prove(getpid(), PLATFORM_NOSEV, bad[i], &json, &e), -EPROTO);
		assert_null(json);
	}
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(prove(getpid(), PLATFORM_NOSEV, text, &json, &e), -EPROTO);
	assert_int_equal(prove_guest(getpid(), PLATFORM_NOSEV, false, MEMORY, none, -1, &json, &e),
	                 -EPROTO);
	assert_says(e, "no marker");
	json_decref(none);
}

static void test_two_markers_differ(void **state)
{
	struct guest_marker marker;
	char first[MARKER_TEXT], second[MARKER_TEXT];
	uint8_t bytes[MARKER_BYTES];
	struct err e;

	(void)state;
	assert_int_equal(guest_marker_plant(&marker, first, &e), 0);
	assert_int_equal(marker_read(first, bytes), 0);
	assert_memory_equal(marker.pages, bytes, sizeof(bytes));
	guest_marker_wipe(&marker);
	assert_int_equal(guest_marker_plant(&marker, second, &e), 0);
	guest_marker_wipe(&marker);
	assert_string_not_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_it_means),
	        cmocka_unit_test(test_memory_that_can_be_read),
	        cmocka_unit_test(test_memory_that_cannot),
	        cmocka_unit_test(test_not_done),
	        cmocka_unit_test(test_bad_markers),
	        cmocka_unit_test(test_two_markers_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
