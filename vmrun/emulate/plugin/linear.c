/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/linear.h"

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/view.h"

bool linear_walk(struct vcpu *vcpu, uint64_t va, struct walk_page *page)
{
	struct walk walk = {
	        .read = memory_read_entry,
	        .cr3 = vcpu->cr[3],
	        .levels = vcpu->cr[4] & VCPU_CR4_LA57 ? 5 : 4,
	        .c_bit = emulation.options.c_bit,
	};

	return walk_va(&walk, va, page);
}

bool linear_find(struct vcpu *vcpu, uint64_t va, struct walk_page *page)
{
	if (!(vcpu->cr[0] & VCPU_CR0_PG)) {
		*page = (struct walk_page){.address = (uint32_t)va, .encrypted = true};
		return true;
	}
	return vcpu_is_long(vcpu) && linear_walk(vcpu, va, page);
}

/* Part of a copy, up to the end of a page. 0: it is not mapped. */
static size_t copy_some(struct vcpu *vcpu, uint64_t va, void *to, const void *from, size_t size)
{
	struct walk_page page;
	size_t left = PAGE_MAP_PAGE - va % PAGE_MAP_PAGE;

	if (!linear_find(vcpu, va, &page))
		return 0;
	page.encrypted |= to != NULL; /* code */
	if (size > left)
		size = left;
	if (memory_is_ram(page.address))
		view_use(vcpu, page.address, page.encrypted, 0);
	if (to && page.encrypted)
		memory_read_private(page.address, to, size);
	else if (to)
		memory_read(page.address, to, size);
	else if (page.encrypted)
		memory_write_private(page.address, from, size);
	else
		memory_write(page.address, from, size);
	return size;
}

bool linear_read_code(struct vcpu *vcpu, uint64_t va, void *to, size_t size)
{
	uint8_t *at = to;

	for (size_t done = 0, some; done < size; done += some) {
		some = copy_some(vcpu, va + done, at + done, NULL, size - done);
		if (!some)
			return false;
	}
	return true;
}

bool linear_write(struct vcpu *vcpu, uint64_t va, const void *from, size_t size)
{
	const uint8_t *at = from;

	for (size_t done = 0, some; done < size; done += some) {
		some = copy_some(vcpu, va + done, NULL, at + done, size - done);
		if (!some)
			return false;
	}
	return true;
}
