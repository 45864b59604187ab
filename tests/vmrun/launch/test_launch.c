/* SPDX-License-Identifier: MIT */
/* vm_run with a QEMU that goes wrong: what it says of it, and what it leaves behind. */
#include "vmrun/launch/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/cmocka.h"
#include "tests/skip.h"
#include "tests/tree.h"
#include "tests/vmrun/leftovers.h"
#include "tests/vmrun/stub_qemu.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/system/deadline.h"
#include "vmrun/system/home.h"

/* An instrumented process takes several times as long to fork. */
#ifdef __SANITIZE_ADDRESS__
#define LAUNCHES 50
#else
#define LAUNCHES 200
#endif

static char root[] = "/tmp/test_launch-XXXXXX";
static char kernel[PATH_MAX], stub[PATH_MAX];

/* A guest kernel as far as the launcher looks at it, and the QEMU that goes wrong. */
static int setup(void **state)
{
	unsigned char header[0x400] = {0};
	struct err e;
	FILE *file;

	if (close_range(3, ~0U, 0) || leftovers_setup(state) || !mkdtemp(root) ||
	    home_find("vmrun/stub-qemu", stub, &e))
		return -1;
	snprintf((char *)header + 0x202, 8, "HdrS");
	header[0x20e] = 0x80; /* the release is at 0x280 */
	snprintf((char *)header + 0x280, 100, "6.12.1-test");
	snprintf(kernel, sizeof(kernel), "%s/vmlinuz", root);
	file = tree_create(root, "vmlinuz");
	fwrite(header, 1, sizeof(header), file);
	return fclose(file);
}

static int teardown(void **state)
{
	return tree_remove(root) || leftovers_teardown(state);
}

static unsigned open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(d);
	while (readdir(d))
		count++;
	closedir(d);
	return count;
}

struct result {
	char output[64];
	size_t length;
	struct vm_report report;
	struct err e;
	double took;
	int rc;
};

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct result *r = context;

	(void)job;
	if (r->length + length < sizeof(r->output)) {
		memcpy(r->output + r->length, bytes, length);
		r->length += length;
	}
	return 0;
}

/* It talks for a while before it is done, and has no deadline that this test could pass. */
static bool is_slow(const char *fault)
{
	return !strcmp(fault, "flood");
}

static struct vm_spec stub_spec(const char *fault)
{
	bool mute = !strcmp(fault, "mute"); /* without a deadline of its run */

	return (struct vm_spec){.platform = PLATFORM_NOSEV,
	                        .accel = ACCEL_TCG,
	                        .qemu = stub,
	                        .firmware = "default",
	                        .kernel = kernel,
	                        .cpu_model = fault,
	                        .memory = 128ULL << 20,
	                        .vcpus = 1,
	                        .boot_seconds = is_slow(fault) ? 60 : 1,
	                        .run_seconds = is_slow(fault) ? 60
	                                       : mute         ? 0
	                                                      : 1};
}

static void launch_as(const struct vm_spec *spec, struct result *r)
{
	const struct vm_events events = {.output = on_output, .context = r};
	const struct vm_payload payload = {0};
	char init[] = "/init", *argv[] = {init, NULL};
	const struct vm_job job = {.argv = argv};
	double started = deadline_now();

	memset(r, 0, sizeof(*r));
	r->rc = vm_run(spec, &payload, &job, 1, &events, NULL, "t", &r->report, &r->e);
	r->took = deadline_now() - started;
}

static void launch(const char *fault, struct result *r)
{
	const struct vm_spec spec = stub_spec(fault);

	launch_as(&spec, r);
}

static void nothing_is_left(void)
{
	assert_int_equal(leftovers_files(), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Both guests go wrong alike: whoever is first is named, and both have ended in time. */
static void test_several(void **state)
{
	struct vm_spec spec = stub_spec("good");
	char init[] = "/init", *argv[] = {init, NULL};
	const struct vm_job job = {.argv = argv};
	const struct vm_payload payload = {0};
	struct result r[2] = {0};
	struct vm_events events[2];
	struct vm_guest guests[2] = {0};
	struct err e = {""};

	(void)state;
	spec.guests = 2;
	if (vm_check(&spec, &(struct vm_choice){0}, &e))
		skip_because("%s", e.text);
	for (int i = 0; i < 2; i++) {
		events[i] = (struct vm_events){.output = on_output, .context = &r[i]};
		guests[i] = (struct vm_guest){.events = &events[i], .name = "t"};
	}
	assert_int_equal(vm_run_guests(&spec, &payload, &job, 1, guests, &e), 0);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(r[i].output, "firstsecond");
		assert_true(guests[i].report.complete);
		vm_report_free(&guests[i].report);
	}
	spec.cpu_model = "silent-guest";
	assert_int_equal(vm_run_guests(&spec, &payload, &job, 1, guests, &e), -ETIME);
	assert_non_null(strstr(e.text, "guest "));
	assert_non_null(strstr(e.text, "run deadline of 1 s"));
	for (int i = 0; i < 2; i++) {
		assert_true(guests[i].rc == -ETIME || guests[i].rc == -ECANCELED);
		vm_report_free(&guests[i].report);
	}
	nothing_is_left();
}

static void test_faults(void **state)
{
	static const struct {
		const char *fault;
		int rc;
		const char *says, *output;
		double longest;
	} rows[] = {
	        {"good", 0, "", "firstsecond", 10},
	        {"flood", 0, "", "firstsecond", 30},
	        {"exit", -EIO, "switched itself off before it was done", "", 10},
	        {"complain", -EIO, "QEMU exited with status 3: stub: out of luck", "", 10},
	        {"silent", -ETIMEDOUT, "monitor did not", "", 15},
	        {"half", -ETIMEDOUT,
	         "the boot deadline of 1 s: QEMU's monitor did not answer qmp_capabilities in time",
	         "", 15},
	        {"nonsense", -EPROTO, "once upon a time", "", 15},
	        {"silent-guest", -ETIME, "run deadline of 1 s", "", 15},
	        {"mute", -ETIME, "did not begin its first job within 1 s", "", 15},
	        {"gone", -EIO, "before it was done", "", 20},
	        {"early", -EPROTO, "out of order", "", 10},
	        {"cut", -EIO, "before it was done", "", 10},
	        {"repeated", -EPROTO, "came twice", "first", 10},
	        {"reordered", -EPROTO, "missing", "", 10},
	        {"corrupted", -EPROTO, "CRC", "", 10},
	        {"lost", -EPROTO, "wrote 11 and 0 bytes, but 5 and 0 arrived", "first", 10},
	        {"stays", 0, "", "firstsecond", 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned before = open_descriptors();
		struct result r;

		launch(rows[i].fault, &r);
		if (r.rc != rows[i].rc || !strstr(r.e.text, rows[i].says))
			fail_msg("%s: %d, %s", rows[i].fault, r.rc, r.e.text);
		assert_string_equal(r.output, rows[i].output);
		assert_int_equal(r.report.complete, rows[i].rc == 0);
		assert_int_equal(r.report.timed_out,
		                 rows[i].rc == -ETIME || rows[i].rc == -ETIMEDOUT);
		assert_true(r.took < rows[i].longest);
		vm_report_free(&r.report);
		nothing_is_left();
		if (i > 0) /* the first run makes the descriptor behind vm_interrupt */
			assert_int_equal(open_descriptors(), before);
	}
}

/* A copy of the stub where everybody may start it. */
static void publish_stub(const char *path)
{
	int from = open(stub, O_RDONLY | O_CLOEXEC);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	struct stat st;

	assert_true(from >= 0 && to >= 0);
	assert_int_equal(fstat(from, &st), 0);
	assert_int_equal(sendfile(to, from, NULL, (size_t)st.st_size), st.st_size);
	close(from);
	close(to);
}

/*
 * QEMU has been taken over, and runs as nobody: the directory of its run stays root's, so that
 * nothing else can be put in its place for root to clear up.
 */
static void test_robbery(void **state)
{
	static const char *const loot[] = {ARGV_QMP, ARGV_INITRAMFS, ARGV_TRACE, "papers"};
	struct vm_spec spec = stub_spec("rob");
	char victim[64], words[128], program[64];
	const char *dropped;
	struct result r;

	(void)state;
	if (geteuid() != 0)
		skip_because("only root has privileges that QEMU could abuse");
	snprintf(victim, sizeof(victim), "%s/victim", root);
	snprintf(words, sizeof(words), STUB_VICTIM "%s", victim);
	snprintf(program, sizeof(program), "%s/stub-qemu", root);
	assert_int_equal(mkdir(victim, 0700), 0);
	for (size_t i = 0; i < sizeof(loot) / sizeof(loot[0]); i++)
		fclose(tree_create(victim, loot[i]));
	publish_stub(program);
	assert_int_equal(chmod(root, 0711), 0);
	assert_int_equal(chmod(kernel, 0644), 0);
	assert_int_equal(chmod(leftovers_directory, 01777), 0); /* as /tmp is */
	setenv(STUB_SECRET, "a password", 1);
	spec.qemu = program;
	spec.append = words;
	launch_as(&spec, &r);
	unsetenv(STUB_SECRET);
	assert_int_equal(chmod(leftovers_directory, 0700), 0);
	dropped = json_string_value(
	        json_object_get(json_object_get(r.report.json, "privileges"), "why"));
	if (dropped)
		skip_because("%s", dropped);
	for (size_t i = 0; i < sizeof(loot) / sizeof(loot[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", victim, loot[i]);
		assert_int_equal(access(path, F_OK), 0);
	}
	if (r.rc)
		fail_msg("%d, %s", r.rc, r.e.text);
	assert_string_equal(json_string_value(json_object_get(r.report.json, "qemu_exit")),
	                    "exited with status 0");
	vm_report_free(&r.report);
	nothing_is_left();
}

static void test_many_launches_leave_nothing(void **state)
{
	unsigned before = open_descriptors();

	(void)state;
	for (int i = 0; i < LAUNCHES; i++) {
		struct result r;

		launch("exit", &r);
		assert_int_equal(r.rc, -EIO);
		vm_report_free(&r.report);
		assert_int_equal(leftovers_files(), 0);
	}
	assert_int_equal(open_descriptors(), before);
	nothing_is_left();
}

/*
 * One more descriptor at a time, until there are enough: each failure is clean. None was inherited,
 * since one with a high number would leave room below it for all of the first steps.
 */
static void test_descriptors_are_exhausted(void **state)
{
	unsigned before = open_descriptors(), refused = 0;
	struct rlimit limit, low;
	struct result r = {.rc = -1};

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (rlim_t n = before - 2; n < before + 100; n++) {
		low = (struct rlimit){.rlim_cur = n, .rlim_max = limit.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		launch("good", &r);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
		vm_report_free(&r.report);
		nothing_is_left();
		assert_int_equal(open_descriptors(), before);
		if (r.rc == 0)
			break;
		assert_true(r.e.text[0]);
		refused++;
	}
	assert_int_equal(r.rc, 0);
	assert_true(refused > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_faults),
	        cmocka_unit_test(test_several),
	        cmocka_unit_test(test_robbery),
	        cmocka_unit_test(test_many_launches_leave_nothing),
	        cmocka_unit_test(test_descriptors_are_exhausted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
