/* SPDX-License-Identifier: MIT */
/* The guest's side of the proof of encryption: see marker.h. */
#ifndef VMRUN_GUEST_GUEST_MARKER_H
#define VMRUN_GUEST_GUEST_MARKER_H

#include <stdint.h>

#include "harness/err.h"
#include "vmrun/wire/marker.h"

struct guest_marker {
	uint8_t *pages; /* MARKER_COPIES of them, each with one copy; NULL: none */
};

/*
 * Make a marker that nobody has had before (getrandom), and keep copies of it until
 * guest_marker_wipe(). `text` gets its masked form. -errno where there is no randomness or memory.
 */
int guest_marker_plant(struct guest_marker *marker, char text[MARKER_TEXT], struct err *e);
void guest_marker_wipe(struct guest_marker *marker);

#endif
