/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer: any bytes as the file of jobs. With the first byte odd their length and CRC are made
 * right, so that what is behind them is read.
 */
#include <zlib.h>

#include "tests/fuzz.h"
#include "vmrun/wire/jobs.h"

#define BODY 16u

static void make_right(uint8_t *bytes, size_t size)
{
	const uint32_t head[4] = {JOBS_MAGIC, JOBS_VERSION, (uint32_t)size,
	                          (uint32_t)crc32(0, bytes + BODY, (uInt)(size - BODY))};

	memcpy(bytes, head, sizeof(head));
}

/* What is read is what was written: encoded again it is the same. */
static void must_be_the_same(const struct job_list *list, const uint8_t *bytes, size_t size)
{
	uint8_t *again = NULL;
	size_t length = 0;
	struct err e = {""};

	for (size_t i = 0; i < list->job_count; i++)
		must(list->jobs[i].argv && list->jobs[i].argv[0]);
	if (jobs_encode(list, &again, &length, &e)) {
		must(*e.text);
		return;
	}
	/* All but flags that are not known, at BODY. */
	must(length == size && memcmp(again + BODY + 4, bytes + BODY + 4, size - BODY - 4) == 0);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f = {data, size};
	bool right = fuzz_byte(&f) & 1;
	size_t length = f.left;
	uint8_t *bytes = fuzz_copy(&f, length);
	struct job_list *list = NULL;
	struct err e = {""};

	if (right && length >= BODY)
		make_right(bytes, length);
	if (jobs_decode(bytes, length, &list, &e)) {
		must(!list && *e.text);
	} else {
		must_be_the_same(list, bytes, length);
		free(list);
	}
	free(bytes);
	return 0;
}
