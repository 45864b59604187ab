/* SPDX-License-Identifier: MIT */
#include "vmrun/image/initramfs.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vmrun/image/closure.h"
#include "vmrun/image/modules.h"
#include "vmrun/system/home.h"
#include "vmrun/wire/jobs.h"

#define MODULES_FOLDER "/lib/modules"

/*
 * In front of every payload: what the virtio-serial port needs, and msr, by which PID 1 reads in
 * which SEV mode it runs. The plain guest loads it too: the guests differ in SEV alone.
 */
static const char *const base_modules[] = {"virtio_pci", "virtio_console", "msr"};

/* One thing in the archive. Exactly one of host, bytes and link, or none for folders and devices.
 */
struct item {
	char *guest;  /* absolute path in the guest */
	mode_t mode;  /* type and permissions */
	char *host;   /* a file on this machine */
	bool packed;  /* host is compressed (.ko.xz): it goes in as it was before */
	bool program; /* a program or library: it goes in without what only linkers and debuggers
	               * read */
	char *link;   /* what a symbolic link says */
	uint8_t *bytes;
	size_t length;
	dev_t device;
};

struct tree {
	struct item *items;
	size_t count;
};

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "no memory for the initramfs");
}

static const struct item *find(const struct tree *t, const char *guest)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (strcmp(t->items[i].guest, guest) == 0)
			return &t->items[i];
	return NULL;
}

/* A new item, zeroed but for path and mode, or NULL. It is valid until the next is added. */
static struct item *add(struct tree *t, const char *guest, mode_t mode)
{
	struct item *items = reallocarray(t->items, t->count + 1, sizeof(*items));
	struct item *item;

	if (!items)
		return NULL;
	t->items = items;
	item = &items[t->count];
	*item = (struct item){.guest = strdup(guest), .mode = mode};
	if (!item->guest)
		return NULL;
	t->count++;
	return item;
}

static int add_folder(struct tree *t, const char *guest, struct err *e)
{
	if (find(t, guest))
		return 0;
	return add(t, guest, S_IFDIR | 0755) ? 0 : no_memory(e);
}

/* The folders above `guest`, which nobody else may have asked for. */
static int add_parents(struct tree *t, const char *guest, struct err *e)
{
	char path[PATH_MAX];
	char *slash = path;

	if (snprintf(path, sizeof(path), "%s", guest) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "the path %s is too long", guest);
	while ((slash = strchr(slash + 1, '/'))) {
		int rc;

		*slash = '\0';
		rc = add_folder(t, path, e);
		if (rc)
			return rc;
		*slash = '/';
	}
	return 0;
}

static int add_file(struct tree *t, const char *guest, const char *host, mode_t permissions,
                    struct err *e)
{
	struct item *item;
	struct stat st;
	int rc = add_parents(t, guest, e);

	if (rc)
		return rc;
	/* A pipe would keep us waiting, and a device never end. */
	if (stat(host, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is not a file", host);
	item = add(t, guest, S_IFREG | permissions);
	if (!item)
		return no_memory(e);
	item->host = strdup(host);
	return item->host ? 0 : no_memory(e);
}

/* The file name at the end of `path`. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A program or library of the host's. */
static int add_binary(struct tree *t, const char *guest, const char *host, struct err *e)
{
	int rc = add_file(t, guest, host, 0755, e);

	if (!rc)
		t->items[t->count - 1].program = true;
	return rc;
}

/* What is there whatever the jobs are. */
static int add_base(struct tree *t, struct err *e)
{
	static const char *const folders[] = {"/bin", "/dev", "/proc",
	                                      "/sys", "/tmp", CLOSURE_FOLDER};
	char init[PATH_MAX];
	struct item *item;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		rc = add_folder(t, folders[i], e);
		if (rc)
			return rc;
	}
	item = add(t, CLOSURE_LINK, S_IFLNK | 0777);
	if (!item)
		return no_memory(e);
	item->link = strdup(&CLOSURE_FOLDER[1]);
	if (!item->link)
		return no_memory(e);
	/* Linux opens it for PID 1 before anybody could mount devtmpfs. */
	item = add(t, "/dev/console", S_IFCHR | 0600);
	if (!item)
		return no_memory(e);
	item->device = makedev(5, 1);
	rc = home_find("bin/guest-init", init, e);
	if (rc)
		return err_wrap(e, rc, "the guest's PID 1 is not built");
	return add_binary(t, "/init", init, e);
}

static int add_programs(struct tree *t, const struct vm_payload *payload, struct err *e)
{
	struct closure closure = {.suggested = payload->suggested};
	char guest[PATH_MAX];
	size_t i;
	int rc = 0;

	for (i = 0; i < payload->program_count && !rc; i++) {
		const char *program = payload->programs[i];

		if (snprintf(guest, sizeof(guest), "/bin/%s", name_of(program)) >= PATH_MAX)
			rc = err_set(e, ENAMETOOLONG, "the name of %s is too long", program);
		else if (find(t, guest))
			rc = err_set(e, EINVAL, "two programs would be %s in the guest", guest);
		else
			rc = add_binary(t, guest, program, e);
		if (!rc)
			rc = closure_add(&closure, program, e);
	}
	for (i = 0; i < closure.count && !rc; i++)
		rc = add_binary(t, closure.files[i].guest, closure.files[i].host, e);
	closure_free(&closure);
	return rc;
}

/* Other files, as "HOST=GUEST"; they may be run. */
static int add_others(struct tree *t, const struct vm_payload *payload, struct err *e)
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
		if (find(t, guest + 1))
			return err_set(e, EINVAL, "two files would be %s in the guest", guest + 1);
		if (!strcmp(guest + 1, JOBS_PATH) ||
		    !strncmp(guest + 1, MODULES_FOLDER "/", strlen(MODULES_FOLDER "/")))
			return err_set(e, EINVAL,
			               "%s is what the launcher itself puts into the guest; choose "
			               "another place for %s",
			               guest + 1, pair);
		snprintf(host, sizeof(host), "%.*s", (int)(guest - pair), pair);
		rc = add_file(t, guest + 1, host, 0755, e);
	}
	return rc;
}

/* "/lib/modules/msr.ko" for ".../kernel/arch/x86/kernel/msr.ko.xz": Linux itself may not unpack. */
static int add_module(struct tree *t, const char *host, struct err *e)
{
	char guest[PATH_MAX];
	char *end;
	int rc;

	if (snprintf(guest, sizeof(guest), "%s/%s", MODULES_FOLDER, name_of(host)) >= PATH_MAX)
		return err_set(e, ENAMETOOLONG, "the name of %s is too long", host);
	end = strstr(guest, ".ko.");
	if (end)
		end[3] = '\0';
	if (find(t, guest))
		return err_set(e, EINVAL, "two modules would be %s in the guest", guest);
	rc = add_file(t, guest, host, 0644, e);
	if (!rc)
		t->items[t->count - 1].packed = end != NULL;
	return rc;
}

static int add_modules(struct tree *t, const struct vm_payload *payload, const char *folder,
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
	for (i = 0; i < payload->module_file_count && !rc; i++)
		rc = modules_add_file(&m, folder, payload->module_files[i], e);
	for (i = 0; i < m.count && !rc; i++)
		rc = add_module(t, m.paths[i], e);
	modules_free(&m);
	return rc;
}

/* The list of what is to be done. The modules are, so far, in the order to load them. */
static int add_jobs(struct tree *t, const struct vm_job *jobs, size_t job_count, bool prove,
                    struct err *e)
{
	struct job_list list = {.jobs = jobs, .job_count = job_count, .prove = prove};
	const char **modules = calloc(t->count + 1, sizeof(*modules));
	uint8_t *bytes = NULL;
	struct item *item;
	size_t length;
	size_t i;
	int rc;

	if (!modules)
		return no_memory(e);
	for (i = 0; i < t->count; i++)
		if (S_ISREG(t->items[i].mode) &&
		    strncmp(t->items[i].guest, MODULES_FOLDER "/", strlen(MODULES_FOLDER) + 1) == 0)
			modules[list.module_count++] = t->items[i].guest;
	list.modules = modules;
	rc = jobs_encode(&list, &bytes, &length, e);
	free(modules);
	for (i = 0; i < job_count && !rc; i++)
		if (!find(t, jobs[i].argv[0]))
			rc = err_set(e, EINVAL,
			             "job %zu runs %s, which is not in the guest: name the program "
			             "in the payload",
			             i, jobs[i].argv[0]);
	item = rc ? NULL : add(t, JOBS_PATH, S_IFREG | 0644);
	if (!item) {
		free(bytes);
		return rc ? rc : no_memory(e);
	}
	item->bytes = bytes;
	item->length = length;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->guest, ((const struct item *)b)->guest);
}

static void tree_free(struct tree *t)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		free(t->items[i].guest);
		free(t->items[i].host);
		free(t->items[i].link);
		free(t->items[i].bytes);
	}
	free(t->items);
}

/* All bytes of an archive entry, which may be of unknown size. */
static int read_entry(struct archive *in, struct item *item)
{
	size_t room = 0;

	for (;;) {
		la_ssize_t got;

		if (room - item->length < 65536) {
			uint8_t *bytes = realloc(item->bytes, room = room * 2 + 262144);

			if (!bytes) {
				archive_set_error(in, ENOMEM, "no memory");
				return -ENOMEM;
			}
			item->bytes = bytes;
		}
		got = archive_read_data(in, item->bytes + item->length, room - item->length);
		if (got < 0)
			return -EIO;
		if (got == 0)
			return 0;
		item->length += (size_t)got;
	}
}

/*
 * Sections, symbols and debug information lie behind the segments, and nothing that runs reads
 * them; without them a guest of all our programs is half the size. The segments stay as they are.
 * So does a file that goes on behind its table of sections, which comes last: it carries something.
 */
static void cut_sections(struct item *item)
{
	uint64_t end = sizeof(Elf64_Ehdr);
	Elf64_Ehdr header;

	if (item->length < sizeof(header))
		return;
	memcpy(&header, item->bytes, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phnum == 0 ||
	    header.e_shoff + header.e_shnum * sizeof(Elf64_Shdr) != item->length ||
	    header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phoff > item->length ||
	    header.e_phnum > (item->length - header.e_phoff) / sizeof(Elf64_Phdr))
		return;
	if (header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr) > end)
		end = header.e_phoff + header.e_phnum * sizeof(Elf64_Phdr);
	for (size_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr p;

		memcpy(&p, item->bytes + header.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_filesz > item->length || p.p_offset > item->length - p.p_filesz)
			return;
		if (p.p_filesz && p.p_offset + p.p_filesz > end)
			end = p.p_offset + p.p_filesz;
	}
	header.e_shoff = 0;
	header.e_shnum = header.e_shstrndx = 0;
	memcpy(item->bytes, &header, sizeof(header));
	item->length = end;
}

/* Bring the item's bytes in from its host file, unpacked where it is packed. */
static int load(struct item *item, struct err *e)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;
	int rc = 0;

	if (!in)
		return no_memory(e);
	if (item->packed)
		archive_read_support_filter_all(in);
	archive_read_support_format_raw(in);
	archive_read_support_format_empty(in);
	if (archive_read_open_filename(in, item->host, 65536) != ARCHIVE_OK ||
	    (rc = archive_read_next_header(in, &entry)) < ARCHIVE_WARN ||
	    (rc != ARCHIVE_EOF && read_entry(in, item)))
		rc = err_set(e, archive_errno(in) > 0 ? archive_errno(in) : EIO,
		             "cannot read %s for the initramfs: %s", item->host,
		             archive_error_string(in));
	else
		rc = 0;
	archive_read_free(in);
	if (!rc && item->program)
		cut_sections(item);
	return rc;
}

static int write_item(struct archive *out, struct archive_entry *entry, const struct item *item,
                      size_t number)
{
	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, item->guest + 1);
	archive_entry_set_mode(entry, item->mode);
	archive_entry_set_size(entry, (la_int64_t)item->length);
	/* Fixed, so that the same input gives the same bytes. */
	archive_entry_set_ino64(entry, (la_int64_t)number);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_dev(entry, 0);
	if (item->link)
		archive_entry_set_symlink(entry, item->link);
	if (item->device) {
		archive_entry_set_rdevmajor(entry, major(item->device));
		archive_entry_set_rdevminor(entry, minor(item->device));
	}
	if (archive_write_header(out, entry) != ARCHIVE_OK)
		return -EIO;
	if (item->length &&
	    archive_write_data(out, item->bytes, item->length) != (la_ssize_t)item->length)
		return -EIO;
	return 0;
}

static int write_failed(struct archive *out, const char *path, struct err *e)
{
	int number = archive_errno(out);

	/* Its own words, "Write error", say less than the number. */
	return err_set(e, number > 0 ? number : EIO, "cannot write the initramfs %s: %s", path,
	               number > 0 ? strerror(number) : archive_error_string(out));
}

static int write_items(struct archive *out, const char *path, struct tree *t, struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	size_t i;
	int rc = entry ? 0 : no_memory(e);

	for (i = 0; i < t->count && !rc; i++) {
		struct item *item = &t->items[i];

		if (item->host)
			rc = load(item, e);
		if (!rc && write_item(out, entry, item, i + 1))
			rc = write_failed(out, path, e);
		if (item->host) {
			free(item->bytes);
			item->bytes = NULL;
		}
	}
	archive_entry_free(entry);
	return rc;
}

static int write_tree(const char *path, struct tree *t, struct err *e)
{
	struct archive *out = archive_write_new();
	int rc;

	if (!out)
		return no_memory(e);
	archive_write_set_format_cpio_newc(out);
	archive_write_set_bytes_in_last_block(out, 1);
	if (archive_write_open_filename(out, path) != ARCHIVE_OK) {
		rc = write_failed(out, path, e);
	} else {
		rc = write_items(out, path, t, e);
		/* What is still buffered may be what finds the disk full. */
		if (!rc && archive_write_close(out) != ARCHIVE_OK)
			rc = write_failed(out, path, e);
		if (rc)
			unlink(path);
	}
	archive_write_free(out);
	return rc;
}

int initramfs_write(const char *path, const struct vm_payload *payload, const struct vm_job *jobs,
                    size_t job_count, const char *modules, struct err *e)
{
	struct tree t = {0};
	int rc = add_base(&t, e);

	if (!rc)
		rc = add_programs(&t, payload, e);
	if (!rc)
		rc = add_others(&t, payload, e);
	if (!rc)
		rc = add_modules(&t, payload, modules, e);
	if (!rc)
		rc = add_jobs(&t, jobs, job_count, payload->prove, e);
	if (!rc) {
		qsort(t.items, t.count, sizeof(*t.items), by_path);
		rc = write_tree(path, &t, e);
	}
	tree_free(&t);
	return rc;
}
