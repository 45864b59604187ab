/* SPDX-License-Identifier: MIT */
/*
 * The doctor's verdicts on recorded hosts, hosts/<name>.host: a file says where it comes from, what
 * is expected, and holds the host's files:
 *
 *   # Made up, or recorded where
 *   expect <mode> yes | expect <mode> no <part of the reason>
 *   expect remedy <part of what is printed> | expect silent <what is not>
 *   == <path of a file below the root>
 *   its lines
 */
#include "vmrun/doctor_examine.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <unistd.h>

#include "harness/snp_host.h"
#include "tests/cmocka.h"
#include "tests/tree.h"
#include "vmrun/doctor_json.h"
#include "vmrun/doctor_print.h"
#include "vmrun/host/recording.h"
#include "vmrun/host/sevleaf.h"

#define EXPECTATIONS_MAX 16
#define HOSTS_MIN        30

static char root[] = "/tmp/test_doctor-XXXXXX";
static char expected[EXPECTATIONS_MAX][128];
static size_t expectations;

static void expect(const char *rest)
{
	assert_true(expectations < EXPECTATIONS_MAX);
	snprintf(expected[expectations++], sizeof(expected[0]), "%.120s", rest);
}

static void unpack(const char *path)
{
	snprintf(root, sizeof(root), "/tmp/test_doctor-XXXXXX");
	assert_non_null(mkdtemp(root));
	expectations = 0;
	assert_int_equal(tree_unpack(path, root, expect), 0);
}

static char *printed(const struct doctor *d)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	doctor_print(d, true, out);
	fclose(out);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") > 100)
			fail_msg("more than 100 columns: %.*s", (int)strcspn(line, "\n"), line);
	}
	return text;
}

static void check_mode(const char *name, const struct doctor *d, enum platform p,
                       const char *wanted)
{
	bool can = !strcmp(wanted, "yes");

	if (d->can[p] != can)
		fail_msg("%s: %s %s, not %s: %s", name, platform_name(p), d->can[p] ? "yes" : "no",
		         wanted, d->why[p]);
	if (!can && strlen(wanted) > 3 && !strstr(d->why[p], wanted + 3))
		fail_msg("%s: %s: '%s' does not say '%s'", name, platform_name(p), d->why[p],
		         wanted + 3);
}

static void check_expectation(const char *name, const struct doctor *d, const char *text,
                              const char *line)
{
	char word[16];
	const char *rest = line + strcspn(line, " ") + 1;
	enum platform p;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " "), line);
	if (!strcmp(word, "remedy")) {
		if (!strstr(text, rest))
			fail_msg("%s: no '%s' in:\n%s", name, rest, text);
	} else if (!strcmp(word, "silent")) {
		if (strstr(text, rest))
			fail_msg("%s: '%s' in:\n%s", name, rest, text);
	} else {
		assert_int_equal(platform_parse(word, &p, NULL), 0);
		check_mode(name, d, p, rest);
	}
}

/* Where SNP guests can be launched, a run says that its controls are checked against the RMP. */
static void check_controls(const char *name, const struct host_source *source,
                           const struct doctor *d)
{
	struct snp_host snp;

	snp_host_observe_at(source->cpu, source->root, &snp);
	if (d->can[PLATFORM_SNP] && !(snp.known && snp.on))
		fail_msg("%s: SNP is not known to be on: %s", name, snp.how);
}

static void check_host(const char *path)
{
	static struct doctor doctor;
	const struct host_source *source;
	struct recording *recording;
	struct vm_spec spec = {.memory = 1ULL << 30, .vcpus = 1};
	struct err e;
	json_t *json;
	char *text;

	unpack(path);
	assert_true(expectations >= 4);
	assert_int_equal(recording_open(root, &recording, &source, &e), 0);
	doctor_examine(source, &spec, &doctor);
	text = printed(&doctor);
	for (size_t i = 0; i < expectations; i++)
		check_expectation(path, &doctor, text, expected[i]);
	check_controls(path, source, &doctor);
	json = doctor_json(&doctor);
	assert_non_null(json);
	assert_int_equal(json_object_size(json_object_get(json, "modes")), 4);
	assert_int_equal(json_array_size(json_object_get(json, "requirements")), doctor.count);
	json_decref(json);
	free(text);
	recording_close(recording);
	assert_int_equal(tree_remove(root), 0);
}

static void test_recorded_hosts(void **state)
{
	char pattern[] = __FILE__;
	char all[PATH_MAX];
	glob_t found = {0};

	(void)state;
	*strrchr(pattern, '/') = '\0';
	snprintf(all, sizeof(all), "%s/hosts/*.host", pattern);
	assert_int_equal(glob(all, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= HOSTS_MIN);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_host(found.gl_pathv[i]);
	globfree(&found);
}

/* What was not recorded of the firmware is not known, and no refusal. */
static void test_half_an_answer_of_the_firmware(void **state)
{
	static struct doctor doctor;
	struct vm_spec spec = {.memory = 1ULL << 30, .vcpus = 1};
	const struct host_source *source;
	struct recording *recording;
	char path[] = __FILE__, host[PATH_MAX];
	FILE *file;
	char *text;
	struct err e;

	(void)state;
	*strrchr(path, '/') = '\0';
	snprintf(host, sizeof(host), "%s/hosts/milan-snp.host", path);
	unpack(host);
	file = tree_create(root, "recorded/firmware");
	fputs("snp error 22\n", file);
	fclose(file);
	assert_int_equal(recording_open(root, &recording, &source, &e), 0);
	doctor_examine(source, &spec, &doctor);
	text = printed(&doctor);
	assert_null(strstr(text, "does not answer"));
	assert_true(doctor.can[PLATFORM_SEV]);
	free(text);
	recording_close(recording);
	assert_int_equal(tree_remove(root), 0);
}

static void test_no_recording(void **state)
{
	const struct host_source *source;
	struct recording *recording;
	struct err e;

	(void)state;
	assert_int_equal(recording_open("/proc", &recording, &source, &e), -EINVAL);
	assert_says(e, "/proc holds no recorded host");
	assert_null(recording);
}

/* Every field once, against a leaf whose fields all differ. */
static void test_leaf(void **state)
{
	static const uint32_t regs[4] = {0x0101fd3f, 0x00004173, 0x000001fd, 0x00000064};
	static const struct {
		const char *key;
		uint32_t value;
	} some[] = {{"sme", 1},
	            {"sev", 1},
	            {"sev_es", 1},
	            {"sev_snp", 1},
	            {"rmpquery", 0},
	            {"vmpl_sss", 0},
	            {"secure_tsc", 1},
	            {"virtual_tsc_aux", 0},
	            {"vte", 1},
	            {"debug_swap", 1},
	            {"vmsa_protection", 1},
	            {"smt_protection", 0},
	            {"c_bit", 51},
	            {"vmpl_count", 4},
	            {"address_reduction", 5},
	            {"guests", 509},
	            {"min_sev_asid", 100}};
	size_t count;
	const struct sevleaf_field *fields = sevleaf_fields(&count);
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		size_t k = 0;

		while (k < count && strcmp(fields[k].key, some[i].key) != 0)
			k++;
		assert_true(k < count);
		assert_int_equal(sevleaf_value(&fields[k], regs), some[i].value);
	}
	sevleaf_modes(regs, text, sizeof(text));
	assert_string_equal(text, "SME, SEV, SEV-ES, SEV-SNP");
	sevleaf_modes((const uint32_t[4]){0}, text, sizeof(text));
	assert_string_equal(text, "none");
}

/* This machine, whatever it is: every row has a finding, and a refusal has a reason. */
static void test_this_machine(void **state)
{
	static struct doctor doctor;
	struct vm_spec spec = {.memory = 256ULL << 20, .vcpus = 1};

	(void)state;
	doctor_examine(&host_here, &spec, &doctor);
	assert_true(doctor.count <= DOCTOR_ROWS_MAX);
	for (size_t i = 0; i < doctor.count; i++) {
		assert_true(doctor.findings[i].found[0] != '\0');
		for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++) {
			if (doctor.findings[i].verdict[p] >= VERDICT_WARN)
				assert_true(doctor.findings[i].reason[p][0] != '\0');
		}
	}
	for (int p = PLATFORM_NOSEV; p < PLATFORM_LAUNCH_END; p++)
		assert_true(doctor.can[p] || doctor.why[p][0] != '\0');
	free(printed(&doctor));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_recorded_hosts),
	        cmocka_unit_test(test_half_an_answer_of_the_firmware),
	        cmocka_unit_test(test_no_recording),
	        cmocka_unit_test(test_leaf),
	        cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
