/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/view.h"

#include <pthread.h>

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/plugin/qemu.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* What no vCPU has used has nothing in it that the guest could know, whichever view comes first. */
static void fill(uint64_t page, bool private, bool is_new)
{
	uint8_t bytes[PAGE_MAP_PAGE] = {0};

	if (is_new && !private)
		return;
	if (!is_new && private)
		memory_read(page, bytes, sizeof(bytes));
	else if (!is_new)
		memory_read_private(page, bytes, sizeof(bytes));
	views_mix(bytes, page, emulation.key);
	if (private)
		memory_write_private(page, bytes, sizeof(bytes));
	else
		memory_write(page, bytes, sizeof(bytes));
}

void view_use(struct vcpu *vcpu, uint64_t address, bool private, uintptr_t ra)
{
	const enum views_state want = private ? VIEWS_PRIVATE : VIEWS_SHARED;
	uint64_t page = address & ~(uint64_t)(PAGE_MAP_PAGE - 1);
	enum views_state state = views_state(&emulation.views, page);

	if (state == want)
		return;
	/* They have forgotten them when this vCPU comes here again with the same wish. */
	if (state != VIEWS_NEW && vcpu->wish != (page | want)) {
		emulation_count(&emulation.counters->views, 1);
		emulation_trace("%u view pa %#llx %s", vcpu->index, (unsigned long long)page,
		                private ? "private" : "shared");
		qemu.tlb_flush_all_cpus_synced(vcpu->cs);
		if (ra) {
			vcpu->wish = page | want;
			qemu.cpu_restore_state(vcpu->cs, ra);
			vcpu_skip(vcpu, 0);
		}
	}
	vcpu->wish = 0;
	pthread_mutex_lock(&lock);
	state = views_state(&emulation.views, page);
	if (state != want) {
		fill(page, private, state == VIEWS_NEW);
		views_set(&emulation.views, page, want);
	}
	pthread_mutex_unlock(&lock);
}

void view_lose(uint64_t address, bool shared)
{
	static const uint8_t zeros[PAGE_MAP_PAGE];

	if (!memory_is_ram(address))
		return;
	pthread_mutex_lock(&lock);
	/* The host gives its memory back, and gets new one when it is wanted again. */
	if (!shared && views_state(&emulation.views, address) == VIEWS_SHARED)
		memory_write(address, zeros, sizeof(zeros));
	views_set(&emulation.views, address, VIEWS_NEW);
	pthread_mutex_unlock(&lock);
}

void view_launch(uint64_t address)
{
	views_set(&emulation.views, address, VIEWS_PRIVATE);
}
