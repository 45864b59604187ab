/* SPDX-License-Identifier: MIT */
/* Programs and libraries without what only linkers and debuggers read of them. */
#ifndef VMRUN_IMAGE_SECTIONS_H
#define VMRUN_IMAGE_SECTIONS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Cut the sections off an ELF file that lies in memory, and return the length that is left. They,
 * symbols and debug information lie behind the segments, and nothing that runs reads them; without
 * them a guest of all our programs is half the size. The segments stay as they are. So does a file
 * that is none of 64 bits, or that goes on behind its table of sections, which comes last: it
 * carries something.
 */
size_t sections_cut(uint8_t *bytes, size_t length);

#endif
