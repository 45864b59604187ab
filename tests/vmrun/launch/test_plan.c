/* SPDX-License-Identifier: MIT */
/* What is found and decided before a launch, on this machine and on a made-up one. */
#include "vmrun/launch/plan.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/cmocka.h"
#include "tests/skip.h"
#include "tests/vmrun/bzimage.h"
#include "vmrun/system/home.h"

static char root[] = "/tmp/test_plan-XXXXXX";

static char kernel[128];
static struct host_recording recorded;
static struct host_source host;

static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_plan-XXXXXX");
	assert_non_null(mkdtemp(root));
	bzimage_make(root, "boot/vmlinuz-6.12.1-test", "6.12.1-test");
	fclose(tree_create(root, "lib/modules/6.12.1-test/modules.dep"));
	snprintf(kernel, sizeof(kernel), "%s/boot/vmlinuz-6.12.1-test", root);
	recorded = (struct host_recording){.kvm = {.works = true, .speed = 3e9, .vm_types = 1}};
	host = (struct host_source){.root = root, .cpu = &cpu_here, .recorded = &recorded};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(root);
}

static struct vm_spec plain(void)
{
	return (struct vm_spec){.platform = PLATFORM_NOSEV,
	                        .firmware = "default",
	                        .kernel = kernel,
	                        .memory = 128ULL << 20,
	                        .vcpus = 1};
}

static void test_kernel_and_modules(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	char path[128];
	struct err e;

	(void)state;
	assert_int_equal(plan_find_kernel(&spec, &plan, &e), 0);
	assert_string_equal(plan.release, "6.12.1-test");
	snprintf(path, sizeof(path), "%s/lib/modules/6.12.1-test", root);
	assert_string_equal(plan.modules, path);
	/* Elsewhere there are none, which is no error: all may be built in. */
	bzimage_make(root, "bzImage", "6.13");
	snprintf(path, sizeof(path), "%s/bzImage", root);
	spec.kernel = path;
	assert_int_equal(plan_find_kernel(&spec, &plan, &e), 0);
	assert_string_equal(plan.modules, "");
	spec.modules = "/no/such";
	assert_int_equal(plan_find_kernel(&spec, &plan, &e), -EINVAL);
}

static void test_truncated_kernel(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(truncate(kernel, 0x208), 0);
	assert_int_equal(plan_find_kernel(&spec, &plan, &e), -EINVAL);
	assert_says(e, "not a bzImage");
	assert_int_equal(truncate(kernel, 0), 0);
	assert_int_equal(plan_find_kernel(&spec, &plan, &e), -EINVAL);
}

static int resolve(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	int rc = plan_resolve(spec, &host, plan, e);

	if (rc && strstr(e->text, "QEMU is missing"))
		skip_because("%s", e->text);
	return rc;
}

/* No folder can be read: which is not the same as that there is no kernel in it. */
static void test_default_kernel_without_descriptors(void **state)
{
	struct vm_spec spec = plain();
	struct rlimit before, none;
	static struct plan plan;
	char boot[PATH_MAX];
	struct err e;
	int rc;

	(void)state;
	if (home_find("guest/boot", boot, &e))
		skip_because("no guest kernel here: run make setup");
	spec.kernel = NULL;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = plan_find_kernel(&spec, &plan, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(rc, -EMFILE);
	assert_non_null(strstr(e.text, "cannot read "));
	assert_non_null(strstr(e.text, strerror(EMFILE)));
}

static void test_accelerator(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(plan.argv.accel, ACCEL_KVM);
	assert_string_equal(plan.argv.cpu_model, "host");
	assert_null(plan.argv.firmware);

	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(plan.argv.accel, ACCEL_TCG);
	assert_string_equal(plan.argv.cpu_model, "max");
	assert_string_equal(plan.accel_why, "it only emulates");
	assert_true(plan.boot_seconds > 0);

	spec.accel = ACCEL_KVM;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_string_equal(e.text, "it only emulates");
	spec.accel = ACCEL_UNKNOWN;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
}

static void test_cpus_are_split(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	cpu_set_t allowed;
	struct err e;

	(void)state;
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	assert_int_equal(plan.apart, CPU_COUNT(&allowed) > 1);
	assert_int_equal(CPU_ISSET(plan.place.cpu[0], &plan.others), !plan.apart);
	assert_int_equal(CPU_COUNT(&plan.others), CPU_COUNT(&allowed) - plan.apart);
	spec.vcpus = (unsigned)CPU_COUNT(&allowed);
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	assert_false(plan.apart);
	assert_true(CPU_EQUAL(&plan.others, &allowed));
	spec.vcpus = 256;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
}

static void test_cpus_of_several_guests(void **state)
{
	struct vm_spec spec = plain();
	static struct plan one, other;
	cpu_set_t allowed;
	struct err e;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
	spec.guests = (unsigned)CPU_COUNT(&allowed) + 1;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	spec.guests = VM_GUESTS_MAX + 1;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	spec.guests = 2;
	spec.memory = 1ULL << 50;
	assert_int_equal(resolve(&spec, &one, &e), -EINVAL);
	assert_non_null(strstr(e.text, "2 times guest memory"));
	spec.memory = 128ULL << 20;
	if (CPU_COUNT(&allowed) < 2)
		skip_because("two guests need two CPUs");
	assert_int_equal(resolve(&spec, &one, &e), 0);
	spec.guest = 1;
	assert_int_equal(resolve(&spec, &other, &e), 0);
	assert_int_equal(other.place.count, 1);
	assert_int_not_equal(one.place.cpu[0], other.place.cpu[0]);
	assert_true(CPU_EQUAL(&one.others, &other.others));
	assert_int_equal(one.apart, CPU_COUNT(&allowed) > 2);
	assert_true(!one.apart || !CPU_ISSET(other.place.cpu[0], &one.others));
}

static void put(const char *path, const char *text)
{
	FILE *file = tree_create(root, path);

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_huge_pages(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	spec.backing = MEM_2M;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "no huge pages of 2M");
	put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "63\n");
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "128M is more than the 126M of free huge pages");
	put("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "64\n");
	assert_int_equal(resolve(&spec, &plan, &e), 0);
	spec.backing = MEM_1G;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);

	spec.backing = MEM_THP;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	put("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_says(e, "echo madvise >");
	put("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	assert_int_equal(resolve(&spec, &plan, &e), 0);
}

/* The host's inability is a weightier reason than QEMU's. */
static void test_encrypted_on_a_host_that_cannot(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	recorded.kvm = (struct kvmprobe){.reason = "it only emulates"};
	spec.platform = PLATFORM_SNP;
	assert_int_equal(resolve(&spec, &plan, &e), -EINVAL);
	assert_says(e, "needs OVMF");
	spec.firmware = kernel; /* any file: nobody looks into it here */
	spec.memory = 256ULL << 20;
	assert_int_equal(resolve(&spec, &plan, &e), -ENOTSUP);
	assert_null(strstr(e.text, "sev-snp-guest"));
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_kernel_and_modules),
	        t(test_truncated_kernel),
	        t(test_default_kernel_without_descriptors),
	        t(test_accelerator),
	        t(test_cpus_are_split),
	        t(test_cpus_of_several_guests),
	        t(test_huge_pages),
	        t(test_encrypted_on_a_host_that_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
