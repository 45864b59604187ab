// SPDX-License-Identifier: GPL-2.0-only
/* Memory for user space whose C-bit is as asked: shared with the host, or private. */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "sevbench.h"

struct share {
	refcount_t mappings; /* mremap() makes a second one before it undoes the first */
	bool shared;
	size_t count;
	struct page *block[]; /* split into 4 KiB pages, each with our reference */
};

static int block_convert(struct page *block, bool shared)
{
	unsigned long address = (unsigned long)page_address(block);

	return shared ? set_memory_decrypted(address, BLOCK_PAGES)
	              : set_memory_encrypted(address, BLOCK_PAGES);
}

/* A block that cannot be made private again never goes back to Linux. */
static void block_put(struct page *block, bool shared)
{
	unsigned int i;

	if (shared && block_convert(block, false)) {
		pr_warn("sevbench: 2 MiB stay shared and are lost\n");
		return;
	}
	for (i = 0; i < BLOCK_PAGES; i++)
		put_page(block + i);
}

static struct page *block_get(bool shared)
{
	struct page *block =
	        alloc_pages(GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, BLOCK_ORDER);
	int rc;

	if (!block)
		return NULL;
	split_page(block, BLOCK_ORDER);
	rc = shared ? block_convert(block, true) : 0;
	if (rc) {
		/* Half of it may be shared by now. */
		block_put(block, true);
		return NULL;
	}
	/* After the conversion: before it, what the pages hold may become noise. */
	memset(page_address(block), 0, SEVBENCH_BLOCK);
	return block;
}

static void share_free(struct share *share)
{
	while (share->count) {
		block_put(share->block[--share->count], share->shared);
		cond_resched();
	}
	kvfree(share);
}

static void share_open(struct vm_area_struct *vma)
{
	struct share *share = vma->vm_private_data;

	refcount_inc(&share->mappings);
}

static void share_close(struct vm_area_struct *vma)
{
	struct share *share = vma->vm_private_data;

	if (refcount_dec_and_test(&share->mappings))
		share_free(share);
}

/* A part of it cannot be unmapped or protected: the whole has one owner. */
static int share_may_split(struct vm_area_struct *vma, unsigned long address)
{
	return -EINVAL;
}

static vm_fault_t share_fault(struct vm_fault *fault)
{
	const struct share *share = fault->vma->vm_private_data;
	size_t page = (fault->address - fault->vma->vm_start) >> PAGE_SHIFT;

	if (page / BLOCK_PAGES >= share->count)
		return VM_FAULT_SIGBUS;
	fault->page = share->block[page / BLOCK_PAGES] + page % BLOCK_PAGES;
	get_page(fault->page);
	return 0;
}

static const struct vm_operations_struct share_vm_ops = {
        .open = share_open,
        .close = share_close,
        .fault = share_fault,
        .may_split = share_may_split,
};

static struct share *share_alloc(size_t count, bool shared)
{
	struct share *share = kvzalloc(struct_size(share, block, count), GFP_KERNEL);

	if (!share)
		return NULL;
	refcount_set(&share->mappings, 1);
	share->shared = shared;
	while (share->count < count) {
		struct page *block = signal_pending(current) ? NULL : block_get(shared);

		if (!block) {
			share_free(share);
			return NULL;
		}
		share->block[share->count++] = block;
		cond_resched();
	}
	return share;
}

int share_mmap(struct file *file, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	size_t length = vma->vm_end - vma->vm_start;
	struct share *share;

	if ((offset != SEVBENCH_MAP_SHARED && offset != SEVBENCH_MAP_PRIVATE) ||
	    length % SEVBENCH_BLOCK || !(vma->vm_flags & VM_SHARED) || (vma->vm_flags & VM_EXEC))
		return -EINVAL;
	if (length / PAGE_SIZE > (unsigned long)si_mem_available())
		return -ENOMEM;
	share = share_alloc(length / SEVBENCH_BLOCK, offset == SEVBENCH_MAP_SHARED);
	if (!share)
		return signal_pending(current) ? -EINTR : -ENOMEM;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	/* A child would share the pages without owning them. */
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
#else
	vma->vm_flags |= VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP;
#endif
	if (share->shared)
		vma->vm_page_prot = pgprot_decrypted(vma->vm_page_prot);
	vma->vm_private_data = share;
	vma->vm_ops = &share_vm_ops;
	return 0;
}
