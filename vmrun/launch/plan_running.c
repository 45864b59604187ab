/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_running.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The image, and what CONFIG_ it was built with: Debian, Ubuntu and openSUSE have both in /boot,
 * Fedora, RHEL, Arch and openSUSE's of 2023 on in the folder of modules. */
#define PLACES 2
struct place {
	const char *before, *after; /* the release */
};
static const struct place images[PLACES] = {{"/boot/vmlinuz-", ""}, {"/lib/modules/", "/vmlinuz"}};
static const struct place configs[PLACES] = {{"/boot/config-", ""}, {"/lib/modules/", "/config"}};

/* What a guest needs of its Linux; a module will do where one can be loaded in time. */
static const struct {
	const char *name;
	bool module;
	bool encrypted; /* of an encrypted guest only */
	const char *what;
} needs[] = {
        {"BLK_DEV_INITRD", false, false, "to boot from an initramfs"},
        {"DEVTMPFS", false, false, "to see its devices"},
        {"SERIAL_8250_CONSOLE", false, false, "to say what goes wrong"},
        {"VIRTIO_PCI", true, false, "to bring back results"},
        {"VIRTIO_CONSOLE", true, false, "to bring back results"},
        {"X86_MSR", true, false, "to see its SEV mode"},
        {"AMD_MEM_ENCRYPT", false, true, "to run encrypted"},
};

/* The first of the places where there is something, readable or not. */
static bool find(const struct place places[PLACES], const char *root, const char *release,
                 char path[PATH_MAX])
{
	for (int i = 0; i < PLACES; i++) {
		snprintf(path, PATH_MAX, "%s%s%s%s", root, places[i].before, release,
		         places[i].after);
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

static char *read_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (file && getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

/* Is there a line CONFIG_<name>=y, or =m where that will do? */
static bool has(const char *config, const char *name, bool module)
{
	char line[64];

	snprintf(line, sizeof(line), "\nCONFIG_%s=y\n", name);
	if (strstr(config, line))
		return true;
	line[strlen(line) - 2] = 'm';
	return module && strstr(config, line);
}

static int check_config(const char *root, const char *release, enum platform platform,
                        struct err *e)
{
	char path[PATH_MAX], *config;
	int rc = 0;

	config = find(configs, root, release, path) ? read_text(path) : NULL;
	if (!config)
		return err_set(e, EINVAL,
		               "what the running Linux %s was built with cannot be read (%s): "
		               "name a guest kernel, or run 'make setup'",
		               release, path);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]) && !rc; i++) {
		if ((needs[i].encrypted && platform == PLATFORM_NOSEV) ||
		    has(config, needs[i].name, needs[i].module))
			continue;
		rc = err_set(e, EINVAL,
		             "the running Linux %s cannot be the guest's: it was built without "
		             "CONFIG_%s, which a guest needs %s; name another, or run 'make setup'",
		             release, needs[i].name, needs[i].what);
	}
	free(config);
	return rc;
}

int plan_running_find(const char *root, const char *release, enum platform platform,
                      char image[PATH_MAX], struct err *e)
{
	char modules[PATH_MAX];

	if (!find(images, root, release, image))
		return err_set(e, EINVAL,
		               "there is no image of the running Linux %s, neither as "
		               "/boot/vmlinuz-%s nor as /lib/modules/%s/vmlinuz: name a guest "
		               "kernel, or run 'make setup'",
		               release, release, release);
	if (access(image, R_OK))
		return err_set(e, EINVAL,
		               "the image of the running Linux, %s, cannot be read (%s): run this "
		               "as root, or copy it and name the copy",
		               image, strerror(errno));
	snprintf(modules, sizeof(modules), "%s/lib/modules/%s/modules.dep", root, release);
	if (access(modules, R_OK))
		return err_set(e, EINVAL,
		               "the modules of the running Linux are gone (%s: %s): after an "
		               "upgrade boot the new one",
		               modules, strerror(errno));
	return check_config(root, release, platform, e);
}
