/* SPDX-License-Identifier: MIT */
/* Guests on the hardware threads of one core: this machine, taken for one whose CPUs 0 and 1 are.
 */
#include "vmrun/launch/plan_model.h"

#include <sched.h>
#include <unistd.h>

#include "tests/skip.h"
#include "tests/vmrun/bzimage.h"
#include "vmrun/launch/plan_resolve.h"

static char root[] = "/tmp/test_plan_model-XXXXXX";
static char kernel[128];

/* The vendor is all that is asked for. */
struct processor {
	struct cpu_source cpu; /* first: the callback gets this */
	const char *vendor;
};

static void answer(const struct cpu_source *source, uint32_t leaf, uint32_t subleaf,
                   uint32_t regs[4])
{
	const struct processor *p = (const void *)source;

	(void)subleaf;
	memset(regs, 0, 4 * sizeof(*regs));
	if (leaf == 0) {
		memcpy(&regs[CPU_EBX], p->vendor, 4);
		memcpy(&regs[CPU_EDX], p->vendor + 4, 4);
		memcpy(&regs[CPU_ECX], p->vendor + 8, 4);
	}
}

static uint64_t no_xcr0(const struct cpu_source *source)
{
	(void)source;
	return 0;
}

/* The plan of a guest of two vCPUs on such a processor. */
static void plan_two(const char *vendor, enum accel accel, const char *model, struct plan *plan)
{
	static struct processor processor;
	static const struct host_recording recorded = {.release = "6.12"};
	static struct host_source host;
	struct vm_spec spec = {.platform = PLATFORM_NOSEV,
	                       .accel = accel,
	                       .firmware = "default",
	                       .kernel = kernel,
	                       .cpu_model = model,
	                       .memory = 128ULL << 20,
	                       .vcpus = 2};
	struct err e;

	processor = (struct processor){{answer, no_xcr0}, vendor};
	host = (struct host_source){.root = root, .cpu = &processor.cpu, .recorded = &recorded};
	if (plan_resolve_find(&spec, &host, plan, &e) == 0)
		return;
	if (strstr(e.text, "QEMU is missing"))
		skip_because("%s", e.text);
	fail_msg("%s", e.text);
}

/* Linux before 6.10 makes sev and sev-es guests, and has no type for them. */
static void test_types(void **state)
{
	static const struct {
		enum platform platform;
		bool works;
		int vm_types;
		bool legacy;
	} rows[] = {
	        {PLATFORM_SEV, true, 0, true},       {PLATFORM_SEV, true, 0x3, true},
	        {PLATFORM_SEV_ES, true, 0x1, true},  {PLATFORM_SEV, true, 0xd, false},
	        {PLATFORM_SEV_ES, true, 0xd, false}, {PLATFORM_SEV_ES, true, 0x5, true},
	        {PLATFORM_SNP, true, 0x1, false},    {PLATFORM_NOSEV, true, 0x1, false},
	        {PLATFORM_SEV, false, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct processor processor = {{answer, no_xcr0}, "AuthenticAMD"};
		const struct host_recording recorded = {
		        .kvm = {.works = rows[i].works, .vm_types = rows[i].vm_types}};
		const struct host_source host = {
		        .root = root, .cpu = &processor.cpu, .recorded = &recorded};
		const struct vm_spec spec = {.platform = rows[i].platform};
		static struct plan plan;

		plan = (struct plan){.argv.accel = ACCEL_KVM};
		plan_model_find(&spec, &host, &plan);
		assert_int_equal(plan.argv.legacy_type, rows[i].legacy);
		plan.argv.accel = ACCEL_TCG;
		plan_model_find(&spec, &host, &plan);
		assert_false(plan.argv.legacy_type);
	}
}

/* QEMU hides an AMD processor's hardware threads unless it is told to show them. */
static void test_siblings(void **state)
{
	static struct plan plan;

	(void)state;
	plan_two("AuthenticAMD", ACCEL_KVM, NULL, &plan);
	assert_int_equal(plan.argv.core_threads, 2);
	assert_true(plan.place.shares_core);
	assert_string_equal(plan.unlike, "");
	assert_string_equal(plan.argv.cpu_model, "host,topoext=on");
	plan_two("AuthenticAMD", ACCEL_KVM, "EPYC-Milan,-topoext", &plan);
	assert_string_equal(plan.argv.cpu_model, "EPYC-Milan,-topoext");
	plan_two("AuthenticAMD", ACCEL_TCG, NULL, &plan);
	assert_int_equal(plan.argv.core_threads, 2);
	assert_string_equal(plan.argv.cpu_model, "max");
	plan_two("GenuineIntel", ACCEL_KVM, NULL, &plan);
	assert_string_equal(plan.argv.cpu_model, "host");
}

static int setup(void **state)
{
	cpu_set_t mask;

	(void)state;
	assert_non_null(mkdtemp(root));
	bzimage_make(root, "vmlinuz", "6.12.1-test");
	snprintf(kernel, sizeof(kernel), "%s/vmlinuz", root);
	CPU_ZERO(&mask);
	CPU_SET(0, &mask);
	CPU_SET(1, &mask);
	setenv("HWLOC_SYNTHETIC", "pack:1 [numa] core:1 pu:2", 1);
	setenv("HWLOC_THISSYSTEM", "1", 1); /* the affinity mask is a real one */
	if (sched_setaffinity(0, sizeof(mask), &mask) != 0 ||
	    sched_getaffinity(0, sizeof(mask), &mask) != 0 || CPU_COUNT(&mask) != 2)
		skip_because("this machine lets no process run on CPUs 0 and 1");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_siblings),
	        cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
