/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/ovmf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/*
 * The table ends 32 bytes before the end of the image, below the reset vector, and is read
 * downwards: each entry is data, a 16-bit length of the whole entry, and a GUID; the last one's
 * length is that of the table (edk2, OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm; QEMU,
 * hw/i386/pc_sysfw_ovmf.c).
 */
#define RESET_VECTOR 32
#define GUID         16
#define ENTRY_MIN    (GUID + 2)
#define TAIL_MAX     4096

/*
 * SNP's metadata: "ASEV", length, version, count, and so many sections of an address, a size and a
 * type, all of 32 bits, little endian; the table says how far before the image's end they begin.
 * OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm. A section for an SVSM's calling area came with
 * edk2-stable202405 (commit 5a67a2efa7).
 */
#define METADATA_HEADER   16
#define METADATA_VERSION  1
#define METADATA_SECTION  12
#define METADATA_SECTIONS 32
#define SECTION_SVSM      0x4

/* As they stand in the image: the first three fields are little endian. */
static const uint8_t guid_footer[GUID] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
                                          0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t guid_sev_es[GUID] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
                                          0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};
static const uint8_t guid_metadata[GUID] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
                                            0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};

static unsigned get16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) | (uint32_t)get16(at + 2) << 16;
}

/*
 * The number that an entry with this GUID ends in, before its length; 0 where the entry is another
 * or shorter. An image may have an entry with nothing in it, as Debian's have one of a table of
 * hashes of base 0 and size 0: the number says what there is, and not the GUID.
 */
static uint32_t value_of(const uint8_t *end, size_t length, const uint8_t *guid)
{
	if (memcmp(end - GUID, guid, GUID) != 0 || length < ENTRY_MIN + sizeof(uint32_t))
		return 0;
	return get32(end - ENTRY_MIN - sizeof(uint32_t));
}

/*
 * An entry that ends at `end` and is `length` bytes long, which may be no sensible length: the
 * address of the reset vector, the place of the metadata.
 */
static void take_entry(struct ovmf *ovmf, const uint8_t *end, size_t length, uint32_t *metadata)
{
	uint32_t place = value_of(end, length, guid_metadata);

	ovmf->sev_es |= value_of(end, length, guid_sev_es) != 0;
	if (place) {
		ovmf->snp = true;
		*metadata = place;
	}
}

/* *metadata: how far before the image's end SNP's are, or 0. */
static void read_table(const uint8_t *tail, size_t size, struct ovmf *ovmf, uint32_t *metadata)
{
	size_t end = size - RESET_VECTOR, start, length;

	if (memcmp(tail + end - GUID, guid_footer, GUID) != 0)
		return;
	length = get16(tail + end - ENTRY_MIN);
	if (length < ENTRY_MIN || length > end)
		return;
	ovmf->table = true;
	start = end - length;
	end -= ENTRY_MIN;
	while (end >= start + ENTRY_MIN) {
		length = get16(tail + end - ENTRY_MIN);
		take_entry(ovmf, tail + end, length <= end - start ? length : 0, metadata);
		if (length < ENTRY_MIN || length > end - start)
			return;
		end -= length;
	}
}

/* The metadata at `offset` of the image. */
static void read_sections(int fd, off_t offset, struct ovmf *ovmf)
{
	uint8_t header[METADATA_HEADER], sections[METADATA_SECTIONS * METADATA_SECTION];
	uint32_t count;

	if (offset < 0 || pread(fd, header, sizeof(header), offset) != sizeof(header) ||
	    memcmp(header, "ASEV", 4) != 0 || get32(header + 8) != METADATA_VERSION)
		return;
	count = get32(header + 12);
	if (count == 0 || count > METADATA_SECTIONS ||
	    pread(fd, sections, (size_t)count * METADATA_SECTION, offset + METADATA_HEADER) !=
	            (ssize_t)count * METADATA_SECTION)
		return;
	ovmf->sections = true;
	for (uint32_t i = 0; i < count; i++)
		ovmf->svsm |= get32(sections + (size_t)i * METADATA_SECTION + 8) == SECTION_SVSM;
}

int ovmf_read(const char *path, struct ovmf *ovmf, struct err *e)
{
	uint8_t tail[TAIL_MAX];
	uint32_t metadata = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	off_t size;

	memset(ovmf, 0, sizeof(*ovmf));
	if (fd < 0)
		return err_errno(e, "firmware %s", path);
	size = lseek(fd, 0, SEEK_END);
	/* QEMU maps whole pages, and no image is of another size. */
	if (size < TAIL_MAX || size % TAIL_MAX ||
	    pread(fd, tail, TAIL_MAX, size - TAIL_MAX) != TAIL_MAX)
		rc = err_set(e, EINVAL, "%s is no firmware image", path);
	else
		read_table(tail, TAIL_MAX, ovmf, &metadata);
	if (metadata)
		read_sections(fd, size - (off_t)metadata, ovmf);
	close(fd);
	return rc;
}

int ovmf_allow(const struct ovmf *ovmf, const char *path, enum platform platform, struct err *e)
{
	if (platform == PLATFORM_SEV_ES && !ovmf->sev_es)
		return err_set(
		        e, ENOTSUP,
		        "%s says nothing of SEV-ES: use a generic OVMF.fd of 2022.11 or later",
		        path);
	if (platform == PLATFORM_SNP && !ovmf->snp)
		return err_set(e, ENOTSUP,
		               "%s has no SNP metadata: use a generic OVMF.fd of 2025.02 or later",
		               path);
	return 0;
}

/*
 * PlatformPei copied the store of variables, in builds with Secure Boot, into memory that it had
 * not validated: commit 52fa7e78d2, edk2-stable202502.
 */
bool ovmf_doubt(const struct ovmf *ovmf, const char *path, enum platform platform, struct err *why)
{
	static const char remedy[] = "use one of 2025.02 or later: 'make setup' unpacks Debian "
	                             "13's as build/ovmf/OVMF.fd";

	if (platform != PLATFORM_SNP || !ovmf->snp || ovmf->svsm)
		return false;
	if (!ovmf->sections)
		err_set(why, EINVAL,
		        "the SNP metadata of %s cannot be read, so nobody knows its age: %s", path,
		        remedy);
	else
		err_set(why, EINVAL,
		        "%s is of edk2 before 2024.05, which, where it was built with Secure Boot, "
		        "writes to memory before it validates it, and dies of that: %s",
		        path, remedy);
	return true;
}
