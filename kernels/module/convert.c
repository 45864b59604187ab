// SPDX-License-Identifier: GPL-2.0-only
/* Pages between private and shared, and the instruction that validates them. */
#include <linux/cc_platform.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/set_memory.h>

#include "sevbench.h"

#define BLOCK_ORDER 9 /* 2 MiB: what is split off the direct map, it is split off for ever */
#define BLOCK_PAGES (1U << BLOCK_ORDER)

static int blocks_open(struct run *run, unsigned int order)
{
	run->memory = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN, order);
	return run->memory ? 0
	                   : run_refuse(run, ENOMEM, "no free block of %u MiB",
	                                2U << (order - BLOCK_ORDER));
}

/* Memory whose state is not known for sure never goes back to Linux. */
static void blocks_close(struct run *run, unsigned int order)
{
	if (run->memory && !run->failed)
		free_pages((unsigned long)run->memory, order);
}

static int block_open(struct run *run)
{
	return blocks_open(run, BLOCK_ORDER);
}

static void block_close(struct run *run)
{
	blocks_close(run, BLOCK_ORDER);
}

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
	return blocks_open(run, convert_order(run));
}

static void convert_close(struct run *run)
{
	blocks_close(run, convert_order(run));
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

/*
 * AMD64 Architecture Programmer's Manual volume 3, PVALIDATE: RAX address, ECX page size (0: 4
 * KiB), EDX 1 validates and 0 rescinds. EAX returns the result; carry says that nothing changed.
 * The bytes stand for assemblers that do not know it.
 */
static u32 pvalidate(void *address, u32 validate, bool *unchanged)
{
	unsigned long result = (unsigned long)address;

	asm volatile(".byte 0xf2, 0x0f, 0x01, 0xff"
	             : "=@ccc"(*unchanged), "+a"(result)
	             : "c"(0), "d"(validate)
	             : "memory");
	return (u32)result;
}

static void pvalidate_batch(struct run *run, u64 count)
{
	bool unchanged = true, rescinded = false;
	u32 result = 0;

	/* Nobody looks at the page while it is rescinded, which would raise #VC. */
	while (count--) {
		if (run->arg)
			result |= pvalidate(run->memory, 0, &rescinded);
		result |= pvalidate(run->memory, 1, &unchanged);
	}
	run->seen |= result;
	/* Validating a valid page changes nothing; after a rescission it must. */
	run->failed |= result || rescinded || unchanged == !!run->arg;
}

static int pvalidate_probe(struct run *run)
{
	if (run->arg > 1)
		return run_refuse(run, EINVAL, "PVALIDATE takes 0 or 1, not %llu", run->arg);
	if (!cc_platform_has(CC_ATTR_GUEST_SEV_SNP))
		return run_refuse(run, EOPNOTSUPP, "PVALIDATE exists in SEV-SNP guests only");
	return 0;
}

static int pvalidate_verify(struct run *run, u64 done)
{
	if (run->failed)
		return run_refuse(run, EIO, "PVALIDATE did not do what it should: result %llu",
		                  run->seen);
	return 0;
}

const struct op op_pvalidate = {
        .probe = pvalidate_probe,
        .open = block_open,
        .close = block_close,
        .batch = pvalidate_batch,
        .empty = batch_empty,
        .verify = pvalidate_verify,
        .irqs_off = true,
};
