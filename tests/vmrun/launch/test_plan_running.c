/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_running.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cmocka.h"

#include "tests/tree.h"

#define RELEASE "6.12.9-test"
#define CONFIG                                                                                     \
	"# a comment\nCONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_SERIAL_8250_CONSOLE=y\n"  \
	"CONFIG_VIRTIO_PCI=m\nCONFIG_VIRTIO_CONSOLE=y\nCONFIG_X86_MSR=m\n"

static char root[64], image[PATH_MAX];

static void put(const char *path, const char *text)
{
	FILE *file = tree_create(root, path);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* A machine as Debian is one. */
static int setup(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/running-XXXXXX");
	assert_non_null(mkdtemp(root));
	put("boot/vmlinuz-" RELEASE, "image");
	put("boot/config-" RELEASE, CONFIG "CONFIG_AMD_MEM_ENCRYPT=y\n");
	put("lib/modules/" RELEASE "/modules.dep", "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return tree_remove(root);
}

static void forget(const char *path)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(unlink(full), 0);
}

static void image_is(const char *path)
{
	char full[PATH_MAX];
	struct err e = {""};

	if (plan_running_find(root, RELEASE, PLATFORM_SNP, image, &e))
		fail_msg("%s", e.text);
	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_string_equal(image, full);
}

static void refused(enum platform platform, const char *why)
{
	struct err e = {""};

	assert_int_equal(plan_running_find(root, RELEASE, platform, image, &e), -EINVAL);
	assert_says(e, why);
}

static void test_in_boot(void **state)
{
	(void)state;
	image_is("boot/vmlinuz-" RELEASE);
}

static void test_among_modules(void **state)
{
	(void)state;
	forget("boot/vmlinuz-" RELEASE);
	forget("boot/config-" RELEASE);
	put("lib/modules/" RELEASE "/vmlinuz", "image");
	put("lib/modules/" RELEASE "/config", CONFIG "CONFIG_AMD_MEM_ENCRYPT=y\n");
	image_is("lib/modules/" RELEASE "/vmlinuz");
}

static void test_what_is_missing_is_said(void **state)
{
	(void)state;
	forget("lib/modules/" RELEASE "/modules.dep");
	refused(PLATFORM_NOSEV, "the modules of the running Linux are gone");
	put("lib/modules/" RELEASE "/modules.dep", "");
	forget("boot/config-" RELEASE);
	refused(PLATFORM_NOSEV, "was built with cannot be read");
	forget("boot/vmlinuz-" RELEASE);
	refused(PLATFORM_NOSEV, "no image of the running Linux " RELEASE);
}

/* Ubuntu's are readable for root alone; who is root asks as another. */
static void test_unreadable(void **state)
{
	char full[PATH_MAX];
	int status;
	pid_t child;

	(void)state;
	snprintf(full, sizeof(full), "%s/boot/vmlinuz-%s", root, RELEASE);
	assert_int_equal(chmod(full, 0), 0);
	assert_int_equal(chmod(root, 0755), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct err e = {""};

		if (geteuid() == 0 && setresuid(65534, 65534, 65534))
			_exit(2);
		_exit(plan_running_find(root, RELEASE, PLATFORM_NOSEV, image, &e) != -EINVAL ||
		      !strstr(e.text, "run this as root"));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_configuration(void **state)
{
	struct err e = {""};

	(void)state;
	/* What only an encrypted guest needs a plain one may lack. */
	put("boot/config-" RELEASE, CONFIG);
	refused(PLATFORM_SEV,
	        "without CONFIG_AMD_MEM_ENCRYPT, which a guest needs to run encrypted");
	assert_int_equal(plan_running_find(root, RELEASE, PLATFORM_NOSEV, image, &e), 0);
	/* An initramfs has to be understood before a module could be. */
	put("boot/config-" RELEASE,
	    "\nCONFIG_BLK_DEV_INITRD=m\nCONFIG_DEVTMPFS=y\nCONFIG_SERIAL_8250_CONSOLE=y\n");
	refused(PLATFORM_NOSEV, "without CONFIG_BLK_DEV_INITRD");
	put("boot/config-" RELEASE,
	    "#\nCONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\nCONFIG_SERIAL_8250_CONSOLE=y\n"
	    "# CONFIG_VIRTIO_PCI is not set\n");
	refused(PLATFORM_NOSEV, "without CONFIG_VIRTIO_PCI");
}

#define t(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        t(test_in_boot),    t(test_among_modules), t(test_what_is_missing_is_said),
	        t(test_unreadable), t(test_configuration),
	};

	return cmocka_run_group_tests_name("plan_running", tests, NULL, NULL);
}
