/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an OVMF image tells the host: the sections of memory that it wants prepared for a launch of
 * SNP, and where vCPUs begin.
 */
#ifndef VMRUN_EMULATE_METADATA_H
#define VMRUN_EMULATE_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METADATA_SECTIONS 32

/* edk2, OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm */
enum {
	METADATA_MEMORY = 0x1, /* validated, and zeros */
	METADATA_SECRETS = 0x2,
	METADATA_CPUID = 0x3,
	METADATA_SVSM = 0x4, /* a calling area for a SVSM; zeros where there is none */
	METADATA_HASHES = 0x10,
};

struct metadata_section {
	uint32_t address, size, type;
};

struct metadata {
	unsigned count;
	struct metadata_section section[METADATA_SECTIONS];
};

/* Read `size` bytes at a guest-physical address. False: there is nothing. */
typedef bool metadata_reader(void *context, uint64_t address, void *to, size_t size);

/* NULL, or a sentence that says why this firmware cannot be launched under SNP. */
const char *metadata_read(metadata_reader *read, void *context, struct metadata *metadata);

/*
 * Where the vCPUs after the first begin when they are started for the first time, which the host
 * puts into their registers (QEMU, sev_es_set_reset_vector in target/i386/sev.c). False: the
 * firmware does not say.
 */
bool metadata_ap_reset(metadata_reader *read, void *context, uint32_t *address);

/* The first section of that type; NULL: there is none. */
const struct metadata_section *metadata_find(const struct metadata *metadata, uint32_t type);

#endif
