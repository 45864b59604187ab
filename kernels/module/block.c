// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of memory whose state is changed by an operation. */
#include <linux/gfp.h>
#include <linux/mm.h>

#include "sevbench.h"

int block_open(struct run *run, unsigned int order)
{
	run->memory = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN, order);
	return run->memory ? 0
	                   : run_refuse(run, ENOMEM, "no free block of %u MiB",
	                                2U << (order - BLOCK_ORDER));
}

void block_close(struct run *run, unsigned int order)
{
	if (run->memory && !run->failed)
		free_pages((unsigned long)run->memory, order);
	run->memory = NULL;
}
