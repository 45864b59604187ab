/* SPDX-License-Identifier: MIT */
/*
 * PID 1 in a real guest, with jobs that behave badly. The jobs are this program itself: `guest_init
 * VERB` does what the verb says.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/cmocka.h"
#include "vmrun/image/initramfs.h"
#include "vmrun/launch/vm.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/system/home.h"
#include "vmrun/system/process.h"

#define FLOOD_BYTES  10000000U
#define GUEST_MEMORY (UINT64_C(512) << 20)

/* --- what the jobs do, in the guest --------------------------------------------------------------
 */

/* The same bytes here and there: FLOOD_BYTES of a sequence that repeats nowhere near a chunk. */
static uint8_t flood_byte(uint32_t i)
{
	return (uint8_t)((i * UINT32_C(2654435761)) >> 13);
}

static int do_flood(void)
{
	static uint8_t bytes[FLOOD_BYTES];
	size_t done = 0;
	uint32_t i;

	for (i = 0; i < FLOOD_BYTES; i++)
		bytes[i] = flood_byte(i);
	while (done < FLOOD_BYTES) {
		ssize_t n = write(STDOUT_FILENO, bytes + done, FLOOD_BYTES - done);

		if (n < 0)
			return 1;
		done += (size_t)n;
	}
	return 0;
}

/* A session of its own, deaf to what can be ignored, holding our output: only PID 1 can end it. */
static int do_orphan(void)
{
	pid_t child = fork();

	if (child < 0)
		return 1;
	if (child == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		if (fork() == 0)
			sleep(600);
		sleep(600);
		_exit(0);
	}
	usleep(200000);
	return 0;
}

/* How many processes with a program there are: PID 1 and this one, if all others were ended. */
static int do_count(void)
{
	int count = 0;
	int pid;

	for (pid = 1; pid < 1000; pid++) {
		char path[64];
		char program[PATH_MAX];

		snprintf(path, sizeof(path), "/proc/%d/exe", pid);
		count += readlink(path, program, sizeof(program)) > 0;
	}
	printf("%d processes\n", count);
	return 0;
}

static int do_eat(void)
{
	for (;;) {
		char *bytes = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (bytes == MAP_FAILED)
			return 1;
		memset(bytes, 1, 1 << 20);
	}
}

static int do_mark(void)
{
	const char *variable = getenv("SEVBENCH_MARK_FD");
	char answer = 0;
	int fd = variable ? atoi(variable) : -1;

	if (write(fd, "half way\n", 9) != 9 || read(fd, &answer, 1) != 1)
		return 1;
	printf("answered with %c\n", answer);
	return 0;
}

/* The places that a job may count on. */
static int do_places(void)
{
	static const char *const files[] = {"/tmp/x", "/dev/shm/x"};
	static const char *const there[] = {"/proc/self/status", "/sys/class/virtio-ports",
	                                    "/dev/cpu/0/msr", "/dev/null"};
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = open(files[i], O_RDWR | O_CREAT | O_EXCL, 0600);

		if (fd < 0 || write(fd, "x", 1) != 1)
			printf("cannot write %s\n", files[i]);
	}
	for (i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		if (stat(there[i], &st))
			printf("%s is not there\n", there[i]);
	printf("looked\n");
	return 0;
}

static int be_job(const char *verb)
{
	if (strcmp(verb, "speak") == 0) {
		fprintf(stderr, "to err\n");
		printf("to out\n");
		return 3;
	}
	if (strcmp(verb, "crash") == 0)
		raise(SIGSEGV);
	if (strcmp(verb, "sleep") == 0) {
		printf("asleep\n");
		fflush(stdout);
		sleep(600);
	}
	if (strcmp(verb, "flood") == 0)
		return do_flood();
	if (strcmp(verb, "orphan") == 0)
		return do_orphan();
	if (strcmp(verb, "count") == 0)
		return do_count();
	if (strcmp(verb, "eat") == 0)
		return do_eat();
	if (strcmp(verb, "mark") == 0)
		return do_mark();
	if (strcmp(verb, "places") == 0)
		return do_places();
	return 99;
}

/* --- what comes back -----------------------------------------------------------------------------
 */

enum { SPEAK, CRASH, SLEEP, NO_EXEC, FLOOD, ORPHAN, COUNT, EAT, MARK, PLACES, LAST, JOBS };

#define SELF "/bin/guest_init"

static char *const job_argv[JOBS][3] = {
        [SPEAK] = {(char *)SELF, (char *)"speak"}, [CRASH] = {(char *)SELF, (char *)"crash"},
        [SLEEP] = {(char *)SELF, (char *)"sleep"}, [NO_EXEC] = {(char *)"/tmp"},
        [FLOOD] = {(char *)SELF, (char *)"flood"}, [ORPHAN] = {(char *)SELF, (char *)"orphan"},
        [COUNT] = {(char *)SELF, (char *)"count"}, [EAT] = {(char *)SELF, (char *)"eat"},
        [MARK] = {(char *)SELF, (char *)"mark"},   [PLACES] = {(char *)SELF, (char *)"places"},
        [LAST] = {(char *)SELF, (char *)"speak"},
};

struct seen {
	struct {
		char output[256];
		char error[256];
		size_t output_length, error_length; /* all of it, also what did not fit */
		uLong crc;                          /* of the whole output */
		enum vm_job_end how;
		int code;
		int starts, ends;
	} job[JOBS];
	json_t *hello;
};

static int on_hello(void *context, const json_t *hello)
{
	struct seen *s = context;

	s->hello = json_deep_copy(hello);
	return 0;
}

static int on_start(void *context, size_t job)
{
	struct seen *s = context;

	s->job[job].starts++;
	return 0;
}

static void keep(char *buffer, size_t room, size_t *fill, const void *bytes, size_t length)
{
	if (*fill + length < room)
		memcpy(buffer + *fill, bytes, length);
	*fill += length;
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct seen *s = context;

	s->job[job].crc = crc32(s->job[job].crc, bytes, (uInt)length);
	keep(s->job[job].output, sizeof(s->job[job].output), &s->job[job].output_length, bytes,
	     length);
	return 0;
}

static int on_error(void *context, size_t job, const void *bytes, size_t length)
{
	struct seen *s = context;

	keep(s->job[job].error, sizeof(s->job[job].error), &s->job[job].error_length, bytes,
	     length);
	return 0;
}

static int on_end(void *context, size_t job, enum vm_job_end how, int code)
{
	struct seen *s = context;

	s->job[job].how = how;
	s->job[job].code = code;
	s->job[job].ends++;
	return 0;
}

static void remove_logs(const char *folder)
{
	static const char *const names[] = {"guest.console.log", "guest.qemu.log"};
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void check_hello(const json_t *hello)
{
	const char *platform = NULL;
	const char *release = NULL;
	json_int_t cpus = 0;
	json_int_t memory = 0;
	json_int_t begin = 0;
	json_int_t ready = 0;
	json_int_t jobs = 0;

	assert_non_null(hello);
	assert_int_equal(json_unpack((json_t *)hello, "{s:s, s:s, s:I, s:I, s:I, s:I, s:I}",
	                             "platform", &platform, "release", &release, "cpus", &cpus,
	                             "memory_kib", &memory, "uptime_ms", &begin, "ready_ms", &ready,
	                             "jobs", &jobs),
	                 0);
	assert_string_equal(platform, "nosev");
	assert_true(strlen(release) > 3);
	assert_int_equal(cpus, 2);
	assert_true(memory > 400000 && memory < 524288);
	assert_true(begin > 0 && ready >= begin);
	assert_int_equal(jobs, JOBS);
	assert_int_equal(json_array_size(json_object_get(hello, "module_errors")), 0);
}

static void check_jobs(const struct seen *s)
{
	uLong crc = 0;
	uint32_t i;

	for (i = 0; i < JOBS; i++) {
		assert_int_equal(s->job[i].starts, 1);
		assert_int_equal(s->job[i].ends, 1);
	}
	assert_int_equal(s->job[SPEAK].how, VM_JOB_EXITED);
	assert_int_equal(s->job[SPEAK].code, 3);
	assert_string_equal(s->job[SPEAK].output, "to out\n");
	assert_string_equal(s->job[SPEAK].error, "to err\n");
	assert_int_equal(s->job[CRASH].how, VM_JOB_SIGNALLED);
	assert_int_equal(s->job[CRASH].code, SIGSEGV);
	assert_int_equal(s->job[SLEEP].how, VM_JOB_TIMED_OUT);
	assert_string_equal(s->job[SLEEP].output, "asleep\n");
	assert_int_equal(s->job[NO_EXEC].code, 127);
	assert_string_equal(s->job[NO_EXEC].error,
	                    "guest-init: cannot run /tmp: Permission denied\n");
	for (i = 0; i < FLOOD_BYTES; i++) {
		uint8_t byte = flood_byte(i);

		crc = crc32(crc, &byte, 1);
	}
	assert_int_equal(s->job[FLOOD].output_length, FLOOD_BYTES);
	assert_int_equal(s->job[FLOOD].crc, crc);
	assert_int_equal(s->job[ORPHAN].code, 0);
	assert_string_equal(s->job[COUNT].output, "2 processes\n");
	assert_int_equal(s->job[EAT].how, VM_JOB_SIGNALLED);
	assert_int_equal(s->job[EAT].code, SIGKILL);
	assert_string_equal(s->job[MARK].output, "answered with G\n");
	assert_string_equal(s->job[PLACES].output, "looked\n");
	/* After all that it still runs jobs. */
	assert_string_equal(s->job[LAST].output, "to out\n");
	assert_int_equal(s->job[LAST].code, 3);
}

static void test_survives_bad_jobs(void **state)
{
	const struct vm_spec spec = {.platform = PLATFORM_NOSEV,
	                             .accel = ACCEL_TCG,
	                             .firmware = "default",
	                             .memory = GUEST_MEMORY,
	                             .vcpus = 2,
	                             .run_seconds = 300};
	const struct vm_events events = {.hello = on_hello,
	                                 .start = on_start,
	                                 .output = on_output,
	                                 .error = on_error,
	                                 .end = on_end};
	char self[PATH_MAX];
	const char *const programs[] = {self};
	const struct vm_payload payload = {.programs = programs, .program_count = 1};
	char logs[] = "/tmp/guest_init.XXXXXX";
	struct vm_job jobs[JOBS];
	struct vm_events heard = events;
	struct vm_report report;
	struct seen s = {0};
	struct err e = {""};
	int rc;
	int i;

	(void)state;
	if (home_find("guest/boot", self, NULL))
		skip_because("no guest kernel here: run make setup");
	assert_non_null(realpath("/proc/self/exe", self));
	assert_non_null(mkdtemp(logs));
	for (i = 0; i < JOBS; i++)
		jobs[i] = (struct vm_job){.argv = job_argv[i], .seconds = i == SLEEP ? 2 : 120};
	heard.context = &s;
	rc = vm_run(&spec, &payload, jobs, JOBS, &heard, logs, "guest", &report, &e);
	remove_logs(logs);
	if (rc)
		fail_msg("%s", e.text);
	assert_true(report.complete);
	check_hello(s.hello);
	check_jobs(&s);
	json_decref(s.hello);
	vm_report_free(&report);
}

/* Without its port a guest has nobody to tell but the console. */
static void test_says_that_it_has_no_port(void **state)
{
	const struct vm_spec spec = {.platform = PLATFORM_NOSEV,
	                             .accel = ACCEL_TCG,
	                             .firmware = "default",
	                             .memory = GUEST_MEMORY,
	                             .vcpus = 1};
	const struct vm_payload nothing = {0};
	char initramfs[] = "/tmp/guest_init.XXXXXX";
	char kernel[PATH_MAX] = "";
	char **like = NULL;
	struct err e = {""};
	char *text = NULL;
	size_t i;
	int rc;

	(void)state;
	if (home_find("guest/boot", kernel, NULL))
		skip_because("no guest kernel here: run make setup");
	assert_int_equal(vm_argv(&spec, ACCEL_TCG, "/tmp", &like, &e), 0);
	for (i = 0; like[i]; i++)
		if (strcmp(like[i], "-kernel") == 0)
			snprintf(kernel, sizeof(kernel), "%s", like[i + 1]);
	close(mkstemp(initramfs));
	assert_int_equal(initramfs_write(initramfs, &nothing, NULL, 0, NULL, &e), 0);
	{
		char *const argv[] = {like[0],
		                      (char *)"-nodefaults",
		                      (char *)"-no-user-config",
		                      (char *)"-display",
		                      (char *)"none",
		                      (char *)"-no-reboot",
		                      (char *)"-machine",
		                      (char *)"q35,accel=tcg",
		                      (char *)"-cpu",
		                      (char *)"max",
		                      (char *)"-m",
		                      (char *)"512M",
		                      (char *)"-serial",
		                      (char *)"stdio",
		                      (char *)"-kernel",
		                      kernel,
		                      (char *)"-initrd",
		                      initramfs,
		                      (char *)"-append",
		                      (char *)INITRAMFS_KERNEL_WORDS,
		                      NULL};

		rc = process_capture(argv, 120, &text, &e);
	}
	unlink(initramfs);
	argv_free(like);
	if (rc)
		fail_msg("%s", e.text);
	if (!strstr(text, "guest-init: this guest has no virtio-serial port named sevbench.0"))
		fail_msg("the console says: %s", text);
	assert_null(strstr(text, "panic"));
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_survives_bad_jobs),
	        cmocka_unit_test(test_says_that_it_has_no_port),
	};

	if (argc == 2)
		return be_job(argv[1]);
	return cmocka_run_group_tests_name("guest_init", tests, NULL, NULL);
}
