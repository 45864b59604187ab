/* SPDX-License-Identifier: MIT */
/*
 * Memory-mapped I/O from user mode: one byte read from, or written to, QEMU's pci-testdev through
 * the mapping of its BAR 0 that sysfs offers. Each access leaves the guest as a nested page fault,
 * and the hypervisor decodes the instruction. Under #VC (SEV-ES, SEV-SNP) Linux since 6.1.60
 * refuses this with SIGBUS, so the first access is made by a child process, which may die of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/kernel.h"
#include "kernels/guard.h"
#include "kernels/testdev.h"

enum mmio_access { MMIO_READ, MMIO_WRITE, MMIO_EVENTFD };

struct mmio_state {
	enum mmio_access access;
	struct testdev dev;
	volatile uint8_t *bar;
	volatile uint8_t *target;
	uint8_t expect;      /* what a read gives, what a write writes */
	uint8_t last;        /* what the last timed read gave */
	uint64_t iterations; /* how many were timed */
};

static const struct variant variants[] = {
        {"read", "1 byte from pci-testdev; ends in QEMU", -1, MMIO_READ},
        {"write", "1 byte to pci-testdev; ends in QEMU", -1, MMIO_WRITE},
        {"eventfd", "1 byte to pci-testdev's ioeventfd; ends in KVM", -1, MMIO_EVENTFD},
};

static uint8_t bar_read(void *context, unsigned offset)
{
	const struct mmio_state *s = context;

	return s->bar[offset];
}

static void bar_write(void *context, unsigned offset, uint8_t value)
{
	const struct mmio_state *s = context;

	s->bar[offset] = value;
}

static void read_once(void *address)
{
	(void)*(volatile uint8_t *)address;
}

static int map_bar(struct mmio_state *s, struct err *e)
{
	char path[320];
	void *bar;
	int fd;

	snprintf(path, sizeof(path), "%s/resource0", s->dev.path);
	fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	if (fd < 0) {
		if (errno == EACCES || errno == EPERM)
			return err_set(e, ENOTSUP,
			               "%s may not be opened: %s (run as root; a Linux "
			               "in lockdown refuses even root)",
			               path, strerror(errno));
		return err_errno(e, "cannot open %s", path);
	}
	bar = mmap(NULL, s->dev.memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (bar == MAP_FAILED)
		return err_set(e, ENOTSUP, "%s cannot be mapped: %s", path, strerror(errno));
	s->bar = bar;
	return 0;
}

static void mmio_close(struct mmio_state *s)
{
	if (s->bar)
		munmap((void *)s->bar, s->dev.memory_size);
	testdev_enable(&s->dev, 0, NULL);
}

static int refused(const struct setup *setup, int sig, struct err *e)
{
	if (sig < 0)
		return err_set(e, -sig, "no child process to try the first access: %s",
		               strerror(-sig));
	if (sev_traits(setup->platform)->vc)
		return err_set(e, ENOTSUP,
		               "Linux ends user-mode MMIO with %s where #VC must emulate it "
		               "(since 6.1.60): ring 0 is needed",
		               strsignal(sig));
	return err_set(e, ENOTSUP, "reading pci-testdev from user mode ended with %s",
	               strsignal(sig));
}

static int mmio_open(const struct setup *setup, struct mmio_state *s, struct err *e)
{
	int rc;

	memset(s, 0, sizeof(*s));
	s->access = (enum mmio_access)setup->cell->variant->value;
	if (!sev_traits(setup->platform)->virtual_machine)
		return err_set(
		        e, ENOTSUP,
		        "no hypervisor emulates a device natively: there is no exit to time");
	rc = testdev_find("", &s->dev, e);
	if (rc)
		return rc;
	rc = testdev_enable(&s->dev, 1, e);
	if (rc)
		return rc;
	rc = map_bar(s, e);
	if (!rc) {
		int sig = guard_try(read_once, (void *)s->bar);

		rc = sig ? refused(setup, sig, e) : 0;
	}
	if (rc)
		mmio_close(s);
	return rc;
}

static int mmio_probe(const struct setup *setup, struct err *e)
{
	struct mmio_state s;
	int rc = mmio_open(setup, &s, e);

	if (!rc)
		mmio_close(&s);
	return rc;
}

static int start_test(struct mmio_state *s, struct err *e)
{
	const struct testdev_access access = {bar_read, bar_write, s};
	enum testdev_test test = s->access == MMIO_EVENTFD ? TESTDEV_EVENTFD : TESTDEV_NO_EVENTFD;
	struct testdev_target target;
	int rc = testdev_start(&access, "mmio", test, &target, e);

	if (rc)
		return rc;
	if (target.offset >= s->dev.memory_size)
		return err_set(e, EIO, "pci-testdev's target lies outside of its BAR 0");
	s->expect = target.value;
	s->target = s->bar + (s->access == MMIO_READ ? (unsigned)TESTDEV_DATA : target.offset);
	return 0;
}

static int mmio_setup(const struct setup *setup, void **state, struct err *e)
{
	struct mmio_state *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of mmio");
	rc = mmio_open(setup, s, e);
	if (!rc) {
		rc = start_test(s, e);
		if (rc)
			mmio_close(s);
	}
	if (rc)
		free(s);
	else
		*state = s;
	return rc;
}

static void mmio_run(void *state, unsigned thread, uint64_t iterations)
{
	struct mmio_state *s = state;
	volatile uint8_t *target = s->target;
	uint8_t value = s->expect;

	(void)thread;
	if (s->access == MMIO_READ) {
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("movb %1, %0" : "=a"(value) : "m"(*target));
		s->last = value;
	} else {
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("movb %1, %0" : "=m"(*target) : "a"(value));
	}
	s->iterations += iterations;
}

static void mmio_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct mmio_state *s = state;
	uint8_t value = s->expect;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		asm volatile("" : "+a"(value));
}

/* QEMU counts writes that reach it; of a read it is known what it must give. */
static int mmio_verify(void *state, struct err *e)
{
	struct mmio_state *s = state;
	const struct testdev_access access = {bar_read, bar_write, s};
	uint32_t expect = s->access == MMIO_WRITE ? (uint32_t)s->iterations : 0;
	uint32_t count = testdev_count(&access);

	if (s->access == MMIO_READ && s->last != s->expect)
		return err_set(e, EIO, "pci-testdev gave 0x%x instead of 0x%x", s->last, s->expect);
	if (count != expect)
		return err_set(e, EIO,
		               "QEMU counted %" PRIu32 " writes to pci-testdev instead of %" PRIu32,
		               count, expect);
	return 0;
}

static void mmio_teardown(void *state)
{
	mmio_close(state);
	free(state);
}

const struct kernel kernel_mmio = {
        .name = "mmio",
        .summary = "one MMIO access in user mode: from the instruction to the next one, with the "
                   "way to the device model and back",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_NEEDS_ROOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .probe = mmio_probe,
        .setup = mmio_setup,
        .run = mmio_run,
        .baseline = mmio_baseline,
        .verify = mmio_verify,
        .teardown = mmio_teardown,
};
