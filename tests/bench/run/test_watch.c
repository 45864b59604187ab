/* SPDX-License-Identifier: MIT */
/* What else goes on, from files made up: /proc/stat of two moments, frequencies from three sources.
 */
#include "bench/run/watch.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static char root[64];
static const struct place place = {.count = 2, .cpu = {1, 3}};
static volatile sig_atomic_t stop;

static void put(const char *path, const char *text)
{
	char whole[256];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0777);
		*slash = '/';
	}
	f = fopen(whole, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int make_root(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/sevbench-watch-XXXXXX");
	stop = 0;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* Ticks of 10 ms: user, system and steal of CPU 3; CPU 1 is idle, CPU 2 is somebody else's. */
static void put_stat(unsigned user, unsigned system_ticks, unsigned steal)
{
	char text[512];

	snprintf(text, sizeof(text),
	         "cpu  1 2 3 4 5 6 7 8 9 10\n"
	         "cpu1 100 0 100 5000 7 0 0 0 0 0\n"
	         "cpu2 9999 0 %u 5000 7 0 0 999 0 0\n"
	         "cpu3 %u 0 %u 5000 7 0 0 %u 0 0\n"
	         "intr 1 2 3\nctxt %u\n",
	         user, user, system_ticks, steal, 1000 + user);
	put("/proc/stat", text);
}

static void two_moments(unsigned user, unsigned steal, struct watch_reading r[2])
{
	put_stat(0, 0, 0);
	watch_read(root, &place, &r[0]);
	put_stat(user, 0, steal);
	watch_read(root, &place, &r[1]);
	/* As if a second had passed, in which this process did nothing. */
	r[1].seconds = r[0].seconds + 1;
	r[1].own = r[0].own;
}

static void shares_are_of_the_placed_cpus(void **state)
{
	struct watch_reading r[2];
	struct watch_shares s;

	(void)state;
	two_moments(50, 20, r);
	assert_true(r[0].known && r[1].known);
	s = watch_between(&r[0], &r[1], &place);
	assert_true(fabs(s.busy - 0.25) < 1e-9);
	assert_true(fabs(s.others - 0.25) < 1e-9);
	assert_true(fabs(s.steal - 0.1) < 1e-9);
	assert_int_equal(r[1].switches - r[0].switches, 50);
}

static void own_time_is_not_that_of_others(void **state)
{
	struct watch_reading r[2];

	(void)state;
	two_moments(50, 0, r);
	r[1].own += 0.45;
	assert_true(fabs(watch_between(&r[0], &r[1], &place).others - 0.025) < 1e-9);
	r[1].own += 1; /* rounding of clock ticks must not make it negative */
	assert_true(watch_between(&r[0], &r[1], &place).others == 0);
}

static void disturbances_are_told(void **state)
{
	struct watch_reading r[2];
	char why[128];

	(void)state;
	two_moments(50, 0, r);
	assert_true(watch_disturbed(&r[0], &r[1], &place, true, why));
	assert_string_equal(why, "others used 25 % of its CPUs");
	assert_false(watch_disturbed(&r[0], &r[1], &place, false, why));
	assert_string_equal(why, "");
	two_moments(50, 40, r);
	assert_true(watch_disturbed(&r[0], &r[1], &place, true, why));
	assert_string_equal(
	        why, "others used 25 % of its CPUs, and the hypervisor took 20 % of its CPUs");
	two_moments(8, 8, r);
	assert_false(watch_disturbed(&r[0], &r[1], &place, true, why));
}

/* However short: the threads stood still in the middle of what was timed. */
static void a_quota_that_stops_is_a_disturbance(void **state)
{
	struct watch_reading r[2];
	char why[128];

	(void)state;
	put("/proc/self/cgroup", "0::/run\n");
	put("/sys/fs/cgroup/run/cpu.max", "50000 100000\n");
	put("/sys/fs/cgroup/run/cpu.stat", "nr_throttled 3\nthrottled_usec 900000\n");
	watch_read(root, &place, &r[0]);
	put("/sys/fs/cgroup/run/cpu.stat", "nr_throttled 4\nthrottled_usec 935000\n");
	watch_read(root, &place, &r[1]);
	assert_true(watch_disturbed(&r[0], &r[1], &place, false, why));
	assert_string_equal(why, "its quota of CPU time stopped it for 35 ms");
	assert_false(watch_disturbed(&r[1], &r[1], &place, true, why));
	two_moments(50, 40, r);
	r[1].quota.stopped_s += 0.05;
	assert_true(watch_disturbed(&r[0], &r[1], &place, true, why));
	assert_non_null(strstr(why, "took 20 % of its CPUs, and its quota of CPU time stopped it "
	                            "for 50 ms"));
}

/* Three ticks of a cell of 50 ms may be chance. */
static void a_few_ticks_are_no_disturbance(void **state)
{
	struct watch_reading r[2];
	char why[128];

	(void)state;
	two_moments(4, 3, r);
	r[1].seconds = r[0].seconds + 0.05;
	assert_false(watch_disturbed(&r[0], &r[1], &place, true, why));
}

static void what_is_missing_is_not_known(void **state)
{
	struct watch_reading r[2];
	struct watch_mhz mhz;
	char why[128], *text;
	json_t *json;

	(void)state;
	watch_read(root, &place, &r[0]);
	watch_read(root, &place, &r[1]);
	assert_false(r[0].known);
	assert_true(isnan(watch_between(&r[0], &r[1], &place).busy));
	assert_false(watch_disturbed(&r[0], &r[1], &place, true, why));
	json = watch_json(&r[0], &r[1], &place);
	text = json_dumps(json, JSON_SORT_KEYS);
	assert_string_equal(text, "{\"busy_share\": null, \"context_switches\": null, "
	                          "\"quota_stopped_s\": 0.0, "
	                          "\"steal_share\": null}");
	free(text);
	json_decref(json);
	watch_mhz(root, &place, &mhz);
	assert_true(isnan(mhz.low) && isnan(mhz.high));
	assert_non_null(strstr(mhz.source, "not known"));
	json = watch_mhz_json(&mhz);
	assert_true(json_is_null(json_object_get(json, "low")));
	json_decref(json);
	put("/proc/stat", "cpu1 1 1 1 1 1 1 1 1\nctxt 5\n"); /* CPU 3 is not there */
	watch_read(root, &place, &r[0]);
	assert_false(r[0].known);
}

static void put_cpuinfo(const char *flags)
{
	char text[512];

	snprintf(text, sizeof(text),
	         "processor\t: 0\ncpu MHz\t\t: 9000.0\nflags\t\t: fpu%s sse\n\n"
	         "processor\t: 1\ncpu MHz\t\t: 2100.5\nflags\t\t: fpu%s sse\n\n"
	         "processor\t: 3\ncpu MHz\t\t: 3300.0\nflags\t\t: fpu%s sse\n\n",
	         flags, flags, flags);
	put("/proc/cpuinfo", text);
}

static void frequencies_have_a_source(void **state)
{
	struct watch_mhz mhz;

	(void)state;
	put_cpuinfo("");
	watch_mhz(root, &place, &mhz);
	assert_true(isnan(mhz.low));
	put_cpuinfo(" aperfmperf");
	watch_mhz(root, &place, &mhz);
	assert_string_equal(mhz.source, "/proc/cpuinfo");
	assert_true(fabs(mhz.low - 2100.5) < 1e-6 && fabs(mhz.high - 3300) < 1e-6);
	put("/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "1500000\n");
	watch_mhz(root, &place, &mhz);
	assert_string_equal(mhz.source, "/proc/cpuinfo"); /* CPU 3 has none */
	put("/sys/devices/system/cpu/cpu3/cpufreq/scaling_cur_freq", "2500000\n");
	watch_mhz(root, &place, &mhz);
	assert_string_equal(mhz.source, "scaling_cur_freq");
	assert_true(fabs(mhz.low - 1500) < 1e-6 && fabs(mhz.high - 2500) < 1e-6);
}

static void say(void *context, double others, double limit)
{
	(void)others;
	(void)limit;
	++*(unsigned *)context;
}

static void a_quiet_machine_is_not_waited_for(void **state)
{
	unsigned said = 0;
	struct watch_wait wait = {.limit = 30, .stop = &stop, .say = say, .context = &said};
	struct watch_outcome o;

	(void)state;
	put_stat(0, 0, 0); /* nothing moves */
	o = watch_wait(root, &place, &wait);
	assert_true(o.quiet && o.waited == 0 && said == 0);
}

static void unknown_is_no_reason_to_wait(void **state)
{
	unsigned said = 0;
	struct watch_wait wait = {.limit = 30, .stop = &stop, .say = say, .context = &said};
	struct watch_outcome o = watch_wait(root, &place, &wait);

	(void)state;
	assert_true(o.quiet && o.waited == 0 && isnan(o.now) && said == 0);
}

/* Another process counts /proc/stat up: as if others used CPU 3 without an end. */
static pid_t keep_busy(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	for (unsigned ticks = 0;; ticks += 5) {
		char from[128], to[128], text[256];
		FILE *f;

		snprintf(from, sizeof(from), "%s/new", root);
		snprintf(to, sizeof(to), "%s/proc/stat", root);
		snprintf(text, sizeof(text), "cpu1 0 0 0 0 0 0 0 0\ncpu3 %u 0 0 0 0 0 0 0\n",
		         ticks);
		f = fopen(from, "w");
		if (!f || fputs(text, f) < 0 || fclose(f) || rename(from, to))
			_exit(1);
		usleep(50000);
	}
}

static void waiting_is_bounded(void **state)
{
	unsigned said = 0;
	struct watch_wait wait = {.limit = 0.5, .stop = &stop, .say = say, .context = &said};
	struct watch_outcome o;
	pid_t pid;

	(void)state;
	put_stat(0, 0, 0);
	pid = keep_busy();
	usleep(200000);
	o = watch_wait(root, &place, &wait);
	assert_false(o.quiet);
	assert_int_equal(said, 1);
	assert_true(o.waited >= 0.5 && o.waited < 1);
	assert_true(o.before > 0.1);
	stop = 1; /* an interruption ends it */
	wait.limit = 3600;
	o = watch_wait(root, &place, &wait);
	assert_true(o.waited == 0);
	stop = 0;
	wait.limit = 0;
	o = watch_wait(root, &place, &wait);
	assert_true(o.waited == 0 && !o.quiet);
	kill(pid, SIGKILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(shares_are_of_the_placed_cpus, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(own_time_is_not_that_of_others, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(disturbances_are_told, make_root, remove_root),
	        cmocka_unit_test_setup_teardown(a_quota_that_stops_is_a_disturbance, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(a_few_ticks_are_no_disturbance, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(what_is_missing_is_not_known, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(frequencies_have_a_source, make_root, remove_root),
	        cmocka_unit_test_setup_teardown(a_quiet_machine_is_not_waited_for, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(unknown_is_no_reason_to_wait, make_root,
	                                        remove_root),
	        cmocka_unit_test_setup_teardown(waiting_is_bounded, make_root, remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
