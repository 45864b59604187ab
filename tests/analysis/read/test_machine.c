/* SPDX-License-Identifier: MIT */
#include "analysis/read/machine.h"

#include <errno.h>
#include <unistd.h>

#include "tests/analysis/fixture.h"

/* What the machine of a manifest with these CPUs and these caches is taken for. */
static void read_caches(struct machine *machine, const char *online, const char *caches)
{
	char folder[] = "/tmp/test_machine-XXXXXX", path[64];
	struct err e = {""};
	FILE *f;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/manifest.json", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "{\"environment\": {\"cpu\": {\"online\": \"%s\", \"caches\": [%s]}}}", online,
	        caches);
	fclose(f);
	assert_int_equal(machine_read(machine, folder, &e), 0);
	unlink(path);
	rmdir(folder);
}

#define CACHE(level, type, size, list)                                                             \
	"{\"level\": " level ", \"type\": \"" type "\", \"size\": \"" size                         \
	"\", \"shared_cpu_list\": \"" list "\"}"

static void test_caches_are_counted(void **state)
{
	static const struct {
		const char *online, *list;
		unsigned caches;
	} machines[] = {
	        {"0-1", "0-1", 1}, {"0-63", "0-7", 8},          {"0-127", "0-7,64-71", 8},
	        {"0", "0", 1},     {"0-62", "0-7", 8},          {"", "0-7", 0},
	        {"0-63", "", 0},   {"0-63", "of all sorts", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		struct machine machine;
		char caches[512];

		snprintf(caches, sizeof(caches),
		         CACHE("1", "Data", "32K", "0") "," CACHE("3", "Unified", "32768K",
		                                                  "%s") "," CACHE("2", "Unified",
		                                                                  "512K", "0"),
		         machines[i].list);
		read_caches(&machine, machines[i].online, caches);
		assert_int_equal(machine.cache_count, 3);
		assert_int_equal(machine_last_cache(&machine), 32 << 20);
		if (machine.last_caches != machines[i].caches)
			fail_msg("%u caches of CPUs %s where %s share one", machine.last_caches,
			         machines[i].online, machines[i].list);
		machine_free(&machine);
	}
}

/* A set of all CPUs up to such a number takes more memory than there is. */
static void test_no_machine_has_so_many_cpus(void **state)
{
	struct machine machine;

	(void)state;
	read_caches(&machine, "0-4294967295",
	            "{\"level\": 3, \"type\": \"Unified\", \"size\": \"16M\", "
	            "\"shared_cpu_list\": \"0-2147483647\"}");
	assert_int_equal(machine.cache_count, 1);
	assert_int_equal(machine.last_caches, 0);
	machine_free(&machine);
}

static void a_manifest_tells_the_caches(void **state)
{
	struct fixture *f = *state;
	char *path, text[256];
	FILE *out = synth_file(f->directory, "manifest.json", &path);

	fputs("{\"rounds\": 3, \"environment\": {\"cpu\": {\"model_name\": \"X\", \"caches\": ["
	      "{\"level\": 1, \"type\": \"Instruction\", \"size\": \"32K\"},"
	      "{\"level\": 2, \"type\": \"Unified\", \"size\": \"2048K\"},"
	      "{\"level\": 3, \"type\": \"Unified\", \"size\": \"lots\"}]}}}",
	      out);
	fclose(out);
	assert_int_equal(machine_read(&f->machine, f->directory, &f->e), 0);
	assert_int_equal(f->machine.cache_count, 1);
	assert_int_equal(f->machine.caches[0].size, 2 << 20);
	assert_string_equal(machine_text(&f->machine, "environment.cpu.model_name", text), "X");
	assert_string_equal(machine_text(&f->machine, "rounds", text), "3");
	assert_string_equal(machine_text(&f->machine, "environment.none.there", text), "");
	machine_free(&f->machine);

	out = fopen(path, "w");
	fputs("{\n\n nonsense", out);
	fclose(out);
	assert_int_equal(machine_read(&f->machine, f->directory, &f->e), -EINVAL);
	assert_non_null(strstr(f->e.text, "manifest.json: line 3"));
	/* Samples alone, in a directory or as a file, have no manifest, and that is no fault. */
	f->e.text[0] = '\0';
	assert_int_equal(machine_read(&f->machine, path, &f->e), 0);
	assert_null(f->machine.manifest);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(machine_read(&f->machine, f->directory, &f->e), 0);
	assert_string_equal(f->e.text, ""); /* nor is anything said of it */
	assert_null(f->machine.manifest);
	assert_string_equal(f->e.text, "");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_caches_are_counted),
	        cmocka_unit_test(test_no_machine_has_so_many_cpus),
	        cmocka_unit_test_setup_teardown(a_manifest_tells_the_caches, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
