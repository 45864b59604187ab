/* SPDX-License-Identifier: MIT */
/*
 * How long from a launch to the first result, against the bare floor: the same QEMU, machine and
 * guest kernel with an init that powers off at once. The two take turns, and a launch is compared
 * with the floors just before and after it, since a shared host changes its speed from one minute
 * to the next. Exit status 1 when the median of these ratios is above LIMIT.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/units.h"
#include "vmrun/launch/vm.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/system/home.h"
#include "vmrun/system/process.h"

#define LIMIT         1.15
#define ROUNDS        15
#define ROUNDS_MAX    1000
#define FLOOR_SECONDS 120.0

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int add(struct archive *out, const char *name, mode_t mode, const void *bytes, size_t length)
{
	struct archive_entry *entry = archive_entry_new();
	int rc = -1;

	if (!entry)
		return -1;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)length);
	archive_entry_set_rdevmajor(entry, S_ISCHR(mode) ? 5 : 0);
	archive_entry_set_rdevminor(entry, S_ISCHR(mode) ? 1 : 0);
	if (archive_write_header(out, entry) == ARCHIVE_OK &&
	    archive_write_data(out, bytes, length) == (la_ssize_t)length)
		rc = 0;
	archive_entry_free(entry);
	return rc;
}

/* The floor's initramfs: /init, and the console that Linux opens for it. */
static int write_floor(const char *path, struct err *e)
{
	static char bytes[4 << 20];
	char init[PATH_MAX];
	struct archive *out;
	size_t length;
	FILE *file;
	int rc = home_find("tests/vmrun/floor-init", init, e);

	if (rc)
		return rc;
	file = fopen(init, "rb");
	if (!file)
		return err_errno(e, "cannot read %s", init);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	out = archive_write_new();
	archive_write_set_format_cpio_newc(out);
	if (archive_write_open_filename(out, path) != ARCHIVE_OK ||
	    add(out, "dev", S_IFDIR | 0755, "", 0) ||
	    add(out, "dev/console", S_IFCHR | 0600, "", 0) ||
	    add(out, "init", S_IFREG | 0755, bytes, length) ||
	    archive_write_close(out) != ARCHIVE_OK)
		rc = err_set(e, EIO, "cannot write %s: %s", path, archive_error_string(out));
	archive_write_free(out);
	return rc;
}

/* Take from vmrun's own command line what talks to vmrun: the floor talks to nobody. */
static void cut_talk(char **argv)
{
	static const char *const with_value[] = {"-chardev", "-qmp", "-serial"};
	char **to = argv;
	char **from;
	size_t i;

	for (from = argv; *from; from++) {
		int drop = strcmp(*from, "-S") == 0;

		for (i = 0; i < sizeof(with_value) / sizeof(with_value[0]); i++)
			drop = strcmp(*from, with_value[i]) == 0 ? 2 : drop;
		if (strcmp(*from, "-device") == 0 && strncmp(from[1], "virtserialport", 14) == 0)
			drop = 2;
		if (drop == 0)
			*to++ = *from;
		else
			free(*from);
		if (drop == 2)
			free(*++from);
	}
	*to = NULL;
}

static int run_floor(char **argv, double *seconds, struct err *e)
{
	double begin = now();
	char *text = NULL;
	int rc = process_capture(argv, FLOOR_SECONDS, &text, e);

	*seconds = now() - begin;
	free(text);
	return rc;
}

/* One launch, in seconds. */
struct stages {
	double first;   /* to the first byte of a row, the sum of */
	double prepare; /* what the host does before it starts QEMU, */
	double boot;    /* until the guest's PID 1 is ready for jobs, */
	double program; /* and from there on */
};

/* Seconds from the launch on; 0: not yet. */
struct first {
	double begin, hello, seconds;
};

static int on_hello(void *context, const json_t *hello)
{
	struct first *f = context;

	(void)hello;
	f->hello = now() - f->begin;
	return 0;
}

static int on_output(void *context, size_t job, const void *bytes, size_t length)
{
	struct first *f = context;

	(void)job;
	(void)bytes;
	(void)length;
	if (f->seconds <= 0)
		f->seconds = now() - f->begin;
	return 0;
}

/* From nothing at all, the making of the initramfs included, to the first byte of a row. */
static int run_guest(const struct vm_spec *spec, const char *program, const char *logs,
                     struct stages *stages, struct err *e)
{
	const char *const programs[] = {program};
	const struct vm_payload payload = {.programs = programs, .program_count = 1};
	char *const argv[] = {(char *)"/bin/bench-memcpy",
	                      (char *)"--size",
	                      (char *)"64K",
	                      (char *)"--variant",
	                      (char *)"libc",
	                      (char *)"--samples",
	                      (char *)"3",
	                      (char *)"--batch-us", /* as the quick suite */
	                      (char *)"1000",
	                      (char *)"--warmup-us",
	                      (char *)"1000",
	                      NULL};
	const struct vm_job job = {.argv = argv};
	struct first first = {.begin = now()};
	const struct vm_events events = {.hello = on_hello, .output = on_output, .context = &first};
	struct vm_report report;
	double hello = 0;
	int rc = vm_run(spec, &payload, &job, 1, &events, logs, "guest", &report, e);

	json_unpack(report.json, "{s:{s:f}}", "times", "hello", &hello);
	vm_report_free(&report);
	*stages = (struct stages){.first = first.seconds,
	                          .prepare = first.hello - hello,
	                          .boot = hello,
	                          .program = first.seconds - first.hello};
	if (!rc && first.seconds <= 0)
		rc = err_set(e, EIO, "the guest brought no result: see %s", logs);
	return rc;
}

/* One line; the series is sorted by it. */
static void print_series(const char *what, double *seconds, size_t count)
{
	gsl_sort(seconds, 1, count);
	printf("%-28s median %6.2f s   least %6.2f s   most %6.2f s\n", what,
	       gsl_stats_median_from_sorted_data(seconds, 1, count), seconds[0],
	       seconds[count - 1]);
}

/*
 * The median with its 95 % interval, from the order of the values alone (the sign test: Conover,
 * Practical Nonparametric Statistics, 3rd edition, section 3.2); the interval is all of them where
 * they are too few for 95 %. True when the median keeps the limit.
 */
static bool judge(double *ratios, size_t count)
{
	unsigned low = 0;
	double median;

	gsl_sort(ratios, 1, count);
	median = gsl_stats_median_from_sorted_data(ratios, 1, count);
	while (low < count / 2 && gsl_cdf_binomial_P(low, 0.5, (unsigned)count) <= 0.025)
		low++;
	low -= low > 0;
	printf("a launch over the floors beside it: median %.3f [%.3f, %.3f], limit %.2f: %s\n",
	       median, ratios[low], ratios[count - 1 - low], LIMIT,
	       median <= LIMIT ? "kept" : "exceeded");
	return median <= LIMIT;
}

static int measure(size_t rounds, const char *folder, char **argv, const struct vm_spec *spec,
                   const char *program, struct err *e)
{
	static double floors[ROUNDS_MAX + 1], guests[ROUNDS_MAX], prepare[ROUNDS_MAX],
	        boot[ROUNDS_MAX], program_start[ROUNDS_MAX], ratios[ROUNDS_MAX];
	int rc = run_floor(argv, &floors[0], e);

	for (size_t i = 0; i < rounds && !rc; i++) {
		struct stages stages = {0};

		rc = run_guest(spec, program, folder, &stages, e);
		guests[i] = stages.first;
		prepare[i] = stages.prepare;
		boot[i] = stages.boot;
		program_start[i] = stages.program;
		if (!rc)
			rc = run_floor(argv, &floors[i + 1], e);
		if (rc)
			break;
		ratios[i] = guests[i] / ((floors[i] + floors[i + 1]) / 2);
		printf("round %zu of %zu: floor %.2f s, first result %.2f s, floor %.2f s: %.3f\n",
		       i + 1, rounds, floors[i], guests[i], floors[i + 1], ratios[i]);
		fflush(stdout);
	}
	if (rc)
		return rc;
	print_series("bare floor, start to exit", floors, rounds + 1);
	print_series("launch to the first result", guests, rounds);
	print_series("  before QEMU starts", prepare, rounds);
	print_series("  until the guest is ready", boot, rounds);
	print_series("  program and first cell", program_start, rounds);
	return judge(ratios, rounds) ? 0 : 1;
}

/* Everything in a folder of its own, which is gone at the end. */
static int bench(size_t rounds, struct err *e)
{
	static const char *const files[] = {"initramfs.cpio", "guest.console.log",
	                                    "guest.qemu.log"};
	const struct vm_spec spec = {.platform = PLATFORM_NOSEV,
	                             .firmware = "default",
	                             .memory = UINT64_C(1) << 30,
	                             .vcpus = 1};
	char folder[] = "/tmp/bench_launch.XXXXXX";
	char program[PATH_MAX];
	char path[128];
	struct vm_choice choice;
	char **argv = NULL;
	size_t i;
	int rc = home_find("bin/bench-memcpy", program, e);

	if (!rc)
		rc = vm_check(&spec, &choice, e);
	if (rc)
		return rc;
	if (!mkdtemp(folder))
		return err_errno(e, "cannot make %s", folder);
	snprintf(path, sizeof(path), "%s/%s", folder, files[0]);
	rc = write_floor(path, e);
	if (!rc)
		rc = vm_argv(&spec, choice.accel, folder, &argv, e);
	if (!rc) {
		cut_talk(argv);
		printf("accelerator %s, 1 vCPU, 1 GiB\n", accel_name(choice.accel));
		rc = measure(rounds, folder, argv, &spec, program, e);
	}
	argv_free(argv);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
	return rc;
}

int main(int argc, char **argv)
{
	uint64_t rounds = ROUNDS;
	struct err e = {""};
	int rc;

	if (argc > 1 && units_parse_number("ROUNDS", argv[1], 1, ROUNDS_MAX, &rounds, &e)) {
		fprintf(stderr, "bench_launch: %s\n", e.text);
		return 2;
	}
	rc = bench((size_t)rounds, &e);
	if (rc < 0)
		fprintf(stderr, "bench_launch: %s\n", e.text);
	return rc != 0;
}
