/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as samples.csv, read in whole and in part, and on through summary, table and
 * comparison. The first byte of the input chooses whether --partial is given.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/read/reader.h"
#include "analysis/show/compare_out.h"
#include "analysis/show/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void analyse(struct samples *samples, FILE *nowhere, struct err *e)
{
	const struct table_options table = {.reference = TABLE_REFERENCE_AUTO, .cycles = true};
	struct compare_options options = COMPARE_DEFAULTS;
	struct summary summary;
	struct compare compare;

	if (samples_sort(samples, e) || summary_make(samples, &summary, e))
		return;
	table_print(nowhere, &summary, &table, e);
	if (!compare_make(&summary, &options, &compare, e)) {
		compare_out_print(nowhere, &compare, e);
		compare_free(&compare);
	}
	summary_free(&summary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct samples samples = {0};
	struct err e = {""};
	char path[64];
	int fd = memfd_create("samples.csv", MFD_CLOEXEC);

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	if (!nowhere || fd < 0)
		abort();
	if (size > 1 && write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (size && !reader_read(&samples, path, 0, data[0] == 'p', &e))
		analyse(&samples, nowhere, &e);
	else if (size && !*e.text)
		abort(); /* a refusal without a sentence */
	samples_free(&samples);
	close(fd);
	return 0;
}
