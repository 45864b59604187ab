/* SPDX-License-Identifier: MIT */
#include "tests/cmocka.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/environment.h"

#define RECORDED "tests/harness/recorded/milan-tcg.txt"

static char root[64];

static const struct clock some_clock = {
        .hz = 2.45e9, .error = 1e-5, .step = 27, .overhead = 81, .invariant = true};

static FILE *make_file(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		(void)mkdir(full, 0755);
		*p = '/';
	}
	return fopen(full, "we");
}

static void write_file(const char *path, const void *bytes, size_t length)
{
	FILE *f = make_file(path);

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
}

/* Lay out the recorded files under a root of their own. */
static int unpack(void **state)
{
	FILE *in = fopen(RECORDED, "re");
	FILE *out = NULL;
	char line[8192];

	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_environment.XXXXXX");
	if (!in || !mkdtemp(root))
		return -1;
	while (fgets(line, sizeof(line), in)) {
		if (strncmp(line, "=== ", 4) == 0) {
			line[strcspn(line, "\n")] = '\0';
			if (out)
				fclose(out);
			out = make_file(line + 4);
			if (!out)
				return -1;
		} else if (out) {
			fputs(line, out);
		}
	}
	fclose(in);
	return out ? fclose(out) : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int clean(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static json_t *describe(const char *where)
{
	struct err e = {""};
	json_t *json = environment_describe(&cpu_here, where, &some_clock, &e);

	assert_non_null(json);
	assert_string_equal(e.text, "");
	/* What a guest may send is what a guest's program writes, key by key. */
	if (environment_check(json, &e))
		fail_msg("%s", e.text);
	return json;
}

/* The value at "section.key", which must be there. */
static json_t *value_at(json_t *json, const char *section, const char *key)
{
	json_t *value = json_object_get(json_object_get(json, section), key);

	if (!value)
		fail_msg("%s.%s is missing", section, key);
	return value;
}

static const char *text_at(json_t *json, const char *section, const char *key)
{
	json_t *value = value_at(json, section, key);

	if (!json_is_string(value))
		fail_msg("%s.%s is no text", section, key);
	return json_string_value(value);
}

static json_int_t number_at(json_t *json, const char *section, const char *key)
{
	json_t *value = value_at(json, section, key);

	if (!json_is_integer(value))
		fail_msg("%s.%s is no number", section, key);
	return json_integer_value(value);
}

static const char *reason_at(json_t *json, const char *section, const char *key)
{
	char name[128];
	const char *reason;

	assert_true(json_is_null(value_at(json, section, key)));
	snprintf(name, sizeof(name), "%s.%s", section, key);
	reason = json_string_value(json_object_get(json_object_get(json, "unknown"), name));
	if (!reason)
		fail_msg("%s has no reason", name);
	return reason;
}

static void test_processor(void **state)
{
	json_t *json = describe(root);
	json_t *caches = value_at(json, "cpu", "caches");

	(void)state;
	assert_string_equal(text_at(json, "cpu", "vendor"), "AuthenticAMD");
	assert_string_equal(text_at(json, "cpu", "model_name"), "AMD EPYC-Milan Processor");
	assert_int_equal(number_at(json, "cpu", "family"), 25);
	assert_int_equal(number_at(json, "cpu", "model"), 1);
	assert_string_equal(text_at(json, "cpu", "microcode"), "0x1000065");
	assert_non_null(strstr(text_at(json, "cpu", "flags"), " avx2 "));
	assert_string_equal(text_at(json, "cpu", "online"), "0-3");
	assert_int_equal(number_at(json, "cpu", "packages"), 1);
	assert_int_equal(json_array_size(caches), 4);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(caches, 3), "level")),
	                 3);
	assert_string_equal(json_string_value(json_object_get(json_array_get(caches, 3), "size")),
	                    "32768K");
	json_decref(json);
}

static void test_memory(void **state)
{
	json_t *json = describe(root);
	json_t *nodes = value_at(json, "memory", "nodes");

	(void)state;
	assert_int_equal(number_at(json, "memory", "total_bytes"), 997252LL * 1024);
	assert_int_equal(number_at(json, "memory", "swap_bytes"), 0);
	assert_int_equal(json_array_size(nodes), 2);
	assert_int_equal(
	        json_integer_value(json_object_get(json_array_get(nodes, 1), "total_bytes")),
	        353832LL * 1024);
	assert_string_equal(json_string_value(json_object_get(json_array_get(nodes, 1), "cpus")),
	                    "2-3");
	assert_string_equal(text_at(json, "memory", "thp_enabled"), "always");
	assert_string_equal(text_at(json, "memory", "thp_defrag"), "madvise");
	assert_int_equal(number_at(json, "memory", "hugetlb_2048k_total"), 0);
	assert_int_equal(number_at(json, "memory", "numa_balancing"), 1);
	json_decref(json);
}

static void test_linux(void **state)
{
	json_t *json = describe(root);
	json_t *mitigations = value_at(json, "linux", "mitigations");

	(void)state;
	assert_string_equal(text_at(json, "linux", "release"), "6.1.0-56-cloud-amd64");
	assert_string_equal(text_at(json, "linux", "command_line"), "console=ttyS0 quiet panic=-1");
	assert_string_equal(text_at(json, "linux", "distribution"),
	                    "Debian GNU/Linux 12 (bookworm)");
	assert_string_equal(text_at(json, "linux", "clocksource"), "hpet");
	assert_string_equal(text_at(json, "linux", "clocksources"), "hpet acpi_pm");
	assert_string_equal(text_at(json, "linux", "machine_vendor"), "QEMU");
	assert_string_equal(text_at(json, "linux", "isolated_cpus"), "");
	assert_true(json_object_size(mitigations) > 10);
	assert_non_null(json_string_value(json_object_get(mitigations, "spectre_v2")));
	json_decref(json);
}

/* What that guest does not have is null, with the file that was looked for. */
static void test_unknown(void **state)
{
	json_t *json = describe(root);

	(void)state;
	assert_non_null(strstr(reason_at(json, "power", "governor"), "scaling_governor"));
	assert_non_null(strstr(reason_at(json, "power", "boost"), "cpufreq/boost: No such file"));
	assert_non_null(strstr(reason_at(json, "clock", "tsc_nominal_hz"), "CPUID"));
	assert_string_equal(reason_at(json, "counters", "cycles"), "not opened");
	json_decref(json);
}

static void test_clock_and_libc(void **state)
{
	json_t *json;

	(void)state;
	assert_int_equal(setenv("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=2048", 1), 0);
	json = describe(root);
	assert_true(json_real_value(value_at(json, "clock", "tsc_hz")) == 2.45e9);
	assert_int_equal(number_at(json, "clock", "tsc_step"), 27);
	assert_string_equal(text_at(json, "libc", "tunables"),
	                    "glibc.cpu.x86_rep_movsb_threshold=2048");
	/* What this process began with is not what was set since: its children have it. */
	assert_int_equal(json_integer_value(json_object_get(value_at(json, "libc", "thresholds"),
	                                                    "rep_movsb_threshold")),
	                 2048);
	json_decref(json);
	assert_int_equal(unsetenv("GLIBC_TUNABLES"), 0);
	json = describe(root);
	assert_string_equal(text_at(json, "libc", "tunables"), "");
	json_decref(json);
}

/* Damaged and surprising contents end as null with a reason, or as text; never as a wrong number.
 */
static void test_damaged(void **state)
{
	static char large[70000];
	json_t *json;

	(void)state;
	memset(large, 'x', sizeof(large));
	write_file("/proc/sys/kernel/numa_balancing", "maybe\n", 6);
	write_file("/proc/sys/vm/swappiness", "", 0);
	write_file("/sys/kernel/mm/transparent_hugepage/enabled", "always never\n", 13);
	write_file("/sys/kernel/mm/ksm/run", "99999999999999999999\n", 21);
	write_file("/proc/cmdline", "a\0b\xff\n", 5);
	write_file("/proc/sys/kernel/version", large, sizeof(large));
	write_file("/sys/devices/system/cpu/cpufreq/boost", "1\n", 2);
	write_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n", 12);
	write_file("/sys/devices/system/cpu/cpu2/cpufreq/scaling_governor", "powersave\n", 10);
	write_file("/proc/meminfo", "MemTotal: lots\n", 15);
	write_file("/sys/devices/system/cpu/nohz_full", "  (null)\n", 9);
	write_file("/sys/devices/system/clocksource/clocksource0/current_clocksource",
	           "tsc-early\n", 10);
	json = describe(root);
	assert_non_null(strstr(reason_at(json, "memory", "numa_balancing"), "\"maybe\""));
	assert_non_null(strstr(reason_at(json, "memory", "swappiness"), "no number"));
	assert_non_null(strstr(reason_at(json, "memory", "thp_enabled"), "marks no choice"));
	assert_non_null(strstr(reason_at(json, "memory", "ksm_run"), "no number"));
	assert_non_null(strstr(reason_at(json, "memory", "total_bytes"), "MemTotal"));
	assert_non_null(strstr(reason_at(json, "linux", "version"), "too large"));
	assert_string_equal(text_at(json, "linux", "command_line"), "a b?");
	assert_string_equal(text_at(json, "linux", "nohz_full_cpus"), "");
	assert_non_null(strstr(reason_at(json, "linux", "clocksource"), "not settled on one yet"));
	assert_true(json_is_true(value_at(json, "power", "boost")));
	assert_string_equal(text_at(json, "power", "governor"), "performance, powersave");
	json_decref(json);
	/* Intel's switch says the opposite. */
	write_file("/sys/devices/system/cpu/intel_pstate/no_turbo", "1\n", 2);
	json = describe(root);
	assert_true(json_is_false(value_at(json, "power", "boost")));
	json_decref(json);
}

/* Every null has its reason, and every reason its null. */
static size_t count_nulls(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;
	size_t count = json_is_null(json);

	json_object_foreach (json, key, value)
		count += count_nulls(value);
	json_array_foreach (json, i, value)
		count += count_nulls(value);
	return count;
}

static void test_every_null_has_a_reason(void **state)
{
	static const char *const roots[] = {"", root, "/nonexistent"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		json_t *json = describe(roots[i]);
		json_t *unknown = json_object_get(json, "unknown");

		assert_int_equal(count_nulls(json), json_object_size(unknown));
		if (i == 2) {
			assert_non_null(
			        strstr(reason_at(json, "memory", "total_bytes"), "cannot read"));
			assert_non_null(
			        strstr(reason_at(json, "linux", "distribution"), "No such file"));
		}
		json_decref(json);
	}
}

static void test_this_machine(void **state)
{
	json_t *json = describe("");
	char *text;

	(void)state;
	assert_true(number_at(json, "memory", "available_bytes") > 0);
	assert_true(number_at(json, "cpu", "cores") > 0);
	assert_true(text_at(json, "linux", "release")[0] != '\0');
	text = json_dumps(json, JSON_INDENT(2));
	assert_non_null(text);
	free(text);
	json_decref(json);
}

static void test_nodes_that_do_not_add_up(void **state)
{
	char path[128];
	json_t *json = describe(root);

	(void)state;
	assert_null(json_object_get(json_object_get(json, "memory"), "nodes_doubt"));
	json_decref(json);
	snprintf(path, sizeof(path), "%s/sys/devices/system/node/node1/meminfo", root);
	assert_int_equal(unlink(path), 0);
	json = describe(root);
	assert_string_equal(text_at(json, "memory", "nodes_doubt"),
	                    "the nodes have 628 MiB together, and Linux has 973: no node's figure "
	                    "is relied on");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_processor),
	        cmocka_unit_test(test_memory),
	        cmocka_unit_test(test_linux),
	        cmocka_unit_test(test_unknown),
	        cmocka_unit_test(test_clock_and_libc),
	        cmocka_unit_test(test_every_null_has_a_reason),
	        cmocka_unit_test(test_this_machine),
	        /* last: they change the files */
	        cmocka_unit_test(test_nodes_that_do_not_add_up),
	        cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, unpack, clean);
}
