/* SPDX-License-Identifier: MIT */
#include "vmrun/image/modules.h"

#include <errno.h>
#include <libkmod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libkmod would print to standard error by itself; what matters comes back as a return value. */
static void say_nothing(void *data, int priority, const char *file, int line, const char *fn,
                        const char *format, va_list args)
{
	(void)data;
	(void)priority;
	(void)file;
	(void)line;
	(void)fn;
	(void)format;
	(void)args;
}

static int open_tree(const char *folder, struct kmod_ctx **tree, struct err *e)
{
	/* An empty list, not NULL: aliases and blacklists of this machine must not shape a guest
	 * (findings/modprobe-other-root.sh). */
	static const char *const no_configuration[] = {NULL};
	char path[PATH_MAX];

	if (access(folder, R_OK | X_OK))
		return err_errno(e, "cannot read the kernel's modules in %s", folder);
	if (snprintf(path, sizeof(path), "%s/modules.dep.bin", folder) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "the path %s is too long", folder);
	if (access(path, R_OK))
		return err_errno(e,
		                 "%s has no readable modules.dep.bin (run depmod -b on the folder "
		                 "that holds lib/modules)",
		                 folder);
	*tree = kmod_new(folder, no_configuration);
	if (!*tree)
		return err_set(e, ENOMEM, "libkmod cannot be started for %s", folder);
	kmod_set_log_fn(*tree, say_nothing, NULL);
	return 0;
}

static int append(struct modules *m, const char *path, struct err *e)
{
	char **paths;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (strcmp(m->paths[i], path) == 0)
			return 0;
	paths = reallocarray(m->paths, m->count + 1, sizeof(*paths));
	if (!paths)
		return err_set(e, ENOMEM, "no memory for a list of modules");
	m->paths = paths;
	paths[m->count] = strdup(path);
	if (!paths[m->count])
		return err_set(e, ENOMEM, "no memory for a list of modules");
	m->count++;
	return 0;
}

/* A module of the tree and before it what it depends on; libkmod gives that in the order to load.
 */
static int append_module(struct modules *m, struct kmod_module *module, struct err *e)
{
	struct kmod_list *needed = kmod_module_get_dependencies(module);
	const char *path = kmod_module_get_path(module);
	struct kmod_list *item;
	int rc = 0;

	kmod_list_foreach (item, needed) {
		struct kmod_module *one = kmod_module_get_module(item);

		if (!rc && kmod_module_get_path(one))
			rc = append(m, kmod_module_get_path(one), e);
		kmod_module_unref(one);
	}
	kmod_module_unref_list(needed);
	/* No path: it is built in. */
	return rc || !path ? rc : append(m, path, e);
}

static int append_name(struct modules *m, struct kmod_ctx *tree, const char *folder,
                       const char *name, struct err *e)
{
	struct kmod_list *found = NULL;
	struct kmod_list *item;
	int rc = kmod_module_new_from_lookup(tree, name, &found);

	if (rc < 0)
		return err_set(e, -rc, "cannot look up the module %s in %s: %s", name, folder,
		               strerror(-rc));
	if (!found)
		return err_set(e, ENOENT, "the guest kernel has no module %s in %s", name, folder);
	rc = 0;
	kmod_list_foreach (item, found) {
		struct kmod_module *one = kmod_module_get_module(item);

		if (!rc)
			rc = append_module(m, one, e);
		kmod_module_unref(one);
	}
	kmod_module_unref_list(found);
	return rc;
}

int modules_add(struct modules *m, const char *folder, const char *name, struct err *e)
{
	struct kmod_ctx *tree = NULL;
	int rc = open_tree(folder, &tree, e);

	if (rc)
		return rc;
	rc = append_name(m, tree, folder, name, e);
	kmod_unref(tree);
	return rc;
}

/* The tree's last component is the release; "6.1.0-56-cloud-amd64 SMP preempt" begins with it. */
static int check_version(const char *folder, const char *path, const char *version, struct err *e)
{
	size_t length = strcspn(version, " ");
	char real[PATH_MAX];
	const char *release;

	if (!realpath(folder, real))
		return err_errno(e, "cannot tell the release of the modules in %s", folder);
	release = strrchr(real, '/') + 1;
	if (strlen(release) == length && strncmp(release, version, length) == 0)
		return 0;
	return err_set(e, EINVAL,
	               "%s was built for Linux %.*s, the guest kernel is %s: build it again", path,
	               (int)length, version, release);
}

/* "depends=a,b": names, none when empty. */
static int append_names(struct modules *m, struct kmod_ctx *tree, const char *folder,
                        const char *names, struct err *e)
{
	char *copy = strdup(names);
	char *save = NULL;
	char *name;
	int rc = 0;

	if (!copy)
		return err_set(e, ENOMEM, "no memory for a list of modules");
	for (name = strtok_r(copy, ",", &save); name && !rc; name = strtok_r(NULL, ",", &save))
		rc = append_name(m, tree, folder, name, e);
	free(copy);
	return rc;
}

/* The value that a module's .modinfo section gives `key`, or NULL. */
static const char *find_value(const struct kmod_list *info, const char *key)
{
	const struct kmod_list *item;

	kmod_list_foreach (item, info) {
		if (strcmp(kmod_module_info_get_key(item), key) == 0)
			return kmod_module_info_get_value(item);
	}
	return NULL;
}

static int append_file(struct modules *m, struct kmod_ctx *tree, const char *folder,
                       const char *path, struct err *e)
{
	struct kmod_module *module = NULL;
	struct kmod_list *info = NULL;
	const char *version;
	const char *needed;
	int rc = kmod_module_new_from_path(tree, path, &module);

	if (rc < 0)
		return err_set(e, -rc, "cannot read the module %s: %s", path, strerror(-rc));
	if (kmod_module_get_info(module, &info) < 0)
		info = NULL;
	version = find_value(info, "vermagic");
	needed = find_value(info, "depends");
	if (version)
		rc = check_version(folder, path, version, e);
	else
		rc = err_set(e, EINVAL, "%s is no kernel module", path);
	if (!rc && needed)
		rc = append_names(m, tree, folder, needed, e);
	kmod_module_info_free_list(info);
	kmod_module_unref(module);
	return rc ? rc : append(m, path, e);
}

int modules_add_file(struct modules *m, const char *folder, const char *path, struct err *e)
{
	struct kmod_ctx *tree = NULL;
	int rc = open_tree(folder, &tree, e);

	if (rc)
		return rc;
	rc = append_file(m, tree, folder, path, e);
	kmod_unref(tree);
	return rc;
}

void modules_free(struct modules *m)
{
	size_t i;

	for (i = 0; i < m->count; i++)
		free(m->paths[i]);
	free(m->paths);
	*m = (struct modules){0};
}
