/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vmrun/launch/plan_file.h"
#include "vmrun/launch/plan_running.h"
#include "vmrun/system/home.h"

/*
 * The release stands in the header of every bzImage: offset 0x202 has "HdrS", the 16 bits at 0x20e
 * point at the text, less 0x200 (Linux, Documentation/arch/x86/boot.rst).
 */
static int read_release(struct plan *plan, struct err *e)
{
	unsigned char header[0x210];
	char text[sizeof(plan->release)] = "";
	int fd = open(plan->kernel, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && pread(fd, header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
	            memcmp(header + 0x202, "HdrS", 4) == 0;

	if (good) {
		off_t at = (header[0x20e] | header[0x20f] << 8) + 0x200;

		good = at > 0x200 && pread(fd, text, sizeof(text) - 1, at) > 0;
	}
	if (fd >= 0)
		close(fd);
	if (!good)
		return err_set(e, EINVAL, "guest kernel %s is not a bzImage of Linux",
		               plan->kernel);
	snprintf(plan->release, sizeof(plan->release), "%.*s", (int)strcspn(text, " "), text);
	return 0;
}

/* The last of them by version: 6.12 comes behind 6.9. */
static const char *newest(const glob_t *found)
{
	const char *path = found->gl_pathv[0];

	for (size_t i = 1; i < found->gl_pathc; i++)
		if (strverscmp(found->gl_pathv[i], path) > 0)
			path = found->gl_pathv[i];
	return path;
}

/* The newest vmlinuz that `make setup` unpacked. */
static int default_kernel(char path[PATH_MAX], struct err *e)
{
	char boot[PATH_MAX - 16], pattern[PATH_MAX];
	glob_t found = {0};
	int rc = home_find("guest/boot", pattern, e);

	if (rc)
		return err_set(e, ENOTSUP,
		               "no guest kernel: run 'make setup', or name one (--guest-kernel)");
	snprintf(boot, sizeof(boot), "%.*s", (int)sizeof(boot) - 1, pattern);
	snprintf(pattern, sizeof(pattern), "%s/vmlinuz-*", boot);
	rc = glob(pattern, GLOB_ERR, NULL, &found);
	if (rc == GLOB_ABORTED)
		rc = err_errno(e, "cannot read %s", boot);
	else if (rc || found.gl_pathc == 0)
		rc = err_set(
		        e, ENOTSUP,
		        "no guest kernel in %s: run 'make setup', or name one (--guest-kernel)",
		        boot);
	else
		snprintf(path, PATH_MAX, "%s", newest(&found));
	globfree(&found);
	return rc;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of modules that a kernel lies in, as /lib/modules/R/vmlinuz does. */
static bool is_among_modules(const struct plan *plan, int folder)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%.*s/modules.dep", folder, plan->kernel);
	return access(path, R_OK) == 0;
}

/* /x/boot/vmlinuz-R has its modules in /x/lib/modules/R, unless it lies among them; a kernel
 * without any has all built in. */
static int find_modules(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	char path[PATH_MAX];
	const char *slash = strrchr(plan->kernel, '/');

	if (spec->modules) {
		if (!is_directory(spec->modules) || !realpath(spec->modules, plan->modules))
			return err_set(e, EINVAL, "no directory of guest kernel modules at %s",
			               spec->modules);
		snprintf(path, sizeof(path), "%.4000s/modules.dep.bin", plan->modules);
		if (access(path, R_OK))
			return err_set(e, EINVAL,
			               "%s holds no guest kernel modules, for it has no readable "
			               "modules.dep.bin: name the /lib/modules/<release> of the "
			               "guest kernel",
			               spec->modules);
		return 0;
	}
	if (is_among_modules(plan, (int)(slash - plan->kernel)))
		snprintf(path, sizeof(path), "%.*s", (int)(slash - plan->kernel), plan->kernel);
	else
		snprintf(path, sizeof(path), "%.*s/../lib/modules/%s", (int)(slash - plan->kernel),
		         plan->kernel, plan->release);
	if (!realpath(path, plan->modules))
		plan->modules[0] = '\0';
	return 0;
}

/* `make module` leaves the guest kernel module where the release says; a guest can do without. */
static void find_sevbench(struct plan *plan)
{
	char relative[sizeof(plan->release) + 32];

	snprintf(relative, sizeof(relative), "module/%s/sevbench.ko", plan->release);
	if (!plan->modules[0] || home_find(relative, plan->sevbench, NULL))
		plan->sevbench[0] = '\0';
}

/* The path of the one that was asked for. */
static int choose(const struct vm_spec *spec, char path[PATH_MAX], struct err *e)
{
	struct utsname running;

	if (!spec->kernel)
		return default_kernel(path, e);
	if (!strcmp(spec->kernel, "auto")) {
		uname(&running);
		return plan_running_find("", running.release, spec->platform, path, e);
	}
	if (snprintf(path, PATH_MAX, "%s", spec->kernel) >= PATH_MAX)
		return err_set(e, EINVAL, "guest kernel %s: %s", spec->kernel,
		               strerror(ENAMETOOLONG));
	return 0;
}

int plan_kernel_find(const struct vm_spec *spec, struct plan *plan, struct err *e)
{
	char path[PATH_MAX];
	int rc = choose(spec, path, e);

	if (!rc)
		rc = plan_file_find("guest kernel", path, plan->kernel, e);
	if (!rc)
		rc = read_release(plan, e);
	if (!rc)
		rc = find_modules(spec, plan, e);
	if (rc)
		return rc;
	find_sevbench(plan);
	plan->argv.kernel = plan->kernel;
	plan->argv.append = spec->append;
	return 0;
}
