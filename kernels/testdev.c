/* SPDX-License-Identifier: MIT */
#include "kernels/testdev.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESOURCE_IO     0x100U /* include/linux/ioport.h: IORESOURCE_IO */
#define RESOURCE_MEMORY 0x200U /* IORESOURCE_MEM */
#define NAME            16     /* offset of the header's name */
#define PATH_ROOM       320

static FILE *open_in(const char *folder, const char *file, char path[PATH_ROOM])
{
	snprintf(path, PATH_ROOM, "%s/%s", folder, file);
	return fopen(path, "re");
}

static bool file_holds(const char *folder, const char *file, unsigned long value)
{
	char path[PATH_ROOM], line[64], *end = line;
	bool same;
	FILE *f = open_in(folder, file, path);

	if (!f)
		return false;
	same = fgets(line, sizeof(line), f) && strtoul(line, &end, 16) == value && end != line;
	fclose(f);
	return same;
}

/* One line of sysfs `resource`: "start end flags". All zero where the BAR does not exist. */
static bool read_bar(FILE *f, uint64_t *start, uint64_t *end, uint64_t *flags)
{
	char line[128], *rest;

	if (!fgets(line, sizeof(line), f))
		return false;
	*start = strtoull(line, &rest, 16);
	*end = strtoull(rest, &rest, 16);
	*flags = strtoull(rest, &rest, 16);
	return *rest == '\n' && *end > *start;
}

static int read_bars(struct testdev *dev, struct err *e)
{
	uint64_t start[2], end[2], flags[2];
	char path[PATH_ROOM];
	bool good;
	FILE *f = open_in(dev->path, "resource", path);

	if (!f)
		return err_errno(e, "cannot open %s", path);
	good = read_bar(f, &start[0], &end[0], &flags[0]) &&
	       read_bar(f, &start[1], &end[1], &flags[1]);
	fclose(f);
	if (!good || !(flags[0] & RESOURCE_MEMORY) || !(flags[1] & RESOURCE_IO) ||
	    end[1] > UINT16_MAX)
		return err_set(e, EPROTO, "%s: the pci-testdev has no memory BAR 0 and port BAR 1",
		               path);
	dev->memory = start[0];
	dev->memory_size = end[0] - start[0] + 1;
	dev->port = (uint16_t)start[1];
	dev->ports = (uint16_t)(end[1] - start[1] + 1);
	return 0;
}

int testdev_find(const char *root, struct testdev *dev, struct err *e)
{
	char folder[128];
	struct dirent *entry;
	unsigned devices = 0;
	bool found = false;
	DIR *d;

	memset(dev, 0, sizeof(*dev));
	snprintf(folder, sizeof(folder), "%s/sys/bus/pci/devices", root);
	d = opendir(folder);
	if (!d)
		return err_set(e, ENOTSUP, "no PCI bus here: %s: %s", folder, strerror(errno));
	while (!found && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		devices++;
		if (snprintf(dev->path, sizeof(dev->path), "%s/%s", folder, entry->d_name) >=
		    (int)sizeof(dev->path))
			continue;
		found = file_holds(dev->path, "vendor", TESTDEV_VENDOR) &&
		        file_holds(dev->path, "device", TESTDEV_DEVICE);
	}
	closedir(d);
	if (!found)
		return err_set(e, ENOTSUP,
		               "no pci-testdev (%04x:%04x) among %u PCI devices: start QEMU with "
		               "-device pci-testdev",
		               TESTDEV_VENDOR, TESTDEV_DEVICE, devices);
	return read_bars(dev, e);
}

int testdev_enable(const struct testdev *dev, int on, struct err *e)
{
	char path[PATH_ROOM];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "%s/enable", dev->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno == EACCES)
			return err_set(e, ENOTSUP, "only root may enable the pci-testdev (%s)",
			               path);
		return err_errno(e, "cannot open %s", path);
	}
	if (write(fd, on ? "1" : "0", 1) != 1)
		rc = err_errno(e, "cannot write to %s", path);
	close(fd);
	return rc;
}

static uint32_t read_u32(const struct testdev_access *access, unsigned offset)
{
	uint32_t value = 0;

	/* The device answers bytes; a wider read would be the sum of several. */
	for (unsigned i = 0; i < 4; i++)
		value |= (uint32_t)access->read(access->context, offset + i) << (8 * i);
	return value;
}

int testdev_start(const struct testdev_access *access, const char *kind, enum testdev_test test,
                  struct testdev_target *target, struct err *e)
{
	char wanted[32], found[32];
	size_t i = 0;

	snprintf(wanted, sizeof(wanted), "%s-%s", kind,
	         test == TESTDEV_EVENTFD ? "wildcard-eventfd" : "no-eventfd");
	access->write(access->context, TESTDEV_TEST, (uint8_t)test);
	/* QEMU answers 0 for the name's NUL: a read that touches the end of the header is refused.
	 */
	do {
		found[i] = (char)access->read(access->context, (unsigned)(NAME + i));
	} while (found[i] && ++i < sizeof(found) - 1);
	found[i] = '\0';
	if (strcmp(found, wanted) != 0) {
		for (char *c = found; *c; c++) {
			if (*c < ' ' || *c > '~')
				*c = '?';
		}
		return err_set(e, EIO, "the pci-testdev calls its test \"%s\" instead of \"%s\"",
		               found, wanted);
	}
	target->offset = read_u32(access, TESTDEV_OFFSET);
	target->value = access->read(access->context, TESTDEV_DATA);
	return 0;
}

uint32_t testdev_count(const struct testdev_access *access)
{
	return read_u32(access, TESTDEV_COUNT);
}
