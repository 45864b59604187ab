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

/*
 * Shell builtins only: the machine may have nothing else. The dynamic linker is called by its name,
 * so that neither the machine's C library nor its version matters.
 */
static const char run_script[] =
        "#!/bin/sh\n"
        "# usage: run KERNEL [OPTION]...   one kernel; run KERNEL --help says more\n"
        "#        run all [OPTION]...      every kernel, into KERNEL.csv in this directory\n"
        "case $0 in */*) here=${0%/*} ;; *) here=. ;; esac\n"
        "bench() {\n"
        "\tprogram=$here/bin/bench-$1\n"
        "\tif ! [ -f \"$program\" ]; then\n"
        "\t\techo \"$0: there is no kernel '$1'; $0 --help lists them\" >&2\n"
        "\t\treturn 2\n"
        "\tfi\n"
        "\tshift\n"
        "\t\"$here/lib/ld-linux-x86-64.so.2\" --library-path \"$here/lib\" "
        "\"$program\" \"$@\"\n"
        "\tstatus=$?\n"
        "\t[ $status -ne 126 ] || echo \"$0: nothing can be executed from $here:"
        " unpack it where that is not forbidden (noexec)\" >&2\n"
        "\treturn $status\n"
        "}\n"
        "case ${1-} in\n"
        "'' | --help | -h)\n"
        "\techo \"usage: $0 KERNEL|all [OPTION]...; the kernels are:\"\n"
        "\tfor file in \"$here\"/bin/bench-*; do echo \"  ${file##*/bench-}\"; done ;;\n"
        "all)\n"
        "\tshift\n"
        "\tworst=0\n"
        "\tfor file in \"$here\"/bin/bench-*; do\n"
        "\t\tbench \"${file##*/bench-}\" -o \"${file##*/bench-}.csv\" \"$@\"\n"
        "\t\tcase $? in 0 | 77) ;; *) worst=1 ;; esac\n"
        "\tdone\n"
        "\texit $worst ;;\n"
        "*)\n"
        "\tbench \"$@\" ;;\n"
        "esac\n";

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

static int add_programs(struct archive *a, const char *programs, struct err *e)
{
	struct closure closure = {.suggested = true};
	const struct kernel *const *kernels;
	size_t count;
	int rc = 0;

	kernels = registry_kernels(&count);
	for (size_t i = 0; !rc && i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/bench-%s", programs, kernels[i]->name);
		rc = add_file(a, "bin", path, 0755, e);
		if (!rc)
			rc = closure_add(&closure, path, e);
	}
	for (size_t i = 0; !rc && i < closure.count; i++) {
		const char *name = strrchr(closure.files[i].guest, '/') + 1;
		char inside[PATH_MAX];
		char *bytes;
		size_t length = 0;

		snprintf(inside, sizeof(inside), TOP "/lib/%s", name);
		rc = read_whole(closure.files[i].host, &bytes, &length, e);
		if (!rc)
			rc = add_bytes(a, inside, 0755, bytes, length, e);
		free(bytes);
	}
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
	int rc = add_bytes(a, TOP "/run", 0755, run_script, strlen(run_script), e);

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
