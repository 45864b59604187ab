/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as samples.csv and the manifest.json beside it, read in whole and in part,
 * and on through everything that is made of them: table, comparison, summary, export, report, and
 * the script and data of every picture. Of an input the first byte chooses: 'p' is --partial, 'm' a
 * manifest, up to the first NUL, in front of the samples, 'b' both.
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/decide/guest_linux.h"
#include "analysis/decide/guest_status.h"
#include "analysis/decide/host_paths.h"
#include "analysis/decide/host_snp.h"
#include "analysis/decide/libc_ways.h"
#include "analysis/decide/peak.h"
#include "analysis/read/reader.h"
#include "analysis/read/whole.h"
#include "analysis/show/chart_data.h"
#include "analysis/show/chart_script.h"
#include "analysis/show/chart_write.h"
#include "analysis/show/compare_out.h"
#include "analysis/show/conclusion.h"
#include "analysis/show/export.h"
#include "analysis/show/histogram.h"
#include "analysis/show/inside_out.h"
#include "analysis/show/parts_out.h"
#include "analysis/show/plot.h"
#include "analysis/show/report.h"
#include "analysis/show/table.h"

#define SCRIPT_MOST (1L << 20) /* bytes: more than any picture of an input of this size needs */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;
static char directory[] = "/tmp/fuzz_samples.XXXXXX";
static struct folder folder = {.fd = AT_FDCWD};
static char samples_path[64], manifest_path[64];

static void remove_directory(void)
{
	unlink(samples_path);
	unlink(manifest_path);
	rmdir(directory);
}

static void begin(void)
{
	nowhere = fopen("/dev/null", "w");
	if (!nowhere || !mkdtemp(directory))
		abort();
	snprintf(samples_path, sizeof(samples_path), "%s/samples.csv", directory);
	snprintf(manifest_path, sizeof(manifest_path), "%s/manifest.json", directory);
	atexit(remove_directory);
}

/* Every range that a script sets has two ends that are finite and apart; one goes downwards. */
static void check_ranges(const char *script)
{
	double from, to;
	char axis;

	for (const char *line = script; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "set %crange [", &axis) == 1 &&
		    strstr(line, "range [") == line + 5 &&
		    (sscanf(line, "set %crange [%lf:%lf]", &axis, &from, &to) != 3 ||
		     !isfinite(from) || !isfinite(to) || from == to))
			abort();
	}
}

/* In the place of the one that has gnuplot draw: the script ends, and is of bounded size. */
int chart_write(const struct chart *chart, const struct folder *where, struct err *e)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	(void)where;
	(void)e;
	if (!out)
		abort();
	chart_data(out, chart);
	chart_script(out, chart);
	if (fclose(out) || length > SCRIPT_MOST)
		abort();
	check_ranges(text);
	free(text);
	return 0;
}

static void show(const struct compare *compare, const struct machine *machine, struct err *e)
{
	static struct reference reference;
	const struct table_options table = {.reference = TABLE_REFERENCE_AUTO, .cycles = true};
	struct plot plot = {0}, none = {0};
	struct parts parts = {0};
	struct inside inside = {0};

	if (!reference.count && reference_load(&reference, e))
		abort();
	table_print(nowhere, compare->summary, &table, e);
	compare_out_print(nowhere, compare, e);
	conclusion_print(nowhere, compare);
	export_wide(nowhere, compare, e);
	histogram_write(nowhere, compare->summary, e);
	if (!parts_make(compare->summary, &parts, e))
		parts_out_print(nowhere, &parts, e);
	if (!inside_make(compare->summary, &compare->options, &inside, e))
		inside_out_print(nowhere, &inside, e);
	plot_draw(compare, machine, &folder, &plot, e);
	report_write(
	        &(struct report){compare, machine, &reference, &none, &parts, &inside, &folder},
	        nowhere, e);
	plot_free(&plot);
	parts_free(&parts);
	inside_free(&inside);
}

static void analyse(struct samples *samples, struct machine *machine, struct err *e)
{
	struct compare_options options = COMPARE_DEFAULTS;
	struct summary summary;
	struct compare compare;

	if (samples_sort(samples, e))
		return;
	whole_check(samples, 0, machine, e);
	if (summary_make(samples, &summary, e))
		return;
	machine->path = directory;
	host_snp_check(machine, machine, e);
	host_snp_apply(&summary, machine, 1);
	guest_status_apply(&summary, machine, 1);
	peak_apply(&summary, machine, 1);
	if (!guest_linux_apply(&summary, machine, 1, e) &&
	    !host_paths_apply(&summary, machine, 1, e) &&
	    !libc_ways_apply(&summary, machine, 1, e) &&
	    !compare_make(&summary, &options, &compare, e)) {
		show(&compare, machine, e);
		compare_free(&compare);
	}
	summary_free(&summary);
}

static void put(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || close(fd))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct samples samples = {0};
	struct machine machine = {0};
	struct err e = {""};
	size_t manifest = 0;

	if (!size)
		return 0;
	if (!nowhere)
		begin();
	unlink(manifest_path);
	if (*data == 'm' || *data == 'b') {
		while (1 + manifest < size && data[1 + manifest])
			manifest++;
		put(manifest_path, data + 1, manifest);
		manifest += 1 + manifest < size;
	}
	put(samples_path, data + 1 + manifest, size - 1 - manifest);
	if (machine_read(&machine, directory, &e) ||
	    reader_read(&samples, directory, 0, *data == 'p' || *data == 'b', &e)) {
		if (!*e.text)
			abort(); /* a refusal without a sentence */
	} else {
		analyse(&samples, &machine, &e);
	}
	machine_free(&machine);
	samples_free(&samples);
	return 0;
}
