// SPDX-License-Identifier: GPL-2.0-only
/* Pages between private and shared. */
#include <linux/cc_platform.h>
#include <linux/mm.h>
#include <linux/set_memory.h>

#include "sevbench.h"

static enum sevbench_convert convert_what(const struct run *run)
{
	return run->arg & ((1U << SEVBENCH_CONVERT_PAGES) - 1);
}

static u64 convert_pages(const struct run *run)
{
	return run->arg >> SEVBENCH_CONVERT_PAGES;
}

static bool convert_is_aligned(const struct run *run)
{
	return convert_what(run) >= SEVBENCH_2M_ROUND_TRIP;
}

/* 512 pages that begin behind the first one of a block end in the next block. */
static unsigned int convert_order(const struct run *run)
{
	return BLOCK_ORDER + (!convert_is_aligned(run) && convert_pages(run) == BLOCK_PAGES);
}

static int convert_open(struct run *run)
{
	return block_open(run, convert_order(run));
}

static void convert_close(struct run *run)
{
	block_close(run, convert_order(run));
}

static int convert_probe(struct run *run)
{
	if (convert_what(run) > SEVBENCH_2M_TO_PRIVATE)
		return run_refuse(run, EINVAL, "no conversion has the number %u",
		                  convert_what(run));
	if (!convert_pages(run) || convert_pages(run) > BLOCK_PAGES)
		return run_refuse(run, EINVAL, "%llu pages are not between 1 and %u",
		                  convert_pages(run), BLOCK_PAGES);
	if (!cc_platform_has(CC_ATTR_MEM_ENCRYPT))
		return run_refuse(run, EOPNOTSUPP,
		                  "memory is not encrypted here: there is nothing to convert");
	return 0;
}

static void convert_failed(struct run *run, const char *to, int rc)
{
	run_refuse(run, EIO, "a page cannot be made %s: error %d", to, -rc);
	run->failed = true;
}

static u64 convert_once(struct run *run)
{
	unsigned long address =
	        (unsigned long)run->memory + (convert_is_aligned(run) ? 0 : PAGE_SIZE);
	int pages = (int)convert_pages(run);
	u64 start, middle, resume, end;
	int rc;

	start = batch_begin();
	if (!run->baseline) {
		rc = set_memory_decrypted(address, pages);
		if (rc)
			convert_failed(run, "shared", rc);
	}
	middle = batch_end();
	resume = batch_begin();
	if (!run->baseline && !run->failed) {
		rc = set_memory_encrypted(address, pages);
		if (rc)
			convert_failed(run, "private", rc);
	}
	end = batch_end();
	switch (convert_what(run)) {
	case SEVBENCH_4K_TO_SHARED:
	case SEVBENCH_2M_TO_SHARED:
		return middle - start;
	case SEVBENCH_4K_TO_PRIVATE:
	case SEVBENCH_2M_TO_PRIVATE:
		return end - resume;
	default:
		return middle - start + (end - resume);
	}
}

const struct op op_convert = {
        .probe = convert_probe,
        .open = convert_open,
        .close = convert_close,
        .once = convert_once,
        .sleeps = true,
};
