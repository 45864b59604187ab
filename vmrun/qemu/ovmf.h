/* SPDX-License-Identifier: MIT */
/* What an OVMF image says of itself: which encrypted guests it can start. */
#ifndef VMRUN_QEMU_OVMF_H
#define VMRUN_QEMU_OVMF_H

#include <stdbool.h>

#include "harness/err.h"

struct ovmf {
	bool table;  /* it has a table of properties at its end: it is an OVMF of 2020 or later */
	bool sev_es; /* a reset vector for the other vCPUs of a SEV-ES guest */
	bool snp;    /* the metadata that SNP's launch needs */
	bool hash_table; /* room for kernel hashes (not used by vmrun) */
};

/* Read the image at `path`. -EINVAL when it is no firmware image at all. */
int ovmf_read(const char *path, struct ovmf *ovmf, struct err *e);

#endif
