/* SPDX-License-Identifier: MIT */
#include "vmrun/image/newc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "vmrun/image/sections.h"

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "no memory for the initramfs");
}

/* All bytes of an archive entry, which may be of unknown size. */
static int read_entry(struct archive *in, struct contents_item *item)
{
	size_t room = 0;

	for (;;) {
		la_ssize_t got;

		if (room - item->length < 65536) {
			uint8_t *bytes = realloc(item->bytes, room = room * 2 + 262144);

			if (!bytes) {
				archive_set_error(in, ENOMEM, "no memory");
				return -ENOMEM;
			}
			item->bytes = bytes;
		}
		got = archive_read_data(in, item->bytes + item->length, room - item->length);
		if (got < 0)
			return -EIO;
		if (got == 0)
			return 0;
		item->length += (size_t)got;
	}
}

/* Bring the item's bytes in from its host file, unpacked where it is packed. */
static int load(struct contents_item *item, struct err *e)
{
	struct archive *in = archive_read_new();
	struct archive_entry *entry;
	int rc = 0;

	if (!in)
		return no_memory(e);
	/* Never of what is not named as packed: findings/plain-text-decoded.sh. */
	if (item->form == CONTENTS_PACKED)
		archive_read_support_filter_all(in);
	archive_read_support_format_raw(in);
	archive_read_support_format_empty(in);
	if (archive_read_open_filename(in, item->host, 65536) != ARCHIVE_OK ||
	    (rc = archive_read_next_header(in, &entry)) < ARCHIVE_WARN ||
	    (rc != ARCHIVE_EOF && read_entry(in, item)))
		rc = err_set(e, archive_errno(in) > 0 ? archive_errno(in) : EIO,
		             "cannot read %s for the initramfs: %s", item->host,
		             archive_error_string(in));
	else
		rc = 0;
	archive_read_free(in);
	if (!rc && item->form == CONTENTS_PROGRAM)
		item->length = sections_cut(item->bytes, item->length);
	return rc;
}

static int write_item(struct archive *out, struct archive_entry *entry,
                      const struct contents_item *item, size_t number)
{
	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, item->guest + 1);
	archive_entry_set_mode(entry, item->mode);
	archive_entry_set_size(entry, (la_int64_t)item->length);
	/* Fixed, so that the same input gives the same bytes. */
	archive_entry_set_ino64(entry, (la_int64_t)number);
	archive_entry_set_nlink(entry, 1);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_dev(entry, 0);
	if (item->link)
		archive_entry_set_symlink(entry, item->link);
	if (item->device) {
		archive_entry_set_rdevmajor(entry, major(item->device));
		archive_entry_set_rdevminor(entry, minor(item->device));
	}
	if (archive_write_header(out, entry) != ARCHIVE_OK)
		return -EIO;
	if (item->length &&
	    archive_write_data(out, item->bytes, item->length) != (la_ssize_t)item->length)
		return -EIO;
	return 0;
}

static int write_failed(struct archive *out, const char *path, struct err *e)
{
	int number = archive_errno(out);

	/* Its own words, "Write error", say less than the number. */
	return err_set(e, number > 0 ? number : EIO, "cannot write the initramfs %s: %s", path,
	               number > 0 ? strerror(number) : archive_error_string(out));
}

static int write_items(struct archive *out, const char *path, struct contents *c, struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	size_t i;
	int rc = entry ? 0 : no_memory(e);

	for (i = 0; i < c->count && !rc; i++) {
		struct contents_item *item = &c->items[i];

		if (item->host)
			rc = load(item, e);
		if (!rc && write_item(out, entry, item, i + 1))
			rc = write_failed(out, path, e);
		if (item->host) {
			free(item->bytes);
			item->bytes = NULL;
		}
	}
	archive_entry_free(entry);
	return rc;
}

int newc_write(const char *path, struct contents *c, struct err *e)
{
	struct archive *out = archive_write_new();
	int rc;

	if (!out)
		return no_memory(e);
	archive_write_set_format_cpio_newc(out);
	archive_write_set_bytes_in_last_block(out, 1);
	if (archive_write_open_filename(out, path) != ARCHIVE_OK) {
		rc = write_failed(out, path, e);
	} else {
		rc = write_items(out, path, c, e);
		/* What is still buffered may be what finds the disk full. */
		if (!rc && archive_write_close(out) != ARCHIVE_OK)
			rc = write_failed(out, path, e);
		if (rc)
			unlink(path);
	}
	archive_write_free(out);
	return rc;
}
