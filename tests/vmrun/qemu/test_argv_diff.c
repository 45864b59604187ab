/* SPDX-License-Identifier: MIT */
/* The guests differ in SEV alone: every difference of every pair, on every kind of QEMU. */
#include "vmrun/qemu/argv_diff.h"

#include <errno.h>

#include "tests/cmocka.h"

#define OBJECTS_7_2 "  memory-backend-memfd\n  sev-guest\n"
#define OBJECTS_9_1 OBJECTS_7_2 "  sev-snp-guest\n"
#define OBJECTS_AMD OBJECTS_9_1 "  memory-backend-memfd-private\n"

static const char *const dialects[] = {OBJECTS_7_2, OBJECTS_9_1, OBJECTS_AMD};

static struct argv_plan plan_of(struct qemu *qemu, const char *objects, enum platform platform)
{
	*qemu = (struct qemu){.path = "/usr/bin/qemu-system-x86_64",
	                      .major = 10,
	                      .dialect = dialect_choose(objects)};
	return (struct argv_plan){.qemu = qemu,
	                          .platform = platform,
	                          .accel = ACCEL_KVM,
	                          .firmware = "/usr/share/ovmf/OVMF.fd",
	                          .kernel = "/boot/vmlinuz",
	                          .cpu_model = "host",
	                          .append = "x=1,y",
	                          .memory = 1ULL << 30,
	                          .backing = MEM_4K,
	                          .vcpus = 2,
	                          .node = 1,
	                          .cbit = 51,
	                          .legacy_type = true,
	                          .directory = "/tmp/a,b"};
}

/* Compare the command lines of two plans; 0, or what argv_build says. */
static int compare(const struct argv_plan plan[2], struct argv_diff *diff)
{
	const enum platform platform[2] = {plan[0].platform, plan[1].platform};
	char **argv[2] = {NULL, NULL};
	struct err e;
	int rc = argv_build(&plan[0], &argv[0], &e);

	if (!rc)
		rc = argv_build(&plan[1], &argv[1], &e);
	if (!rc)
		rc = argv_diff((char *const *const[]){argv[0], argv[1]}, platform, diff, &e);
	argv_free(argv[0]);
	argv_free(argv[1]);
	return rc;
}

static const struct argv_difference *find(const struct argv_diff *diff, const char *where)
{
	for (size_t i = 0; i < diff->count; i++) {
		if (!strcmp(diff->differences[i].where, where))
			return &diff->differences[i];
	}
	return NULL;
}

/* What SEV alone may change: the object of SEV, what ties it in, and SNP's kind of memory. */
static bool is_sev(const char *where)
{
	return !strncmp(where, "-object sev0", 12) ||
	       !strcmp(where, "-machine confidential-guest-support") ||
	       !strcmp(where, "-machine kvm-type") || !strncmp(where, "-object ram1", 12);
}

/* 1: compared and matched; 0: this QEMU cannot have one of the two. */
static unsigned check_pair(const char *objects, enum platform left, enum platform right,
                           enum mem_pages backing)
{
	struct qemu qemu[2];
	struct argv_plan plan[2] = {plan_of(&qemu[0], objects, left),
	                            plan_of(&qemu[1], objects, right)};
	struct argv_diff diff = {0};
	int rc;

	plan[0].backing = plan[1].backing = backing;
	rc = compare(plan, &diff);
	if (rc == -ENOTSUP)
		return 0;
	assert_int_equal(rc, 0);
	for (size_t i = 0; i < diff.count; i++) {
		if (!diff.differences[i].reason || !is_sev(diff.differences[i].where))
			fail_msg("%s differs between %s and %s", diff.differences[i].where,
			         platform_name(left), platform_name(right));
	}
	assert_int_equal(diff.unexplained, 0);
	assert_int_equal(diff.count == 0, left == right);
	assert_true(diff.same > 30);
	argv_diff_free(&diff);
	return 1;
}

static void test_every_difference_has_a_reason(void **state)
{
	static const enum mem_pages backings[] = {MEM_4K, MEM_THP, MEM_2M};
	unsigned compared = 0;

	(void)state;
	for (size_t d = 0; d < sizeof(dialects) / sizeof(dialects[0]); d++) {
		for (int left = PLATFORM_NOSEV; left < PLATFORM_LAUNCH_END; left++) {
			for (int right = PLATFORM_NOSEV; right < PLATFORM_LAUNCH_END; right++) {
				for (size_t b = 0; b < 3; b++)
					compared += check_pair(dialects[d], (enum platform)left,
					                       (enum platform)right, backings[b]);
			}
		}
	}
	/* QEMU 7.2 has no snp: 9 pairs there, 16 on each of the others, on three backings. */
	assert_int_equal(compared, 3 * (9 + 16 + 16));
}

static void test_what_differs(void **state)
{
	struct qemu qemu[2];
	struct argv_plan plan[2] = {plan_of(&qemu[0], OBJECTS_AMD, PLATFORM_NOSEV),
	                            plan_of(&qemu[1], OBJECTS_AMD, PLATFORM_SNP)};
	const struct argv_difference *one;
	struct argv_diff diff = {0};

	(void)state;
	assert_int_equal(compare(plan, &diff), 0);
	one = find(&diff, "-machine confidential-guest-support");
	assert_non_null(one);
	assert_null(one->value[0]);
	assert_string_equal(one->value[1], "sev0");
	one = find(&diff, "-object ram1");
	assert_non_null(one);
	assert_string_equal(one->value[0], "memory-backend-memfd");
	assert_string_equal(one->value[1], "memory-backend-memfd-private");
	assert_non_null(find(&diff, "-object sev0 discard"));
	assert_non_null(find(&diff, "-machine kvm-type"));
	argv_diff_free(&diff);

	plan[0] = plan_of(&qemu[0], OBJECTS_9_1, PLATFORM_SEV);
	plan[1] = plan_of(&qemu[1], OBJECTS_9_1, PLATFORM_SEV_ES);
	assert_int_equal(compare(plan, &diff), 0);
	assert_int_equal(diff.count, 1);
	assert_string_equal(diff.differences[0].where, "-object sev0 policy");
	assert_string_equal(diff.differences[0].value[0], "0x1");
	assert_string_equal(diff.differences[0].value[1], "0x5");
	argv_diff_free(&diff);
}

/* Whatever else differs is found, and nothing excuses it. */
static void test_other_differences(void **state)
{
	static const char *const where[] = {"-smp", "-m", "-cpu", "-bios", "-append", "-accel"};

	(void)state;
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		struct qemu qemu[2];
		struct argv_plan plan[2] = {plan_of(&qemu[0], OBJECTS_9_1, PLATFORM_SNP),
		                            plan_of(&qemu[1], OBJECTS_9_1, PLATFORM_NOSEV)};
		const struct argv_difference *one;
		struct argv_diff diff = {0};

		plan[1].vcpus += i == 0;
		plan[1].memory *= i == 1 ? 2 : 1;
		plan[1].cpu_model = i == 2 ? "EPYC" : "host";
		plan[1].firmware = i == 3 ? NULL : plan[1].firmware;
		plan[1].append = i == 4 ? "x=1,z" : plan[1].append;
		plan[1].accel = i == 5 ? ACCEL_TCG : ACCEL_KVM;
		assert_int_equal(compare(plan, &diff), 0);
		one = find(&diff, where[i]);
		if (!one)
			fail_msg("%s is not told apart", where[i]);
		else
			assert_null(one->reason);
		assert_true(diff.unexplained >= 1);
		argv_diff_free(&diff);
	}
}

/* SNP's reason for its memory is none for sev. */
static void test_reasons_are_of_their_platforms(void **state)
{
	(void)state;
	assert_null(argv_reason("-object ram1 prealloc",
	                        (enum platform[]){PLATFORM_NOSEV, PLATFORM_SEV}));
	assert_non_null(argv_reason("-object ram1 prealloc",
	                            (enum platform[]){PLATFORM_SNP, PLATFORM_SEV}));
	assert_null(argv_reason("-smp", (enum platform[]){PLATFORM_NOSEV, PLATFORM_SNP}));
	assert_null(argv_reason("-object sev0 policy",
	                        (enum platform[]){PLATFORM_NOSEV, PLATFORM_NOSEV}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_difference_has_a_reason),
	        cmocka_unit_test(test_what_differs),
	        cmocka_unit_test(test_other_differences),
	        cmocka_unit_test(test_reasons_are_of_their_platforms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
