/* SPDX-License-Identifier: MIT */
/* What an OVMF image says of itself: which encrypted guests it can start. */
#ifndef VMRUN_QEMU_OVMF_H
#define VMRUN_QEMU_OVMF_H

#include <stdbool.h>

#include "harness/err.h"
#include "harness/sev.h"

struct ovmf {
	bool table;    /* it has a table of properties at its end: it is an OVMF of 2020 or later */
	bool sev_es;   /* a reset vector for the other vCPUs of a SEV-ES guest */
	bool snp;      /* the metadata that SNP's launch needs */
	bool sections; /* its metadata of SNP can be read */
	bool svsm;     /* among them is a calling area for an SVSM: edk2-stable202405 or later */
};

/* Read the image at `path`. -EINVAL when it is no firmware image at all. */
int ovmf_read(const char *path, struct ovmf *ovmf, struct err *e);

/* Can the image, which was read from `path`, start a guest of this platform? 0 or -ENOTSUP. */
int ovmf_allow(const struct ovmf *ovmf, const char *path, enum platform platform, struct err *e);

/*
 * May a guest of this platform die in the image, for a fault of its age, though it can be launched?
 * Then the sentence, with the remedy, is in `why`. What cannot be told of an image without
 * unpacking it: that it was built without Secure Boot, and never had the fault; and that it is of
 * edk2-stable202405, 202408 or 202411, which had it too and look as later ones do.
 */
bool ovmf_doubt(const struct ovmf *ovmf, const char *path, enum platform platform, struct err *why);

#endif
