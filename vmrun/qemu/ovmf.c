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

/* As they stand in the image: the first three fields are little endian. */
static const uint8_t guid_footer[GUID] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
                                          0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t guid_sev_es[GUID] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
                                          0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};
static const uint8_t guid_metadata[GUID] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47,
                                            0xa7, 0x5e, 0x55, 0x85, 0xa7, 0xbf, 0x67, 0xcc};
static const uint8_t guid_hashes[GUID] = {0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a, 0x04, 0x4b,
                                          0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54};

static unsigned get16(const uint8_t *at)
{
	return at[0] | (unsigned)at[1] << 8;
}

static void take_entry(struct ovmf *ovmf, const uint8_t *guid)
{
	ovmf->sev_es |= memcmp(guid, guid_sev_es, GUID) == 0;
	ovmf->snp |= memcmp(guid, guid_metadata, GUID) == 0;
	ovmf->hash_table |= memcmp(guid, guid_hashes, GUID) == 0;
}

static void read_table(const uint8_t *tail, size_t size, struct ovmf *ovmf)
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
		take_entry(ovmf, tail + end - GUID);
		if (length < ENTRY_MIN || length > end - start)
			return;
		end -= length;
	}
}

int ovmf_read(const char *path, struct ovmf *ovmf, struct err *e)
{
	uint8_t tail[TAIL_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	off_t size;

	memset(ovmf, 0, sizeof(*ovmf));
	if (fd < 0)
		return err_errno(e, "firmware %s", path);
	size = lseek(fd, 0, SEEK_END);
	if (size < TAIL_MAX || pread(fd, tail, TAIL_MAX, size - TAIL_MAX) != TAIL_MAX)
		rc = err_set(e, EINVAL, "%s is no firmware image", path);
	else
		read_table(tail, TAIL_MAX, ovmf);
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
		               "%s has no SNP metadata: use a generic OVMF.fd of 2022.11 or later",
		               path);
	return 0;
}
