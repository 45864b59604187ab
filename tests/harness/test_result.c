/* SPDX-License-Identifier: MIT */
#include "harness/result.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cmocka.h"

static const uint64_t strides[] = {64, AXIS_END};
static const struct axis axes[] = {
        {"stride", "bytes", 1, 4096, strides},
        {"chains", "count", 1, 16, strides},
};
static const struct variant variants[] = {{"avx2", "one", -1, 0}};
static const struct kernel memory = {
        .name = "memcpy", .flags = KERNEL_MEMORY, .variants = variants, .variant_count = 1};
static const struct kernel chased = {
        .name = "chase", .variants = variants, .variant_count = 1, .axes = axes, .axis_count = 2};

/* Everything written to a file of memory, as one string. */
struct text {
	char *bytes;
	size_t length;
	FILE *out;
};

static void text_open(struct text *t)
{
	t->out = open_memstream(&t->bytes, &t->length);
	assert_non_null(t->out);
}

static const char *text_close(struct text *t)
{
	fclose(t->out);
	return t->bytes;
}

static size_t fields(const char *line)
{
	size_t n = 1;
	int quoted = 0;

	for (; *line && *line != '\n'; line++) {
		quoted ^= *line == '"';
		n += *line == ',' && !quoted;
	}
	return n;
}

static void test_header_starts_as_documented(void **state)
{
	static const char begins[] = "schema,run,round,platform,accel,kernel,variant,size,threads,"
	                             "pages,backing,fill,series,sample,iterations,ticks,ns,"
	                             "bytes_read,bytes_written,status,reason,";
	struct text t;

	(void)state;
	text_open(&t);
	assert_int_equal(result_write_header(t.out, NULL), 0);
	assert_memory_equal(text_close(&t), begins, strlen(begins));
	assert_int_equal(fields(t.bytes), RESULT_COLUMN_COUNT);
	free(t.bytes);
}

static void write_one(struct text *t, enum cell_status status, const char *reason, size_t count)
{
	static struct sample samples[] = {
	        {SERIES_BASELINE, 100, 50, 0, false},
	        {SERIES_OP, 100, 4001, 7, true},
	};
	struct sampler_result r = {
	        .status = status, .samples = samples, .count = count, .traffic = {10, 20, 30}};
	struct clock clock = {.hz = 2e9, .step = 2};
	struct place place = {.count = 2, .cpu = {3, 5}, .node = 0};
	struct cell cell = {.kernel = &memory, .variant = variants, .size = 65536, .threads = 2};
	struct setup setup = {.cell = &cell, .place = &place, .node = -1};
	struct result_origin origin = {"r1", 2, PLATFORM_NOSEV, ACCEL_TCG, NULL};

	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	text_open(t);
	assert_int_equal(result_write_cell(t->out, &origin, &setup, &clock, &r, NULL), 0);
	text_close(t);
}

static void test_rows_of_a_cell(void **state)
{
	static const char op[] = "2,r1,2,nosev,tcg,memcpy,avx2,65536,2,4k,private,random,op,0,100,"
	                         "4001,2000.500,1000,2000,ok,,,3000,3;5,,0,2000000000.000,2,";
	static const char baseline[] = "2,r1,2,nosev,tcg,memcpy,avx2,65536,2,4k,private,random,"
	                               "baseline,0,100,50,25.000,0,0,ok,";
	static const char no_interrupts[] = ",bandwidth,," RESULT_HOST_FIELDS "\n";
	struct text t;
	char *second;

	(void)state;
	write_one(&t, CELL_OK, "", 2);
	assert_memory_equal(t.bytes, baseline, strlen(baseline));
	second = strchr(t.bytes, '\n') + 1;
	assert_memory_equal(second, op, strlen(op));
	assert_int_equal(fields(t.bytes), RESULT_COLUMN_COUNT);
	assert_int_equal(fields(second), RESULT_COLUMN_COUNT);
	/* How many interrupts hit the sample is known of the second alone; counts are the host's.
	 */
	assert_memory_equal(second - strlen(no_interrupts), no_interrupts, strlen(no_interrupts));
	assert_string_equal(strrchr(second, 'h'), "h,7," RESULT_HOST_FIELDS "\n");
	assert_string_equal(strchr(second, '\n'), "\n");
	free(t.bytes);
}

/* What was not measured is empty, never zero. */
static void test_row_without_samples(void **state)
{
	struct text t;

	(void)state;
	write_one(&t, CELL_SKIPPED, "no \"AVX2\", sorry\nreally", 0);
	assert_non_null(strstr(t.bytes, ",op,,,,,,,skipped,\"no \"\"AVX2\"\", sorry really\","));
	assert_int_equal(fields(t.bytes), RESULT_COLUMN_COUNT);
	assert_string_equal(strchr(t.bytes, '\n'), "\n");
	free(t.bytes);
}

/* Nobody shall take an emulated encrypted guest for a real one. */
static void test_rows_say_what_sev_is_by(void **state)
{
	static const struct {
		enum platform platform;
		enum accel accel;
		enum cell_status status;
		const char *end;
	} cases[] = {
	        {PLATFORM_NATIVE, ACCEL_NONE, CELL_OK, ",," RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_NOSEV, ACCEL_TCG, CELL_OK, ",," RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SEV, ACCEL_KVM, CELL_OK, ",hardware" RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SEV_ES, ACCEL_UNKNOWN, CELL_OK, ",hardware" RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SNP, ACCEL_TCG, CELL_OK, ",emulation" RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SNP, ACCEL_TCG, CELL_FAILED, ",emulation" RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SNP_VTOM, ACCEL_UNKNOWN, CELL_OK, ",hardware" RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_TDX, ACCEL_KVM, CELL_OK, ",," RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_UNKNOWN, ACCEL_KVM, CELL_OK, ",," RESULT_HOST_FIELDS "\n"},
	        {PLATFORM_SNP, ACCEL_UNKNOWN, CELL_SKIPPED, ",," RESULT_HOST_FIELDS "\n"},
	};
	struct cell cell = {.kernel = &chased, .variant = variants, .threads = 1, .axis = {64, 4}};
	struct sampler_result r = {.status = CELL_OK};
	struct clock clock = {.hz = 2e9, .step = 2};
	struct place place = {.count = 1, .node = 0};
	struct setup setup = {.cell = &cell, .place = &place, .node = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result_origin origin = {"r1", 1, cases[i].platform, cases[i].accel, NULL};
		size_t length = strlen(cases[i].end), all;
		struct text t;

		text_open(&t);
		if (cases[i].status == CELL_OK)
			result_write_cell(t.out, &origin, &setup, &clock, &r, NULL);
		else
			result_write_unrun(t.out, &origin, &cell, cases[i].status, "why", NULL);
		text_close(&t);
		all = strlen(t.bytes);
		assert_true(all > length);
		assert_string_equal(t.bytes + all - length, cases[i].end);
		assert_int_equal(fields(t.bytes), RESULT_COLUMN_COUNT);
		free(t.bytes);
	}
}

static void test_row_of_a_cell_that_never_ran(void **state)
{
	struct cell cell = {.kernel = &chased, .variant = variants, .threads = 1, .axis = {64, 4}};
	struct result_origin origin = {"r1", 0, PLATFORM_SNP, ACCEL_UNKNOWN, "4k"};
	struct text t;

	(void)state;
	text_open(&t);
	assert_int_equal(
	        result_write_unrun(t.out, &origin, &cell, CELL_SKIPPED, "no /dev/sev", NULL), 0);
	text_close(&t);
	assert_non_null(strstr(t.bytes, "2,r1,,snp,unknown,chase,avx2,,1,,,,op,,,,,,,skipped,"
	                                "no /dev/sev,stride=64;chains=4,"));
	assert_non_null(strstr(t.bytes, ",,,,,,4k\n"));
	assert_int_equal(fields(t.bytes), RESULT_COLUMN_COUNT);
	free(t.bytes);
}

static void test_end_mark(void **state)
{
	struct text t;

	(void)state;
	text_open(&t);
	assert_int_equal(result_write_end(t.out, 42, NULL), 0);
	assert_int_equal(result_end_rows(text_close(&t)), 42);
	free(t.bytes);
	assert_int_equal(result_end_rows("#end,rows=0"), 0);
	assert_int_equal(result_end_rows("#end,rows="), -1);
	assert_int_equal(result_end_rows("#end,rows=-1"), -1);
	assert_int_equal(result_end_rows("#end,rows=4x"), -1);
	assert_int_equal(result_end_rows("#end,rows=99999999999999999999"), -1);
	assert_int_equal(result_end_rows("1,r1,2"), -1);
	assert_int_equal(result_end_rows(""), -1);
}

static char directory[] = "/tmp/test_result.XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

static void in_directory(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", directory, name);
}

static void test_file_appears_whole(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], partial[72];

	(void)state;
	in_directory(path, "a.csv");
	snprintf(partial, sizeof(partial), "%s.partial", path);
	assert_int_equal(result_file_open(path, &file, &e), 0);
	fputs("hello\n", file.out);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(access(partial, F_OK), 0);
	assert_int_equal(result_file_commit(&file, &e), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_not_equal(access(partial, F_OK), 0);

	assert_int_equal(result_file_open(path, &file, &e), -EEXIST);
	assert_says(e, "never overwritten");
	unlink(path);
}

static void test_abandoned_file_keeps_its_rows(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], partial[72];

	(void)state;
	in_directory(path, "b.csv");
	snprintf(partial, sizeof(partial), "%s.partial", path);
	assert_int_equal(result_file_open(path, &file, &e), 0);
	fputs("hello\n", file.out);
	result_file_abandon(&file);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(access(partial, F_OK), 0);
	assert_int_equal(result_file_open(path, &file, &e), -EEXIST);
	assert_says(e, "did not end");
	unlink(partial);
}

static void test_file_that_cannot_be(void **state)
{
	struct result_file file;
	struct err e = {""};

	(void)state;
	assert_true(result_file_open("/nonexistent/a.csv", &file, &e) < 0);
	assert_says(e, "/nonexistent/a.csv");
}

/* Whatever may stand at a path and is no result of ours stays as it is. */
static void test_what_is_there_stays(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64];
	struct stat st;

	(void)state;
	in_directory(path, "there");
	assert_int_equal(symlink("/nonexistent", path), 0);
	assert_int_equal(result_file_open(path, &file, &e), -EEXIST);
	assert_says(e, "symbolic link to nothing");
	assert_int_equal(result_file_renew(path, "mark", "a thing", &file, &e), -EEXIST);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(result_file_open(path, &file, &e), -EEXIST);
	assert_says(e, "is a directory");
	rmdir(path);
	if (mknod(path, S_IFBLK | 0600, 0) == 0) {
		assert_int_equal(result_file_renew(path, "mark", "a thing", &file, &e), -EEXIST);
		assert_says(e, "no file that can be written");
		assert_int_equal(lstat(path, &st), 0);
		assert_true(S_ISBLK(st.st_mode));
		unlink(path);
	}
}

static void test_devices_and_pipes_are_written_into(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], got[16] = "";
	struct stat st;
	int reader;

	(void)state;
	assert_int_equal(result_file_open("/dev/null", &file, &e), 0);
	fputs("hello\n", file.out);
	assert_int_equal(result_file_commit(&file, &e), 0);
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_true(S_ISCHR(st.st_mode));

	assert_int_equal(result_file_renew("/dev/full", "mark", "a thing", &file, &e), 0);
	fputs("hello\n", file.out);
	assert_int_equal(result_file_end(&file, 0, &e), -ENOSPC);
	assert_says(e, "/dev/full");
	assert_int_equal(stat("/dev/full", &st), 0);

	in_directory(path, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(result_file_open(path, &file, &e), 0);
	fputs("hello\n", file.out);
	assert_int_equal(result_file_commit(&file, &e), 0);
	assert_int_equal(read(reader, got, sizeof(got) - 1), 6);
	assert_string_equal(got, "hello\n");
	close(reader);
	unlink(path);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_only_its_own_kind_is_renewed(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], partial[72], link[64], line[32] = "";
	struct stat st;
	FILE *f;

	(void)state;
	in_directory(path, "page");
	in_directory(link, "link");
	write_text(path, "schema,run\n");
	assert_int_equal(result_file_renew(path, "<mark>", "a page", &file, &e), -EEXIST);
	assert_says(e, "is not a page of sevbench");
	write_text(path, "old <mark>\n");
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(result_file_renew(link, "<mark>", "a page", &file, &e), 0);
	fputs("new <mark>\n", file.out);
	assert_int_equal(result_file_end(&file, 0, &e), 0);
	f = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_string_equal(line, "new <mark>\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));

	/* One that did not end blocks nobody; what is somebody's own does. */
	snprintf(partial, sizeof(partial), "%s.partial", path);
	write_text(partial, "half <mark>");
	assert_int_equal(result_file_renew(path, "<mark>", "a page", &file, &e), 0);
	assert_int_equal(result_file_end(&file, -EIO, &e), -EIO);
	write_text(partial, "mine");
	assert_int_equal(result_file_renew(path, "<mark>", "a page", &file, &e), -EEXIST);
	assert_says(e, "did not end");
	unlink(partial);

	/* What failed leaves the old one, and nothing beside it. */
	assert_int_equal(result_file_renew(path, "<mark>", "a page", &file, &e), 0);
	assert_int_equal(result_file_end(&file, -EIO, &e), -EIO);
	assert_int_equal(access(path, F_OK), 0);
	unlink(link);
	unlink(path);
}

/* In a directory that may be a stranger's. */
static void test_links_in_a_folder_are_not_followed(void **state)
{
	struct result_file file;
	struct folder in;
	struct err e = {""};
	char path[64], page[64], partial[80], line[32] = "";
	FILE *f;

	(void)state;
	in_directory(path, "victim");
	in_directory(page, "page");
	snprintf(partial, sizeof(partial), "%s.partial", page);
	write_text(path, "old <mark>\n");
	assert_int_equal(folder_open(directory, &in, &e), 0);
	assert_int_equal(symlink(path, page), 0);
	assert_int_equal(result_file_renew_in(&in, "page", "<mark>", "a page", &file, &e), -ELOOP);
	assert_int_equal(result_file_replace_in(&in, "page", &file, &e), -ELOOP);
	assert_int_equal(result_file_open_in(&in, "page", &file, &e), -ELOOP);
	assert_says(e, "is a symbolic link, and is not followed: remove it");
	assert_int_equal(unlink(page), 0);

	assert_int_equal(symlink(path, partial), 0);
	assert_int_equal(result_file_renew_in(&in, "page", "<mark>", "a page", &file, &e), -EEXIST);
	assert_int_equal(result_file_replace_in(&in, "page", &file, &e), -EEXIST);
	assert_int_equal(result_file_resume(&in, "page", &file, &e), -ELOOP);
	assert_int_equal(unlink(partial), 0);
	assert_int_equal(link(path, partial), 0);
	assert_int_equal(result_file_resume(&in, "page", &file, &e), -EMLINK);
	assert_int_equal(unlink(partial), 0);

	f = fopen(path, "r");
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_string_equal(line, "old <mark>\n");
	folder_close(&in, false);
	assert_int_equal(unlink(path), 0);
}

/* Whoever moves the directory moves the file with it: nothing is looked up twice. */
static void test_a_folder_is_held(void **state)
{
	struct result_file file;
	struct folder in;
	struct err e = {""};
	char here[64], moved[64], path[80];

	(void)state;
	in_directory(here, "here");
	in_directory(moved, "moved");
	assert_int_equal(folder_make(NULL, here, &in, &e), 0);
	assert_int_equal(result_file_open_in(&in, "rows", &file, &e), 0);
	assert_int_equal(rename(here, moved), 0);
	assert_int_equal(mkdir(here, 0700), 0);
	assert_int_equal(result_file_commit(&file, &e), 0);
	folder_close(&in, false);
	assert_int_equal(rmdir(here), 0); /* nothing came into it */
	snprintf(path, sizeof(path), "%s/rows", moved);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(moved), 0);
}

static void test_force_replaces_files_and_nothing_else(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], partial[72];

	(void)state;
	in_directory(path, "forced");
	snprintf(partial, sizeof(partial), "%s.partial", path);
	write_text(path, "anything\n");
	write_text(partial, "left\n");
	assert_int_equal(result_file_check(path, false, &e), -EEXIST);
	assert_int_equal(result_file_replace(path, false, &file, &e), -EEXIST);
	assert_int_equal(result_file_check(path, true, &e), 0);
	assert_int_equal(result_file_replace(path, true, &file, &e), 0);
	assert_int_equal(result_file_commit(&file, &e), 0);
	assert_int_not_equal(access(partial, F_OK), 0);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(result_file_replace(path, true, &file, &e), -EEXIST);
	assert_int_equal(result_file_check(path, true, &e), -EEXIST);
	rmdir(path);
	assert_int_equal(result_file_check("/dev/null", false, &e), 0);
}

/* Measuring takes minutes: what somebody else writes there meanwhile is not lost. */
static void test_what_comes_meanwhile_stays(void **state)
{
	struct result_file file;
	struct err e = {""};
	char path[64], partial[72];
	struct stat st;

	(void)state;
	in_directory(path, "meanwhile");
	snprintf(partial, sizeof(partial), "%s.partial", path);
	assert_int_equal(result_file_open(path, &file, &e), 0);
	write_text(path, "another's\n");
	assert_int_equal(result_file_commit(&file, &e), -EEXIST);
	assert_says(e, "came into being meanwhile");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 10);
	assert_int_equal(access(partial, F_OK), 0);
	unlink(partial);
	/* A forced writer replaces files, and nothing else: not even what came late. */
	assert_int_equal(result_file_replace(path, true, &file, &e), 0);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(result_file_commit(&file, &e), -EEXIST);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	unlink(path);
	unlink(partial);
}

static void test_full_disk_is_told(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct err e = {""};

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(result_write_header(full, &e), -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_header_starts_as_documented),
	        cmocka_unit_test(test_rows_of_a_cell),
	        cmocka_unit_test(test_row_without_samples),
	        cmocka_unit_test(test_row_of_a_cell_that_never_ran),
	        cmocka_unit_test(test_rows_say_what_sev_is_by),
	        cmocka_unit_test(test_end_mark),
	        cmocka_unit_test(test_file_appears_whole),
	        cmocka_unit_test(test_abandoned_file_keeps_its_rows),
	        cmocka_unit_test(test_file_that_cannot_be),
	        cmocka_unit_test(test_what_is_there_stays),
	        cmocka_unit_test(test_devices_and_pipes_are_written_into),
	        cmocka_unit_test(test_only_its_own_kind_is_renewed),
	        cmocka_unit_test(test_links_in_a_folder_are_not_followed),
	        cmocka_unit_test(test_a_folder_is_held),
	        cmocka_unit_test(test_force_replaces_files_and_nothing_else),
	        cmocka_unit_test(test_what_comes_meanwhile_stays),
	        cmocka_unit_test(test_full_disk_is_told),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
