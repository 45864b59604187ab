/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <pwd.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

#define ALL UINT64_MAX

static char kernel[] = "/tmp/test_privileges-XXXXXX";

/* What a plan needs, in a file that everybody may read. */
static int setup(void **state)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	int fd;

	assert_non_null(plan);
	snprintf(kernel, sizeof(kernel), "/tmp/test_privileges-XXXXXX");
	fd = mkstemp(kernel);
	assert_true(fd >= 0);
	fchmod(fd, 0644);
	close(fd);
	snprintf(plan->qemu.path, sizeof(plan->qemu.path), "/bin/true");
	snprintf(plan->kernel, sizeof(plan->kernel), "%s", kernel);
	plan->argv.accel = ACCEL_TCG;
	plan->argv.platform = PLATFORM_NOSEV;
	plan->argv.directory = "/tmp/d";
	*state = plan;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return unlink(kernel);
}

static void test_dropped(void **state)
{
	struct privileges p;

	if (geteuid() != 0)
		skip_because("only root has privileges to drop");
	privileges_decide_for(*state, "nobody", ALL, &p);
	assert_string_equal(p.why, "");
	assert_true(p.drop);
	assert_int_not_equal(p.user.uid, 0);
	assert_int_not_equal(p.user.gid, 0);
	assert_int_equal(p.user.group_count, 0);
}

static void test_kept(void **state)
{
	struct plan *plan = *state;
	struct privileges p;

	privileges_decide_for(plan, "nobody", ALL & ~(1ULL << CAP_SYS_NICE), &p);
	assert_false(p.drop);
	assert_non_null(strstr(p.why, "pin its threads"));
	privileges_decide_for(plan, "nobody", 0, &p);
	assert_false(p.drop);
	privileges_decide_for(plan, "no-such-user", ALL, &p);
	assert_false(p.drop);
	assert_non_null(strstr(p.why, "no unprivileged user no-such-user"));
	privileges_decide_for(plan, "root", ALL, &p);
	assert_false(p.drop);
	if (geteuid() != 0) {
		privileges_decide(plan, &p);
		assert_false(p.drop);
		assert_string_equal(p.why, "vmrun has none to drop");
	}
}

/* Memory that KVM pins counts against a limit that root may exceed and nobody may not. */
static void test_memory_that_is_locked(void **state)
{
	struct rlimit before, less = {8 << 20, 8 << 20};
	struct plan *plan = *state;
	struct process process;
	struct process_spec spec = {.output = STDERR_FILENO};
	char script[] = "test $(ulimit -l) = unlimited";
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = {shell, option, script, NULL};
	struct privileges p;
	struct err e;
	int status;

	if (geteuid() != 0)
		skip_because("only root has privileges to drop");
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &before), 0);
	less.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &less), 0);
	plan->argv.platform = PLATFORM_SEV_ES;
	privileges_decide_for(plan, "nobody", ALL & ~(1ULL << CAP_SYS_RESOURCE), &p);
	assert_false(p.drop);
	assert_non_null(strstr(p.why, "lock the guest's memory"));
	privileges_decide_for(plan, "nobody", ALL, &p); /* whether or not it may use /dev/sev */
	assert_true(p.user.lock_memory);
	spec.argv = argv;
	spec.user = &p.user;
	if (process_start(&spec, &process, &e)) /* no CAP_SYS_RESOURCE */
		skip_because("%s", e.text);
	assert_int_equal(process_wait(&process, 10, &status), 1);
	assert_int_equal(status, 0);
	plan->argv.platform = PLATFORM_SNP;
	privileges_decide_for(plan, "nobody", ALL, &p);
	assert_false(p.user.lock_memory);
	setrlimit(RLIMIT_MEMLOCK, &before);
}

static void *ask_for_root(void *context)
{
	const atomic_bool *done = context;

	while (!*done && getpwnam("root"))
		;
	return NULL;
}

/* Several guests decide at once, each in a thread; what one asks for is not the other's answer. */
static void test_beside_others(void **state)
{
	atomic_bool done = false;
	pthread_t other;
	struct privileges p;
	int wrong = 0;

	assert_int_equal(pthread_create(&other, NULL, ask_for_root, &done), 0);
	for (int i = 0; i < 200; i++) {
		privileges_decide_for(*state, "nobody", ALL, &p);
		wrong += strstr(p.why, "no unprivileged user") || (p.drop && p.user.uid == 0);
	}
	done = true;
	pthread_join(other, NULL);
	assert_int_equal(wrong, 0);
}

/* What that user cannot open decides, and is named. */
static void test_files_that_are_not_for_everybody(void **state)
{
	struct plan *plan = *state;
	struct privileges p;

	if (geteuid() != 0)
		skip_because("only root has privileges to drop");
	chmod(kernel, 0600);
	privileges_decide_for(plan, "nobody", ALL, &p);
	assert_false(p.drop);
	assert_non_null(strstr(p.why, kernel));
	chmod(kernel, 0644);
	snprintf(plan->firmware, sizeof(plan->firmware), "/etc/shadow");
	privileges_decide_for(plan, "nobody", ALL, &p);
	assert_false(p.drop);
	assert_non_null(strstr(p.why, "/etc/shadow"));
	plan->firmware[0] = '\0';
	plan->argv.directory = "/root/d";
	privileges_decide_for(plan, "nobody", ALL, &p);
	assert_false(p.drop);
	assert_string_equal(p.why, "the user nobody may not use /root");
	plan->argv.directory = "/tmp/d";
	plan->argv.platform = PLATFORM_SEV;
	plan->argv.accel = ACCEL_TCG;
	privileges_decide_for(plan, "nobody", ALL, &p);
	if (access("/dev/sev", F_OK) != 0) {
		assert_false(p.drop);
		assert_non_null(strstr(p.why, "/dev/sev"));
	}
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_dropped),
	        t(test_kept),
	        t(test_beside_others),
	        t(test_files_that_are_not_for_everybody),
	        t(test_memory_that_is_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
