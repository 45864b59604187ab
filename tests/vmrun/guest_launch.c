/* SPDX-License-Identifier: MIT */
/* vm_run with real guests: what comes back, and what is left of the ways a run can fail. */
#include "vmrun/launch/vm.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/cmocka.h"
#include "tests/vmrun/fault.h"
#include "tests/vmrun/leftovers.h"
#include "vmrun/system/deadline.h"
#include "vmrun/system/home.h"

#define JOBS_MAX    8
#define PRINT_BYTES 300000

/* One run and what its events said. */
struct run {
	struct vm_spec spec;
	struct vm_report report;
	char logs[64];
	char arguments[JOBS_MAX][2][16]; /* of each job */
	unsigned seconds[JOBS_MAX];
	size_t job_count;

	char *output[JOBS_MAX];
	size_t length[JOBS_MAX];
	char error[JOBS_MAX][64];
	enum vm_job_end how[JOBS_MAX];
	int code[JOBS_MAX];
	size_t ended;
	void (*at_ready)(void); /* called once, with the first output of a job */
	int rc;
	double took;
	struct err e;
};

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct run *r = context;

	r->output[job] = realloc(r->output[job], r->length[job] + length);
	memcpy(r->output[job] + r->length[job], bytes, length);
	r->length[job] += length;
	if (r->at_ready)
		r->at_ready();
	r->at_ready = NULL;
	return 0;
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	struct run *r = context;
	size_t at = strlen(r->error[job]);

	snprintf(r->error[job] + at, sizeof(r->error[job]) - at, "%.*s", (int)length,
	         (const char *)bytes);
	return 0;
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct run *r = context;

	r->how[job] = how;
	r->code[job] = code;
	r->ended++;
	return 0;
}

static int setup(void **state)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->spec = (struct vm_spec){.platform = PLATFORM_NOSEV,
	                           .accel = ACCEL_TCG,
	                           .firmware = "default",
	                           .memory = 256U << 20,
	                           .vcpus = 1,
	                           .run_seconds = 120};
	snprintf(r->logs, sizeof(r->logs), "/tmp/vmt-logs-XXXXXX");
	assert_non_null(mkdtemp(r->logs));
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct run *r = *state;
	char path[128];

	for (size_t i = 0; i < JOBS_MAX; i++)
		free(r->output[i]);
	snprintf(path, sizeof(path), "%s/t.console.log", r->logs);
	unlink(path);
	snprintf(path, sizeof(path), "%s/t.qemu.log", r->logs);
	unlink(path);
	rmdir(r->logs);
	vm_report_free(&r->report);
	free(r);
	return 0;
}

static void add_job(struct run *r, const char *what, const char *number, unsigned seconds)
{
	snprintf(r->arguments[r->job_count][0], sizeof(r->arguments[0][0]), "%s", what);
	snprintf(r->arguments[r->job_count][1], sizeof(r->arguments[0][1]), "%s", number);
	r->seconds[r->job_count++] = seconds;
}

/* Run it; whatever became of it, no QEMU and no file may be left. */
static void go(struct run *r)
{
	struct vm_events events = {
	        .output = on_output, .error = on_error, .end = on_end, .context = r};
	char program[PATH_MAX], in_guest[] = "/bin/fault";
	const char *programs[] = {program};
	struct vm_payload payload = {.programs = programs, .program_count = 1};
	char *argv[JOBS_MAX][4];
	struct vm_job jobs[JOBS_MAX];
	cpu_set_t before, after;
	double start = deadline_now();

	assert_int_equal(home_find("vmrun/fault", program, &r->e), 0);
	for (size_t i = 0; i < r->job_count; i++) {
		argv[i][0] = in_guest;
		argv[i][1] = r->arguments[i][0];
		argv[i][2] = r->arguments[i][1];
		argv[i][3] = NULL;
		jobs[i] = (struct vm_job){.argv = argv[i], .seconds = r->seconds[i]};
	}
	sched_getaffinity(0, sizeof(before), &before);
	r->rc = vm_run(&r->spec, &payload, jobs, r->job_count, &events, r->logs, "t", &r->report,
	               &r->e);
	r->took = deadline_now() - start;
	sched_getaffinity(0, sizeof(after), &after);
	assert_true(CPU_EQUAL(&before, &after));
	assert_int_equal(leftovers_qemu(), 0);
	assert_int_equal(leftovers_files(), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_non_null(r->report.json);
	if (r->rc)
		assert_string_equal(r->e.text,
		                    json_string_value(json_object_get(r->report.json, "error")));
}

static const json_t *report(const struct run *r, const char *key, const char *sub)
{
	const json_t *value = json_object_get(r->report.json, key);

	return sub ? json_object_get(value, sub) : value;
}

static json_int_t memory_of(const struct run *r, const char *key)
{
	return json_integer_value(report(r, "memory", key));
}

static void assert_hello_is_real(const struct run *r)
{
	const json_t *hello = report(r, "hello", NULL);

	assert_string_equal(json_string_value(json_object_get(hello, "platform")), "nosev");
	assert_string_equal(json_string_value(json_object_get(hello, "accel")), "tcg");
	assert_true(json_real_value(report(r, "times", "hello")) > 0);
	assert_true(json_real_value(report(r, "times", "exit")) >=
	            json_real_value(report(r, "times", "end")));
}

static void test_everything_comes_back(void **state)
{
	struct run *r = *state;
	const json_t *vcpus;

	r->spec.vcpus = 2;
	add_job(r, "print", "300000", 0);
	add_job(r, "complain", "", 0);
	add_job(r, "status", "3", 0);
	add_job(r, "crash", "", 0);
	add_job(r, "hang", "", 1);
	add_job(r, "eat", "", 0);
	add_job(r, "print", "5", 0);
	go(r);
	if (r->rc)
		fail_msg("%s", r->e.text);
	assert_true(r->report.complete);
	assert_int_equal(r->report.accel, ACCEL_TCG);
	assert_int_equal(r->ended, 7);
	assert_int_equal(r->length[0], PRINT_BYTES);
	for (size_t i = 0; i < PRINT_BYTES; i++) {
		if ((uint8_t)r->output[0][i] != fault_byte(i))
			fail_msg("byte %zu of the output is wrong", i);
	}
	assert_string_equal(r->error[1], "complaint\n");
	assert_int_equal(r->how[2], VM_JOB_EXITED);
	assert_int_equal(r->code[2], 3);
	assert_int_equal(r->how[3], VM_JOB_SIGNALLED);
	assert_int_equal(r->code[3], SIGSEGV);
	assert_int_equal(r->how[4], VM_JOB_TIMED_OUT);
	assert_int_equal(r->length[4], strlen("ready\n"));
	assert_int_equal(r->how[5], VM_JOB_SIGNALLED);
	assert_int_equal(r->code[5], SIGKILL);
	assert_true(json_integer_value(json_object_get(json_array_get(report(r, "jobs", NULL), 5),
	                                               "oom_kills")) > 0);
	assert_int_equal(r->length[6], 5);

	assert_hello_is_real(r);
	assert_true(memory_of(r, "resident_bytes") > 16 << 20);
	assert_int_equal(memory_of(r, "huge_bytes"), 0);
	vcpus = report(r, "pinning", "vcpus");
	assert_int_equal(json_array_size(vcpus), 2);
	assert_int_not_equal(json_integer_value(json_object_get(json_array_get(vcpus, 0), "cpu")),
	                     json_integer_value(json_object_get(json_array_get(vcpus, 1), "cpu")));
	assert_int_equal(strlen(json_string_value(
	                         json_object_get(report(r, "inputs", "initramfs"), "sha256"))),
	                 64);
	assert_string_equal(json_string_value(report(r, "qemu_exit", NULL)),
	                    "exited with status 0");
	assert_int_equal(json_array_size(report(r, "differences", "settings")), 0);
}

static void test_guest_panics(void **state)
{
	struct run *r = *state;

	add_job(r, "status", "0", 0);
	add_job(r, "panic", "", 0);
	add_job(r, "status", "0", 0);
	go(r);
	assert_int_equal(r->rc, -EIO);
	assert_says(r->e,
	            "the guest's Linux died: Kernel panic - not syncing: sysrq triggered crash");
	assert_int_equal(r->how[0], VM_JOB_EXITED);
	assert_int_equal(r->how[1], VM_JOB_CUT);
	assert_int_equal(r->length[1], strlen("ready\n"));
	assert_int_equal(r->how[2], VM_JOB_NEVER_RAN);
	assert_false(r->report.complete);
}

static void test_guest_panics_at_boot(void **state)
{
	struct run *r = *state;

	r->spec.append = "rdinit=/nothing root=/dev/none";
	add_job(r, "status", "0", 0);
	go(r);
	assert_int_equal(r->rc, -EIO);
	assert_says(r->e, "the guest's Linux died: Kernel panic - not syncing: VFS");
	assert_int_equal(r->how[0], VM_JOB_NEVER_RAN);
	assert_true(json_is_null(report(r, "hello", NULL)));
}

static void test_guest_resets(void **state)
{
	struct run *r = *state;

	add_job(r, "reset", "", 0);
	go(r);
	assert_int_equal(r->rc, -EIO);
	assert_says(r->e, "the guest was reset before it was done");
	assert_int_equal(r->how[0], VM_JOB_CUT);
}

static void kill_qemu(void)
{
	kill(leftovers_qemu(), SIGKILL);
}

static void test_qemu_is_killed(void **state)
{
	struct run *r = *state;

	r->at_ready = kill_qemu;
	add_job(r, "hang", "", 0);
	go(r);
	assert_int_equal(r->rc, -EIO);
	assert_says(r->e, "QEMU was killed by signal 9");
	assert_int_equal(r->how[0], VM_JOB_CUT);
	assert_int_equal(r->length[0], strlen("ready\n"));
}

static void stop_qemu(void)
{
	kill(leftovers_qemu(), SIGSTOP);
}

/* A QEMU that is stopped follows neither its monitor nor SIGTERM. */
static void test_guest_hangs(void **state)
{
	struct run *r = *state;

	r->at_ready = stop_qemu;
	r->spec.run_seconds = 3;
	add_job(r, "hang", "", 0);
	go(r);
	assert_int_equal(r->rc, -ETIME);
	assert_true(r->report.timed_out);
	assert_says(r->e, "run deadline of 3 s");
	assert_int_equal(r->how[0], VM_JOB_CUT);
	assert_true(r->took < 60);
}

static void test_guest_does_not_come_up(void **state)
{
	struct run *r = *state;

	r->spec.boot_seconds = 1;
	add_job(r, "status", "0", 0);
	go(r);
	assert_int_equal(r->rc, -ETIME);
	assert_true(r->report.timed_out);
	assert_says(r->e, "boot deadline of 1 s");
	assert_int_equal(r->how[0], VM_JOB_NEVER_RAN);
	assert_true(r->took < 10);
}

static void test_interrupted(void **state)
{
	struct run *r = *state;

	r->at_ready = vm_interrupt;
	add_job(r, "hang", "", 0);
	go(r);
	assert_int_equal(r->rc, -EINTR);
	assert_true(r->report.interrupted);
	assert_int_equal(r->how[0], VM_JOB_CUT);
}

static void test_transparent_huge_pages(void **state)
{
	struct run *r = *state;

	r->spec.backing = MEM_THP;
	add_job(r, "print", "1", 0);
	go(r);
	if (r->rc == -ENOTSUP)
		skip_because("%s", r->e.text);
	assert_int_equal(r->rc, 0);
	assert_true(memory_of(r, "huge_bytes") > memory_of(r, "resident_bytes") / 2);
}

/* An interrupt between two runs ends the next one at once, and only that. */
static void test_interrupted_before(void **state)
{
	struct run *r = *state;

	vm_interrupt();
	add_job(r, "status", "0", 0);
	go(r);
	assert_int_equal(r->rc, -EINTR);
	assert_true(r->took < 3);
}

/* The guest floods its console: the disk with the logs is full, the results come all the same. */
static void test_full_disk(void **state)
{
	struct run *r = *state;

	if (geteuid() != 0 || mount("none", r->logs, "tmpfs", 0, "size=8k") != 0)
		skip_because("only root can mount a file system to fill");
	add_job(r, "console", "1000", 0);
	add_job(r, "print", "5", 0);
	go(r);
	assert_int_equal(umount2(r->logs, MNT_DETACH), 0);
	assert_int_equal(r->rc, -ENOSPC);
	assert_says(r->e, "the console log is incomplete: No space left on device");
	assert_true(r->report.complete);
	assert_int_equal(r->length[1], 5);
}

static void test_qemu_that_refuses(void **state)
{
	struct run *r = *state;

	r->spec.cpu_model = "max,no-such-flag=on";
	add_job(r, "status", "0", 0);
	go(r);
	assert_int_equal(r->rc, -EIO);
	assert_says(r->e, "QEMU exited with status 1: ");
	assert_says(r->e, "no-such-flag");
	assert_true(r->took < 10);
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_everything_comes_back),
	        t(test_guest_panics),
	        t(test_guest_panics_at_boot),
	        t(test_guest_resets),
	        t(test_qemu_is_killed),
	        t(test_guest_hangs),
	        t(test_guest_does_not_come_up),
	        t(test_interrupted),
	        t(test_transparent_huge_pages),
	        t(test_interrupted_before),
	        t(test_full_disk),
	        t(test_qemu_that_refuses),
	};

	return cmocka_run_group_tests(tests, leftovers_setup, leftovers_teardown);
}
