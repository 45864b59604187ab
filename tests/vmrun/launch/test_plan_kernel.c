/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_kernel.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/vmrun/launch/planned.h"
#include "vmrun/system/home.h"

static void test_kernel_and_modules(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	char path[128];
	struct err e;

	(void)state;
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), 0);
	assert_string_equal(plan.release, "6.12.1-test");
	snprintf(path, sizeof(path), "%s/lib/modules/6.12.1-test", root);
	assert_string_equal(plan.modules, path);
	/* Elsewhere there are none, which is no error: all may be built in. */
	bzimage_make(root, "bzImage", "6.13");
	snprintf(path, sizeof(path), "%s/bzImage", root);
	spec.kernel = path;
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), 0);
	assert_string_equal(plan.modules, "");
	/* One that lies among its modules has those. */
	snprintf(path, sizeof(path), "lib/modules/%s/vmlinuz", "6.12.1-test");
	bzimage_make(root, path, "6.12.1-test");
	snprintf(path, sizeof(path), "%s/lib/modules/6.12.1-test/vmlinuz", root);
	spec.kernel = path;
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), 0);
	*strrchr(path, '/') = '\0';
	assert_string_equal(plan.modules, path);
	*strchr(path, '\0') = '/';
	spec.modules = "/no/such";
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), -EINVAL);
}

static void test_truncated_kernel(void **state)
{
	struct vm_spec spec = plain();
	static struct plan plan;
	struct err e;

	(void)state;
	assert_int_equal(truncate(kernel, 0x208), 0);
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), -EINVAL);
	assert_says(e, "not a bzImage");
	assert_int_equal(truncate(kernel, 0), 0);
	assert_int_equal(plan_kernel_find(&spec, &plan, &e), -EINVAL);
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
	rc = plan_kernel_find(&spec, &plan, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(rc, -EMFILE);
	assert_non_null(strstr(e.text, "cannot read "));
	assert_non_null(strstr(e.text, strerror(EMFILE)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_kernel_and_modules),
	        t(test_truncated_kernel),
	        t(test_default_kernel_without_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
