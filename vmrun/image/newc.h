/* SPDX-License-Identifier: MIT */
/* The archive that Linux unpacks as its initramfs: cpio, format newc, uncompressed. */
#ifndef VMRUN_IMAGE_NEWC_H
#define VMRUN_IMAGE_NEWC_H

#include "vmrun/image/contents.h"

/*
 * Write the contents to `path`, in their order; files of this machine are read, unpacked and cut
 * one after the other. The same contents give the same bytes. Nothing is left at `path` when it
 * fails: -errno of what could not be read or written.
 */
int newc_write(const char *path, struct contents *c, struct err *e);

#endif
