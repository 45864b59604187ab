/* SPDX-License-Identifier: MIT */
#include "vmrun/image/contents.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "no memory for the initramfs");
}

const struct contents_item *contents_find(const struct contents *c, const char *guest)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->items[i].guest, guest) == 0)
			return &c->items[i];
	return NULL;
}

/* A new item, zeroed but for path and mode, or NULL. It is valid until the next is added. */
static struct contents_item *add(struct contents *c, const char *guest, mode_t mode)
{
	struct contents_item *items = reallocarray(c->items, c->count + 1, sizeof(*items));
	struct contents_item *item;

	if (!items)
		return NULL;
	c->items = items;
	item = &items[c->count];
	*item = (struct contents_item){.guest = strdup(guest), .mode = mode};
	if (!item->guest)
		return NULL;
	c->count++;
	return item;
}

int contents_add_folder(struct contents *c, const char *guest, struct err *e)
{
	if (contents_find(c, guest))
		return 0;
	return add(c, guest, S_IFDIR | 0755) ? 0 : no_memory(e);
}

/* The folders above `guest`, which nobody else may have asked for. */
static int add_parents(struct contents *c, const char *guest, struct err *e)
{
	char path[PATH_MAX];
	char *slash = path;

	if (snprintf(path, sizeof(path), "%s", guest) >= (int)sizeof(path))
		return err_set(e, ENAMETOOLONG, "the path %s is too long", guest);
	while ((slash = strchr(slash + 1, '/'))) {
		int rc;

		*slash = '\0';
		rc = contents_add_folder(c, path, e);
		if (rc)
			return rc;
		*slash = '/';
	}
	return 0;
}

int contents_add_file(struct contents *c, const char *guest, const char *host, mode_t permissions,
                      enum contents_form form, struct err *e)
{
	struct contents_item *item;
	struct stat st;
	int rc = add_parents(c, guest, e);

	if (rc)
		return rc;
	/* A pipe would keep us waiting, and a device never end. */
	if (stat(host, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s is not a file", host);
	item = add(c, guest, S_IFREG | permissions);
	if (!item)
		return no_memory(e);
	item->form = form;
	item->host = strdup(host);
	return item->host ? 0 : no_memory(e);
}

int contents_add_bytes(struct contents *c, const char *guest, uint8_t *bytes, size_t length,
                       struct err *e)
{
	struct contents_item *item = add(c, guest, S_IFREG | 0644);

	if (!item) {
		free(bytes);
		return no_memory(e);
	}
	item->bytes = bytes;
	item->length = length;
	return 0;
}

int contents_add_link(struct contents *c, const char *guest, const char *to, struct err *e)
{
	struct contents_item *item = add(c, guest, S_IFLNK | 0777);

	if (!item)
		return no_memory(e);
	item->link = strdup(to);
	return item->link ? 0 : no_memory(e);
}

int contents_add_device(struct contents *c, const char *guest, dev_t device, struct err *e)
{
	struct contents_item *item = add(c, guest, S_IFCHR | 0600);

	if (!item)
		return no_memory(e);
	item->device = device;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct contents_item *)a)->guest,
	              ((const struct contents_item *)b)->guest);
}

void contents_sort(struct contents *c)
{
	qsort(c->items, c->count, sizeof(*c->items), by_path);
}

void contents_free(struct contents *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		free(c->items[i].guest);
		free(c->items[i].host);
		free(c->items[i].link);
		free(c->items[i].bytes);
	}
	free(c->items);
}
