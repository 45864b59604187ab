/* SPDX-License-Identifier: MIT */
/*
 * QEMU's pci-testdev: a device that does nothing, made to time the way to a device and back. BAR 0
 * is memory, BAR 1 are ports; both hold the same header (QEMU, hw/misc/pci-testdev.c):
 *
 *   offset 0  test: writing 0, 1 or 2 here starts that test (and resets its count)
 *          4  u32 offset of the test's target in this BAR
 *          8  u8  the value that a write to the target must have
 *         12  u32 count: how many such writes arrived in QEMU
 *         16  name, NUL-terminated: "mmio-no-eventfd", "portio-no-eventfd", ...
 *
 * Test 0 ends in QEMU's main code. The target of test 1 is an ioeventfd: under KVM a write to it
 * ends in the host's Linux, QEMU never counts it.
 */
#ifndef KERNELS_TESTDEV_H
#define KERNELS_TESTDEV_H

#include <stdint.h>

#include "harness/err.h"

#define TESTDEV_VENDOR 0x1b36 /* Red Hat */
#define TESTDEV_DEVICE 0x0005

enum testdev_test { TESTDEV_NO_EVENTFD = 0, TESTDEV_EVENTFD = 1 };
enum testdev_header { TESTDEV_TEST = 0, TESTDEV_OFFSET = 4, TESTDEV_DATA = 8, TESTDEV_COUNT = 12 };

struct testdev {
	char path[256];       /* its folder in sysfs */
	uint64_t memory;      /* physical address of BAR 0 */
	uint64_t memory_size; /* bytes */
	uint16_t port;        /* first port of BAR 1 */
	uint16_t ports;       /* how many */
};

/*
 * Find the first pci-testdev by its id among `root`/sys/bus/pci/devices ("" for the running
 * system). -ENOTSUP, with the QEMU option that adds one, when there is none; -EPROTO when it is
 * there but lacks one of its two BARs.
 */
int testdev_find(const char *root, struct testdev *dev, struct err *e);

/* Switch the device's memory and ports on or off (sysfs `enable`, counted by Linux). Root only. */
int testdev_enable(const struct testdev *dev, int on, struct err *e);

/* Byte access to the header of one BAR, so that both kinds share what follows. */
struct testdev_access {
	uint8_t (*read)(void *context, unsigned offset);
	void (*write)(void *context, unsigned offset, uint8_t value);
	void *context;
};

struct testdev_target {
	unsigned offset; /* where to write, from the start of the BAR */
	uint8_t value;   /* what to write */
};

/*
 * Start a test and say where its target is. -EIO when the header does not read as that test's
 * (`kind` is "mmio" or "portio"): then this is not the device, or nothing answers.
 */
int testdev_start(const struct testdev_access *access, const char *kind, enum testdev_test test,
                  struct testdev_target *target, struct err *e);

/* How many writes of the started test arrived in QEMU since testdev_start (modulo 2^32). */
uint32_t testdev_count(const struct testdev_access *access);

#endif
