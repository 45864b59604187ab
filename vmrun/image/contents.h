/* SPDX-License-Identifier: MIT */
/* What goes into an initramfs: folders, files, links and devices, by their paths in the guest. */
#ifndef VMRUN_IMAGE_CONTENTS_H
#define VMRUN_IMAGE_CONTENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/err.h"

/* How a file of this machine goes in. */
enum contents_form {
	CONTENTS_AS_IT_IS,
	CONTENTS_PROGRAM, /* a program or library: without what only linkers and debuggers read */
	CONTENTS_PACKED   /* compressed (.ko.xz): as it was before */
};

/* One thing in the archive. Exactly one of host, bytes and link, or none for folders and devices.
 */
struct contents_item {
	char *guest; /* absolute path in the guest */
	mode_t mode; /* type and permissions */
	char *host;  /* a file on this machine */
	enum contents_form form;
	char *link; /* what a symbolic link says */
	uint8_t *bytes;
	size_t length;
	dev_t device;
};

/* Zero-initialise; contents_free() when done. */
struct contents {
	struct contents_item *items;
	size_t count;
};

/* The item at that path, or NULL. It is valid until the next is added. */
const struct contents_item *contents_find(const struct contents *c, const char *guest);

/* A folder, which may be there already. 0 or, as the others, -ENOMEM. */
int contents_add_folder(struct contents *c, const char *guest, struct err *e);

/* The file `host` of this machine, and the folders above it. -EINVAL where it is no file. */
int contents_add_file(struct contents *c, const char *guest, const char *host, mode_t permissions,
                      enum contents_form form, struct err *e);

/* A file of these bytes, which are taken over, and freed even where it fails. */
int contents_add_bytes(struct contents *c, const char *guest, uint8_t *bytes, size_t length,
                       struct err *e);

/* A symbolic link that says `to`. */
int contents_add_link(struct contents *c, const char *guest, const char *to, struct err *e);

/* A character device, for root alone. */
int contents_add_device(struct contents *c, const char *guest, dev_t device, struct err *e);

/* Put them in the order of their paths: every folder before what is in it. */
void contents_sort(struct contents *c);

void contents_free(struct contents *c);

#endif
