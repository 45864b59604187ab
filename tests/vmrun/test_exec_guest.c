/* SPDX-License-Identifier: MIT */
#include "vmrun/exec_guest.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char folder[] = "/tmp/test_exec_guest-XXXXXX";

/* A limit on file sizes fails in the middle of a write, as a full disk does. */
static void test_report_on_a_full_disk(void **state)
{
	struct rlimit before, limit;
	struct exec_guest g;
	struct vm_report report = {.json = json_object()};
	char path[64];
	struct err e = {""};
	int rc;

	(void)state;
	assert_non_null(mkdtemp(folder));
	exec_guest_init(&g, "vmrun exec", 0, 1);
	snprintf(g.folder, sizeof(g.folder), "%s", folder);
	snprintf(path, sizeof(path), "%s/report.json", folder);
	json_object_set_new(report.json, "complete", json_true());
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = exec_guest_report(&g, &report, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, -EFBIG);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(exec_guest_report(&g, &report, &e), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	vm_report_free(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_report_on_a_full_disk)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
