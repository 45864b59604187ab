/* SPDX-License-Identifier: MIT */
#include "vmrun/image/initramfs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "vmrun/image/closure.h"
#include "vmrun/image/contents.h"
#include "vmrun/image/modules.h"
#include "vmrun/image/newc.h"
#include "vmrun/system/home.h"
#include "vmrun/wire/jobs.h"

#define MODULES_FOLDER "/lib/modules"

/*
 * In front of every payload: what the virtio-serial port needs, and msr, by which PID 1 reads in
 * which SEV mode it runs. The plain guest loads it too: the guests differ in SEV alone.
 */
static const char *const base_modules[] = {"virtio_pci", "virtio_console", "msr"};

/* The file name at the end of `path`. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What is there whatever the jobs are. */
static int add_base(struct contents *c, const char *init, struct err *e)
{
	static const char *const folders[] = {"/bin", "/dev", "/proc",
	                                      "/sys", "/tmp", CLOSURE_FOLDER};
	size_t i;
	int rc;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		rc = contents_add_folder(c, folders[i], e);
		if (rc)
			return rc;
	}
	rc = contents_add_link(c, CLOSURE_LINK, &CLOSURE_FOLDER[1], e);
	/* Linux opens it for PID 1 before anybody could mount devtmpfs. */
	if (!rc)
		rc = contents_add_device(c, "/dev/console", makedev(5, 1), e);
	if (rc)
		return rc;
	return contents_add_file(c, "/init", init, 0755, CONTENTS_PROGRAM, e);
}

/* With the libraries of all, and of PID 1, which has some where it could not be linked statically.
 */
static int add_programs(struct contents *c, const char *init, const struct vm_payload *payload,
                        struct err *e)
{
	struct closure closure = {.suggested = payload->suggested};
	char guest[PATH_MAX];
	size_t i;
	int rc = closure_add(&closure, init, e);

	for (i = 0; i < payload->program_count && !rc; i++) {
		const char *program = payload->programs[i];

		if (snprintf(guest, sizeof(guest), "/bin/%s", name_of(program)) >= PATH_MAX)
			rc = err_set(e, ENAMETOOLONG, "the name of %s is too long", program);
		else if (contents_find(c, guest))
			rc = err_set(e, EINVAL, "two programs would be %s in the guest", guest);
		else
			rc = contents_add_file(c, guest, program, 0755, CONTENTS_PROGRAM, e);
		if (!rc)
			rc = closure_add(&closure, program, e);
	}
	for (i = 0; i < closure.count && !rc; i++)
		rc = contents_add_file(c, closure.files[i].guest, closure.files[i].host, 0755,
		                       CONTENTS_PROGRAM, e);
	closure_free(&closure);
	return rc;
}

/* Other files, as "HOST=GUEST"; they may be run. */
static int add_others(struct contents *c, const struct vm_payload *payload, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < payload->file_count && !rc; i++) {
		const char *pair = payload->files[i];
		const char *guest = strrchr(pair, '=');
		char host[PATH_MAX];

		if (!guest || guest[1] != '/' || guest == pair || guest - pair >= PATH_MAX ||
		    strstr(guest, "/.."))
			return err_set(e, EINVAL,
			               "a file for the guest is HOST=GUEST, with an absolute path "
			               "in the guest that does not climb, not '%s'",
			               pair);
		if (contents_find(c, guest + 1))
			return err_set(e, EINVAL, "two files would be %s in the guest", guest + 1);
		if (!strcmp(guest + 1, JOBS_PATH) ||
		    !strncmp(guest + 1, MODULES_FOLDER "/", strlen(MODULES_FOLDER "/")))
			return err_set(e, EINVAL,
			               "%s is what the launcher itself puts into the guest; choose "
			               "another place for %s",
			               guest + 1, pair);
		snprintf(host, sizeof(host), "%.*s", (int)(guest - pair), pair);
		rc = contents_add_file(c, guest + 1, host, 0755, CONTENTS_AS_IT_IS, e);
	}
	return rc;
}

/* "/lib/modules/msr.ko" for ".../kernel/arch/x86/kernel/msr.ko.xz": Linux itself may not unpack. */
static int add_module(struct contents *c, const char *host, struct err *e)
{
	char guest[PATH_MAX];
	char *end;

	if (snprintf(guest, sizeof(guest), "%s/%s", MODULES_FOLDER, name_of(host)) >= PATH_MAX)
		return err_set(e, ENAMETOOLONG, "the name of %s is too long", host);
	end = strstr(guest, ".ko.");
	if (end)
		end[3] = '\0';
	if (contents_find(c, guest))
		return err_set(e, EINVAL, "two modules would be %s in the guest", guest);
	return contents_add_file(c, guest, host, 0644, end ? CONTENTS_PACKED : CONTENTS_AS_IT_IS,
	                         e);
}

static int add_modules(struct contents *c, const struct vm_payload *payload, const char *folder,
                       struct err *e)
{
	const size_t base_count = sizeof(base_modules) / sizeof(base_modules[0]);
	struct modules m = {0};
	size_t i;
	int rc = 0;

	if (!folder) {
		if (payload->module_count || payload->module_file_count)
			return err_set(e, EINVAL,
			               "modules were asked for, but the guest kernel comes without "
			               "a module folder");
		return 0;
	}
	for (i = 0; i < base_count && !rc; i++)
		rc = modules_add(&m, folder, base_modules[i], e);
	for (i = 0; i < payload->module_count && !rc; i++)
		rc = modules_add(&m, folder, payload->modules[i], e);
	for (i = 0; payload->optional && payload->optional[i] && !rc; i++) {
		struct err why;

		rc = modules_add(&m, folder, payload->optional[i], &why);
		if (rc == -ENOENT)
			rc = 0;
		else if (rc)
			*e = why;
	}
	for (i = 0; i < payload->module_file_count && !rc; i++)
		rc = modules_add_file(&m, folder, payload->module_files[i], e);
	for (i = 0; i < m.count && !rc; i++)
		rc = add_module(c, m.paths[i], e);
	modules_free(&m);
	return rc;
}

/* The list of what is to be done. The modules are, so far, in the order to load them. */
static int add_jobs(struct contents *c, const struct vm_job *jobs, size_t job_count, bool prove,
                    struct err *e)
{
	struct job_list list = {.jobs = jobs, .job_count = job_count, .prove = prove};
	const char **modules = calloc(c->count + 1, sizeof(*modules));
	uint8_t *bytes = NULL;
	size_t length;
	size_t i;
	int rc;

	if (!modules)
		return err_set(e, ENOMEM, "no memory for the initramfs");
	for (i = 0; i < c->count; i++)
		if (S_ISREG(c->items[i].mode) &&
		    strncmp(c->items[i].guest, MODULES_FOLDER "/", strlen(MODULES_FOLDER) + 1) == 0)
			modules[list.module_count++] = c->items[i].guest;
	list.modules = modules;
	rc = jobs_encode(&list, &bytes, &length, e);
	free(modules);
	for (i = 0; i < job_count && !rc; i++)
		if (!contents_find(c, jobs[i].argv[0]))
			rc = err_set(e, EINVAL,
			             "job %zu runs %s, which is not in the guest: name the program "
			             "in the payload",
			             i, jobs[i].argv[0]);
	if (rc) {
		free(bytes);
		return rc;
	}
	return contents_add_bytes(c, JOBS_PATH, bytes, length, e);
}

int initramfs_write(const char *path, const struct vm_payload *payload, const struct vm_job *jobs,
                    size_t job_count, const char *modules, struct err *e)
{
	struct contents c = {0};
	char init[PATH_MAX];
	int rc = home_find("bin/guest-init", init, e);

	if (rc)
		return err_wrap(e, rc, "the guest's PID 1 is not built");
	rc = add_base(&c, init, e);
	if (!rc)
		rc = add_programs(&c, init, payload, e);
	if (!rc)
		rc = add_others(&c, payload, e);
	if (!rc)
		rc = add_modules(&c, payload, modules, e);
	if (!rc)
		rc = add_jobs(&c, jobs, job_count, payload->prove, e);
	if (!rc) {
		contents_sort(&c);
		rc = newc_write(path, &c, e);
	}
	contents_free(&c);
	return rc;
}
