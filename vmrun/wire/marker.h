/* SPDX-License-Identifier: MIT */
/*
 * The marker by which a guest's memory is told to be readable or not: random bytes that the guest
 * makes itself and keeps in its memory, and that never cross the border to the host as they are.
 * What crosses is their masked form, as text: buffers for frames, which the host may always read,
 * hold that and not the marker.
 */
#ifndef VMRUN_WIRE_MARKER_H
#define VMRUN_WIRE_MARKER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MARKER_BYTES  32
#define MARKER_TEXT   (2 * MARKER_BYTES + 1) /* hexadecimal, with its NUL */
#define MARKER_COPIES 64                     /* each in a page of its own, so that they lie apart */
#define MARKER_MASK   0xa5

/* The masked form of a marker. */
static inline void marker_write(const uint8_t marker[MARKER_BYTES], char text[MARKER_TEXT])
{
	for (size_t i = 0; i < MARKER_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", marker[i] ^ MARKER_MASK);
}

/* The marker from its masked form. -1 when that is none. */
static inline int marker_read(const char *text, uint8_t marker[MARKER_BYTES])
{
	if (strlen(text) != MARKER_TEXT - 1 || strspn(text, "0123456789abcdef") != MARKER_TEXT - 1)
		return -1;
	for (size_t i = 0; i < MARKER_BYTES; i++) {
		unsigned byte = 0;

		sscanf(text + 2 * i, "%2x", &byte);
		marker[i] = (uint8_t)(byte ^ MARKER_MASK);
	}
	return 0;
}

#endif
