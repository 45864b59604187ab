/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as manifest.json and, behind a NUL, as samples.csv, on through all that a
 * report says of them to its page. Pictures are not drawn: that is gnuplot's work.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/read/reader.h"
#include "analysis/read/whole.h"
#include "analysis/show/report.h"
#include "tests/fuzz.h"

/* A directory of its own, for as long as the process is there. */
static char directory[64];

static void forget_directory(void)
{
	char path[96];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
		         i ? "samples.csv" : "manifest.json");
		unlink(path);
	}
	rmdir(directory);
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
	char path[96];
	int fd;

	if (!*directory) {
		snprintf(directory, sizeof(directory), "/tmp/fuzz_page-XXXXXX");
		must(mkdtemp(directory) && !atexit(forget_directory));
	}
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

/* A page that is begun is ended, has no script but its own, and asks nothing of the network. */
static void must_be_a_page(const char *page)
{
	const char *script = strstr(page, "<script>");

	must(strstr(page, "<!DOCTYPE html>") == page);
	must(strlen(page) > 8 && !strcmp(page + strlen(page) - 8, "</html>\n"));
	must(script && !strstr(script + 1, "<script") && !strstr(page, "href=\"http"));
	must(!strchr(page, '\033'));
}

static void write_page(struct report *report, struct err *e)
{
	char *page = NULL;
	size_t size;
	FILE *out = open_memstream(&page, &size);
	int rc;

	must(out);
	rc = report_write(report, out, e);
	must(!fclose(out));
	if (rc)
		must(*e->text);
	else
		must_be_a_page(page);
	free(page);
}

static void report(const struct summary *summary, const struct machine *machine, struct err *e)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct compare compare = {0};
	struct reference reference = {0};
	struct plot plot = {0};
	struct parts parts = {0};
	struct inside inside = {0};
	struct report all = {.compare = &compare,
	                     .machine = machine,
	                     .reference = &reference,
	                     .plot = &plot, /* no pictures: no directory of them */
	                     .parts = &parts,
	                     .inside = &inside};
	int rc;

	rc = compare_make(summary, &options, &compare, e);
	if (rc)
		return;
	rc = reference_load(&reference, e);
	if (!rc)
		rc = parts_make(summary, &parts, e);
	if (!rc)
		rc = inside_make(summary, &options, &inside, e);
	if (!rc)
		write_page(&all, e);
	parts_free(&parts);
	inside_free(&inside);
	reference_free(&reference);
	compare_free(&compare);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t manifest = end ? (size_t)(end - data) : size, rest = end ? size - manifest - 1 : 0;
	struct machine machine = {0};
	struct samples samples = {0};
	struct summary summary;
	struct err e = {""};

	write_file("manifest.json", data, manifest);
	write_file("samples.csv", end ? end + 1 : data, rest);
	if (machine_read(&machine, directory, &e))
		must(*e.text);
	if (!*e.text && !reader_read(&samples, directory, 0, true, &e) &&
	    !samples_sort(&samples, &e) && !summary_make(&samples, &summary, &e)) {
		if (whole_check(&samples, 0, &machine, &e))
			must(*e.text);
		report(&summary, &machine, &e);
		summary_free(&summary);
	}
	samples_free(&samples);
	machine_free(&machine);
	return 0;
}
