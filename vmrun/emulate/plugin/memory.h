/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's memory by physical address without C-bit, which is here twice: what QEMU, its devices
 * and accesses without C-bit see, and what accesses with it see. Which of the two views of a page
 * is good is view.h's concern. Firmware, and what lies between 640 KiB and 1 MiB, is here once.
 */
#ifndef VMRUN_EMULATE_PLUGIN_MEMORY_H
#define VMRUN_EMULATE_PLUGIN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Before the first instruction that could see it: give the guest its own view. False: no memory. */
bool memory_open(void);

/* As a device does, and the hypervisor. Where there is nothing, zeros are read. */
void memory_read(uint64_t address, void *to, size_t size);
void memory_write(uint64_t address, const void *from, size_t size);

/* With the C-bit. What was translated of it is forgotten where it is written to. */
void memory_read_private(uint64_t address, void *to, size_t size);
void memory_write_private(uint64_t address, const void *from, size_t size);

/*
 * For walk.h, page tables are always private and never in devices, and metadata.h; their context is
 * not used.
 */
bool memory_read_entry(void *context, uint64_t address, uint64_t *entry);
bool memory_read_bytes(void *context, uint64_t address, void *to, size_t size);

/* Is it neither RAM nor ROM? */
bool memory_is_io(uint64_t address);

/* Is it RAM that has two views, and whose state the RMP keeps? */
bool memory_is_ram(uint64_t address);

/* The same of all `size` bytes from there on. */
bool memory_are_ram(uint64_t address, uint64_t size);

/* Where addresses end that RAM and firmware have. */
uint64_t memory_end(void);

#endif
