/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's memory by physical address, with or without C-bit. */
#ifndef VMRUN_EMULATE_PLUGIN_MEMORY_H
#define VMRUN_EMULATE_PLUGIN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void memory_read(uint64_t address, void *to, size_t size);
void memory_write(uint64_t address, const void *from, size_t size);

/* For walk.h and metadata.h, whose context is not used. */
bool memory_read_entry(void *context, uint64_t address, uint64_t *entry);
bool memory_read_bytes(void *context, uint64_t address, void *to, size_t size);

/* Is it neither RAM nor ROM? */
bool memory_is_io(uint64_t address);

/* Is it RAM whose state the RMP keeps? Firmware and what lies between 640 KiB and 1 MiB are not. */
bool memory_is_ram(uint64_t address);

/* Let all of memory appear a second time above the C-bit. It is the same memory. */
void memory_alias(void);

#endif
