/* SPDX-License-Identifier: MIT */
#include "vmrun/guest/guest_marker.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define PAGE 4096
#define SIZE ((size_t)MARKER_COPIES * PAGE)

int guest_marker_plant(struct guest_marker *marker, char text[MARKER_TEXT], struct err *e)
{
	uint8_t bytes[MARKER_BYTES];

	marker->pages = NULL;
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_errno(e, "no random bytes for the proof of encryption");
	marker->pages =
	        mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (marker->pages == MAP_FAILED) {
		marker->pages = NULL;
		return err_errno(e, "no memory for the proof of encryption");
	}
	/* At another place in every page: no pattern of the host's own could match them all. */
	for (size_t i = 0; i < MARKER_COPIES; i++)
		memcpy(marker->pages + i * PAGE + i * MARKER_BYTES, bytes, sizeof(bytes));
	marker_write(bytes, text);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

void guest_marker_wipe(struct guest_marker *marker)
{
	if (!marker->pages)
		return;
	explicit_bzero(marker->pages, SIZE);
	munmap(marker->pages, SIZE);
	marker->pages = NULL;
}
