/* SPDX-License-Identifier: MIT */
/*
 * What section "sev" of the environment says in guests of clouds, guests/<name>.guest: a file says
 * where it comes from, what is expected, and holds what that guest shows (tree_unpack):
 *
 *   # Recorded where, or composed of what
 *   expect <key> <value, or of "how" a part of it, or null>
 *   == recorded/cpuid     as the program cpuid prints it with -1 -r
 *   == recorded/msr       "<index> <value>"
 *   == dev/kmsg           records of Linux's log
 */
#include "harness/environment.h"

#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/harness/cpu_table.h"
#include "tests/tree.h"

#define GUESTS_MIN       17
#define LEAVES_MAX       32
#define EXPECTATIONS_MAX 8

static const struct clock some_clock = {
        .hz = 2.45e9, .error = 1e-5, .step = 27, .overhead = 81, .invariant = true};

static char root[64], expected[EXPECTATIONS_MAX][160];
static size_t expectations;

static void expect(const char *rest)
{
	assert_true(expectations < EXPECTATIONS_MAX);
	snprintf(expected[expectations++], sizeof(expected[0]), "%.159s", rest);
}

/* The recorded MSR becomes a device in which it stands at its index. */
static void make_msr(void)
{
	char path[128], line[128] = "";
	uint64_t index, value;
	FILE *file;
	int fd;

	snprintf(path, sizeof(path), "%s/recorded/msr", root);
	file = fopen(path, "re");
	if (!file)
		return;
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	assert_int_equal(sscanf(line, "0x%" SCNx64 " 0x%" SCNx64, &index, &value), 2);
	file = tree_create(root, "dev/cpu/0/msr");
	assert_non_null(file);
	fd = fileno(file);
	assert_int_equal(pwrite(fd, &value, sizeof(value), (off_t)index), sizeof(value));
	fclose(file);
}

static void check(const char *name, const json_t *sev, const char *line)
{
	const char *wanted = line + strcspn(line, " ") + 1, *text;
	const json_t *value;
	char key[64];

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(line, " "), line);
	value = json_object_get(sev, key);
	if (!value)
		fail_msg("%s: sev has no %s", name, key);
	text = json_is_null(value) ? "null" : json_string_value(value);
	if (!text || (strcmp(key, "how") != 0 ? strcmp(text, wanted) != 0 : !strstr(text, wanted)))
		fail_msg("%s: %s is '%s', not '%s'", name, key, text ? text : "no text", wanted);
}

static void check_guest(const char *path)
{
	struct cpu_leaf leaves[LEAVES_MAX];
	struct cpu_table cpu = CPU_TABLE(leaves);
	struct err e = {""};
	char cpuid[128];
	json_t *json;

	snprintf(root, sizeof(root), "/tmp/test_environment_guests-XXXXXX");
	assert_non_null(mkdtemp(root));
	expectations = 0;
	assert_int_equal(tree_unpack(path, root, expect), 0);
	make_msr();
	snprintf(cpuid, sizeof(cpuid), "%s/recorded/cpuid", root);
	cpu.count = cpu_table_read(cpuid, leaves, LEAVES_MAX);
	assert_true(cpu.count > 3 && cpu.count < LEAVES_MAX);
	assert_true(expectations > 0);
	json = environment_describe(&cpu.source, root, &some_clock, &e);
	assert_non_null(json);
	assert_int_equal(environment_check(json, &e), 0);
	if (getenv("SHOW"))
		json_dumpf(json_object_get(json, "sev"), stderr, JSON_INDENT(2));
	for (size_t i = 0; i < expectations; i++)
		check(path, json_object_get(json, "sev"), expected[i]);
	json_decref(json);
	assert_int_equal(tree_remove(root), 0);
}

static void clouds_are_what_they_are(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob("tests/harness/guests/*.guest", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= GUESTS_MIN);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_guest(found.gl_pathv[i]);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(clouds_are_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
