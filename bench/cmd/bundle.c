/* SPDX-License-Identifier: MIT */
#include "bench/cmd/bundle.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/result.h"
#include "harness/version.h"
#include "kernels/registry.h"
#include "vmrun/image/closure.h"

#define TOP "sevbench-" SEVBENCH_VERSION
/* A higher one takes twice the time, and off libraries a twentieth. */
#define GZIP_LEVEL "3"

/* Built in by the Makefile from bench/bundle (ld -r -b binary). */
extern const char _binary_bench_bundle_run_sh_start[], _binary_bench_bundle_run_sh_end[];
extern const char _binary_bench_bundle_README_txt_start[], _binary_bench_bundle_README_txt_end[];

static const struct {
	const char *name;
	mode_t mode;
	const char *start, *end;
} texts[] = {
        {TOP "/run", 0755, _binary_bench_bundle_run_sh_start, _binary_bench_bundle_run_sh_end},
        {TOP "/README", 0644, _binary_bench_bundle_README_txt_start,
         _binary_bench_bundle_README_txt_end},
};

static int failed(struct archive *a, const char *what, struct err *e)
{
	int number = archive_errno(a);

	/* Its own words, "Write error", say less than the number. */
	return err_set(e, number > 0 ? number : EIO, "cannot write %s into the bundle: %s", what,
	               number > 0                ? strerror(number)
	               : archive_error_string(a) ? archive_error_string(a)
	                                         : "unknown error");
}

static int add_bytes(struct archive *a, const char *name, mode_t mode, const void *bytes,
                     size_t length, struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	int rc = 0;

	if (!entry)
		return err_set(e, ENOMEM, "no memory for the bundle");
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, mode);
	archive_entry_set_size(entry, (la_int64_t)length);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(a, entry) != ARCHIVE_OK ||
	    archive_write_data(a, bytes, length) != (la_ssize_t)length)
		rc = failed(a, name, e);
	archive_entry_free(entry);
	return rc;
}

/* `bytes` is malloc'ed. */
static int read_whole(const char *path, char **bytes, size_t *length, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;
	ssize_t got;

	*bytes = NULL;
	if (fd < 0 || fstat(fd, &st)) {
		rc = err_errno(e, "cannot read %s", path);
	} else {
		*length = (size_t)st.st_size;
		*bytes = malloc(*length + 1);
		got = *bytes ? read(fd, *bytes, *length) : 0;
		if (!*bytes)
			rc = err_set(e, ENOMEM, "no memory for %s", path);
		else if (got < 0)
			rc = err_errno(e, "cannot read %s", path);
		else if (got != st.st_size)
			rc = err_set(e, EIO,
			             "cannot read the whole of %s: it holds less than it says",
			             path);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

static int add_file(struct archive *a, const char *folder, const char *path, mode_t mode,
                    struct err *e)
{
	const char *slash = strrchr(path, '/');
	char name[PATH_MAX];
	char *bytes;
	size_t length = 0;
	int rc = read_whole(path, &bytes, &length, e);

	snprintf(name, sizeof(name), TOP "/%s/%s", folder, slash ? slash + 1 : path);
	if (!rc)
		rc = add_bytes(a, name, mode, bytes, length, e);
	free(bytes);
	return rc;
}

static int add_program(struct archive *a, const char *programs, const char *name,
                       struct closure *closure, struct err *e)
{
	char path[PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/%s", programs, name);
	rc = add_file(a, "bin", path, 0755, e);
	return rc ? rc : closure_add(closure, path, e);
}

/* Under the names by which the programs ask for them. */
static int add_libraries(struct archive *a, const struct closure *closure, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < closure->count; i++) {
		const char *name = strrchr(closure->files[i].guest, '/') + 1;
		char inside[PATH_MAX];
		char *bytes;
		size_t length = 0;

		snprintf(inside, sizeof(inside), TOP "/lib/%s", name);
		rc = read_whole(closure->files[i].host, &bytes, &length, e);
		if (!rc)
			rc = add_bytes(a, inside, 0755, bytes, length, e);
		free(bytes);
	}
	return rc;
}

static int add_programs(struct archive *a, const char *programs, struct err *e)
{
	struct closure closure = {.suggested = true};
	const struct kernel *const *kernels;
	size_t count;
	int rc = 0;

	kernels = registry_kernels(&count);
	for (size_t i = 0; !rc && i < count; i++) {
		char name[128];

		snprintf(name, sizeof(name), "bench-%s", kernels[i]->name);
		rc = add_program(a, programs, name, &closure, e);
	}
	if (!rc)
		rc = add_program(a, programs, "sevbench", &closure, e);
	if (!rc)
		rc = add_libraries(a, &closure, e);
	closure_free(&closure);
	return rc;
}

static int is_plain(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* The module is built where its guest's headers are: kernels/build-module.sh KDIR OUT. */
static int add_module(struct archive *a, const char *source, struct err *e)
{
	struct dirent **names;
	char path[PATH_MAX];
	int count, rc;

	snprintf(path, sizeof(path), "%s/kernels/build-module.sh", source);
	rc = add_file(a, "kernels", path, 0755, e);
	snprintf(path, sizeof(path), "%s/harness/module_abi.h", source);
	if (!rc)
		rc = add_file(a, "harness", path, 0644, e);
	snprintf(path, sizeof(path), "%s/kernels/module", source);
	count = rc ? 0 : scandir(path, &names, is_plain, alphasort);
	if (count < 0)
		return err_errno(e, "cannot read the module's source in %s", path);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/kernels/module/%s", source, names[i]->d_name);
		if (!rc)
			rc = add_file(a, "kernels/module", path, 0644, e);
		free(names[i]);
	}
	if (count)
		free(names);
	return rc;
}

static int add_all(struct archive *a, const char *programs, const char *source, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(texts) / sizeof(*texts); i++)
		rc = add_bytes(a, texts[i].name, texts[i].mode, texts[i].start,
		               (size_t)(texts[i].end - texts[i].start), e);
	if (!rc)
		rc = add_programs(a, programs, e);
	return rc ? rc : add_module(a, source, e);
}

static int write_archive(int fd, const char *path, const char *programs, const char *source,
                         struct err *e)
{
	struct archive *a = archive_write_new();
	int rc;

	if (!a) {
		rc = err_set(e, ENOMEM, "no memory for the bundle");
	} else if (archive_write_set_format_ustar(a) || archive_write_add_filter_gzip(a) ||
	           archive_write_set_filter_option(a, "gzip", "timestamp", NULL) ||
	           archive_write_set_filter_option(a, "gzip", "compression-level", GZIP_LEVEL) ||
	           archive_write_open_fd(a, fd)) {
		rc = failed(a, path, e);
	} else {
		rc = add_all(a, programs, source, e);
		if (archive_write_close(a) != ARCHIVE_OK && !rc)
			rc = failed(a, path, e);
	}
	archive_write_free(a);
	return rc;
}

int bundle_write(const char *path, bool force, const char *programs, const char *source,
                 struct err *e)
{
	struct result_file file;
	int rc = result_file_replace(path, force, &file, e);

	if (rc)
		return rc;
	rc = write_archive(fileno(file.out), path, programs, source, e);
	return result_file_end(&file, rc, e);
}
