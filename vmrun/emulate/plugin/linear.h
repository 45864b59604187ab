/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linear addresses of a vCPU: where they lie in its memory, and what is there. */
#ifndef VMRUN_EMULATE_PLUGIN_LINEAR_H
#define VMRUN_EMULATE_PLUGIN_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"
#include "vmrun/emulate/walk.h"

/* By the vCPU's page tables, in long mode. False: it is not mapped. */
bool linear_walk(struct vcpu *vcpu, uint64_t va, struct walk_page *page);

/*
 * The same, and without paging, where all memory is private (AMD64 APM volume 2, section 15.34.5).
 * False also with paging outside long mode, which is not looked at.
 */
bool linear_find(struct vcpu *vcpu, uint64_t va, struct walk_page *page);

/*
 * Read code, which is private whatever its C-bit, or write data, past the guest's permissions and
 * without raising anything. False: some of it is not mapped.
 */
bool linear_read_code(struct vcpu *vcpu, uint64_t va, void *to, size_t size);
bool linear_write(struct vcpu *vcpu, uint64_t va, const void *from, size_t size);

#endif
