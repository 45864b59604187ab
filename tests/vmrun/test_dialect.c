/* SPDX-License-Identifier: MIT */
/* Real QEMUs: the system's, and those of `make setup-qemu` where they are unpacked. */
#include "vmrun/qemu/dialect.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "vmrun/host/requirement.h"
#include "vmrun/launch/plan_resolve.h"
#include "vmrun/launch/private.h"
#include "vmrun/qemu/argv.h"
#include "vmrun/qemu/explain.h"
#include "vmrun/system/home.h"
#include "vmrun/system/process.h"

#define QEMU_SECONDS 30.0

static void test_system_qemu(void **state)
{
	struct qemu qemu;
	struct err e;

	(void)state;
	if (dialect_probe("qemu-system-x86_64", &qemu, &e))
		skip_because("%s", e.text);
	assert_int_equal(qemu.path[0], '/');
	assert_true(qemu.major >= 7);
	assert_non_null(strstr(qemu.version, "QEMU emulator version"));
	assert_null(strchr(qemu.version, '\n'));
}

/* As 7.2, and 10.0, print it. */
static void test_models(void **state)
{
	static const char old[] = "Available CPUs:\nx86 486                   (alias configured)\n"
	                          "x86 EPYC-Milan-v1         AMD EPYC-Milan Processor\nx86 max\n\n"
	                          "Recognized CPUID flags:\n  3dnow 3dnowext\n";
	static const char newer[] = "Available CPUs:\n  486                   (alias configured)\n"
	                            "  EPYC-Milan-v1         AMD EPYC-Milan Processor\n  max\n\n"
	                            "Recognized CPUID flags:\n  3dnow 3dnowext\n";

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *help = i ? newer : old;

		assert_true(dialect_has_model(help, "486"));
		assert_true(dialect_has_model(help, "EPYC-Milan-v1,+topoext"));
		assert_true(dialect_has_model(help, "max"));
		assert_false(dialect_has_model(help, "EPYC-Milan"));
		assert_false(dialect_has_model(help, "3dnow"));
		assert_false(dialect_has_model(help, "nosuch"));
		assert_false(dialect_has_model(help, ""));
	}
	assert_true(dialect_has_model("  memory-backend-memfd\n", "anything"));
}

static void test_what_is_no_qemu(void **state)
{
	struct qemu qemu;
	struct err e;

	(void)state;
	assert_int_equal(dialect_probe("no-such-qemu", &qemu, &e), -ENOENT);
	assert_says(e, "apt-get install qemu-system-x86");
	assert_int_equal(dialect_probe("/bin/echo", &qemu, &e), -EINVAL);
	assert_says(e, "/bin/echo is not a QEMU system emulator");
	assert_true(dialect_probe("/bin/false", &qemu, &e) < 0);
	assert_says(e, "exited with status 1");
}

/*
 * The command line of an encrypted guest gets past QEMU's option parsing, and fails for want of SEV
 * alone, with a text that has an explanation.
 */
static void refuses_for_want_of_sev(const struct qemu *qemu, enum platform platform)
{
	struct vm_spec spec = {.platform = platform,
	                       .accel = ACCEL_KVM,
	                       .qemu = qemu->path,
	                       .memory = 256U << 20,
	                       .vcpus = 1};
	struct private_dir dir;
	struct plan plan;
	char **argv, *text, sentence[2048], initramfs[PATH_MAX + 32];
	struct err e;
	int rc = plan_resolve_find(&spec, &host_here, &plan, &e);

	if (rc)
		fail_msg("%s %s: %s", qemu->version, platform_name(platform), e.text);
	assert_int_equal(private_make(&dir, &e), 0);
	snprintf(initramfs, sizeof(initramfs), "%s/%s", dir.path, ARGV_INITRAMFS);
	close(open(initramfs, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	plan.argv.directory = dir.path;
	assert_int_equal(argv_build(&plan.argv, &argv, &e), 0);
	rc = process_capture(argv, QEMU_SECONDS, &text, &e);
	argv_free(argv);
	private_remove(&dir);
	if (rc != -EIO)
		fail_msg("%s %s did not refuse: %s", qemu->version, platform_name(platform),
		         rc ? e.text : text);
	if (strstr(e.text, "deprecated"))
		fail_msg("%s %s: %s", qemu->version, platform_name(platform), e.text);
	explain_qemu(e.text, sentence, sizeof(sentence));
	if (!strstr(sentence, "QEMU says: "))
		fail_msg("%s %s has no explanation: %s", qemu->version, platform_name(platform),
		         e.text);
}

/* What is added for a KVM without types is among what these take: they get to the next option. */
static void takes_the_legacy_type(const struct qemu *qemu)
{
	char object[128], option[] = "-object", nonsense[] = "nonsense,id=x", *text = NULL;
	char *argv[] = {(char *)qemu->path, option, object, option, nonsense, NULL};
	struct err e = {""};

	snprintf(object, sizeof(object), "%s,id=sev0,cbitpos=51,reduced-phys-bits=1%s",
	         qemu->dialect->sev_object, qemu->dialect->sev_legacy);
	assert_int_equal(process_capture(argv, QEMU_SECONDS, &text, &e), -EIO);
	free(text);
	if (!strstr(e.text, "'nonsense'") || strstr(e.text, "legacy"))
		fail_msg("%s: %s", qemu->version, e.text);
}

static void check_modes(const char *path)
{
	struct qemu qemu;
	struct err e;

	if (requirement_allow(&host_here, PLATFORM_SEV, NULL) == 0)
		skip_because("this host has SEV: there is nothing to refuse");
	if (access("/dev/kvm", R_OK | W_OK) != 0)
		skip_because("no /dev/kvm: QEMU gives up before it looks at SEV");
	if (dialect_probe(path, &qemu, &e))
		skip_because("%s", e.text);
	for (int p = PLATFORM_SEV; p < PLATFORM_LAUNCH_END; p++) {
		if (p != PLATFORM_SNP || qemu.dialect->snp_object)
			refuses_for_want_of_sev(&qemu, (enum platform)p);
	}
}

static void test_modes_system(void **state)
{
	(void)state;
	check_modes("qemu-system-x86_64");
}

static void check_unpacked(const char *relative, unsigned major)
{
	char path[PATH_MAX];
	struct qemu qemu;
	struct err e;

	if (home_find(relative, path, &e))
		skip_because("%s: make setup-qemu unpacks it", e.text);
	assert_int_equal(dialect_probe(path, &qemu, &e), 0);
	assert_int_equal(qemu.major, major);
	assert_string_equal(qemu.dialect->snp_object, "sev-snp-guest");
	assert_string_equal(qemu.dialect->snp_memory, "memory-backend-memfd,share=on");
	check_modes(path);
}

static void test_modes_10(void **state)
{
	(void)state;
	check_unpacked("qemu-10/qemu-system-x86_64", 10);
}

static void test_modes_11(void **state)
{
	(void)state;
	check_unpacked("qemu-11/qemu-system-x86_64", 11);
}

static void test_legacy_types(void **state)
{
	static const char *const relative[] = {"qemu-10/qemu-system-x86_64",
	                                       "qemu-11/qemu-system-x86_64"};
	struct err e = {""};
	unsigned tried = 0;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char path[PATH_MAX];
		struct qemu qemu;

		if (home_find(relative[i], path, &e))
			continue;
		assert_int_equal(dialect_probe(path, &qemu, &e), 0);
		takes_the_legacy_type(&qemu);
		tried++;
	}
	if (!tried)
		skip_because("%s: make setup-qemu unpacks it", e.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_system_qemu),     cmocka_unit_test(test_models),
	        cmocka_unit_test(test_what_is_no_qemu), cmocka_unit_test(test_modes_system),
	        cmocka_unit_test(test_modes_10),        cmocka_unit_test(test_modes_11),
	        cmocka_unit_test(test_legacy_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
