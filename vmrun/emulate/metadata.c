/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/metadata.h"

#include <string.h>

/*
 * edk2, OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm: a table of structures, each with its data,
 * two bytes of length and a GUID, which ends 32 bytes before 4 GiB and is read backwards.
 */
#define FOUR_GIB    0x100000000ull
#define AFTER_TABLE 32u
#define TABLE_MOST  0x1000u
#define TRAILER     18u /* length and GUID */

/* 96b582de-1fb2-45f7-baea-a366c55a082d */
static const uint8_t footer[16] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
                                   0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
/* dc886566-984a-4798-a75e-5585a7bf67cc: how far before 4 GiB the metadata of SEV lie */
static const uint8_t sev[16] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
                                0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};
/* 00f771de-1a7e-4fcb-890e-68c77e2fb44e: where the vCPUs after the first begin */
static const uint8_t reset[16] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
                                  0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};

struct header {
	char signature[4]; /* ASEV */
	uint32_t length, version, count;
};

static unsigned length_of(const uint8_t *trailer)
{
	return trailer[0] | (unsigned)trailer[1] << 8;
}

/* The first four bytes of the structure with that GUID; 0: there is none. */
static uint32_t find_value(const uint8_t *table, unsigned size, const uint8_t guid[16])
{
	uint32_t value = 0;
	unsigned end = size - TRAILER; /* of the structure that is looked at */

	while (end >= TRAILER) {
		const uint8_t *trailer = table + end - TRAILER;
		unsigned length = length_of(trailer);

		if (length < TRAILER || length > end)
			break;
		if (memcmp(trailer + 2, guid, 16) == 0 && length >= TRAILER + sizeof(value)) {
			memcpy(&value, table + end - length, sizeof(value));
			break;
		}
		end -= length;
	}
	return value;
}

/* The table, of *size bytes; or what is wrong with it. */
static const char *read_table(metadata_reader *read, void *context, uint8_t table[TABLE_MOST],
                              unsigned *size)
{
	uint8_t trailer[TRAILER];
	uint64_t end = FOUR_GIB - AFTER_TABLE;

	if (!read(context, end - TRAILER, trailer, TRAILER) ||
	    memcmp(trailer + 2, footer, sizeof(footer)) != 0)
		return "it has no table of GUIDs at its end, so it is no OVMF of 2020 or later";
	*size = length_of(trailer);
	if (*size < TRAILER || *size > TABLE_MOST || !read(context, end - *size, table, *size))
		return "the table of GUIDs at its end has no sensible length";
	return NULL;
}

static const char *read_sections(metadata_reader *read, void *context, uint64_t at,
                                 struct metadata *metadata)
{
	struct header header;

	if (!read(context, at, &header, sizeof(header)) ||
	    memcmp(header.signature, "ASEV", sizeof(header.signature)) != 0)
		return "its table points to metadata of SEV that are not there";
	if (header.version != 1)
		return "its metadata of SEV have a version that is not known";
	if (header.count == 0 || header.count > METADATA_SECTIONS)
		return "its metadata of SEV have no sections, or too many";
	metadata->count = header.count;
	if (!read(context, at + sizeof(header), metadata->section,
	          header.count * sizeof(metadata->section[0])))
		return "its metadata of SEV are cut off";
	for (unsigned i = 0; i < metadata->count; i++) {
		const struct metadata_section *s = &metadata->section[i];

		if (s->address & 0xfff || s->size & 0xfff || s->size > FOUR_GIB - s->address)
			return "its metadata of SEV have a section that is not made of pages";
	}
	return NULL;
}

const char *metadata_read(metadata_reader *read, void *context, struct metadata *metadata)
{
	uint8_t table[TABLE_MOST];
	unsigned size;
	const char *wrong = read_table(read, context, table, &size);
	uint32_t offset;

	memset(metadata, 0, sizeof(*metadata));
	if (wrong)
		return wrong;
	offset = find_value(table, size, sev);
	if (!offset)
		return "it has no metadata of SEV, which say where SNP's CPUID and secrets pages "
		       "lie";
	return read_sections(read, context, FOUR_GIB - offset, metadata);
}

bool metadata_ap_reset(metadata_reader *read, void *context, uint32_t *address)
{
	uint8_t table[TABLE_MOST];
	unsigned size;

	if (read_table(read, context, table, &size))
		return false;
	*address = find_value(table, size, reset);
	return *address != 0;
}

const struct metadata_section *metadata_find(const struct metadata *metadata, uint32_t type)
{
	for (unsigned i = 0; i < metadata->count; i++)
		if (metadata->section[i].type == type)
			return &metadata->section[i];
	return NULL;
}
