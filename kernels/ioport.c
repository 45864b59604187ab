/* SPDX-License-Identifier: MIT */
/*
 * IN and OUT from user mode, through ioperm(2): iopl(3) is not enough where #VC emulates them,
 * since Linux asks the task's I/O bitmap (arch/x86/kernel/sev.c, vc_ioio_check). The targets tell
 * the two places apart where an exit may end: KVM itself (PIC, PIT) and QEMU's main code
 * (pci-testdev, the ACPI timer). Port 0x80 is no target: KVM does not intercept it on AMD.
 */
#include "kernels/ioport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <time.h>

#include "harness/kernel.h"
#include "kernels/guard.h"
#include "kernels/testdev.h"

#define PIC_MASK 0x21 /* 8259A, interrupt mask register of the master: reading changes nothing */
#define PIT_0    0x40 /* 8254, counter 0: what published figures of IN were taken on */

enum ioport_target { IN_PIC, IN_PIT, IN_TESTDEV, IN_PMTIMER, OUT_TESTDEV, OUT_EVENTFD };

struct ioport_state {
	enum ioport_target target;
	struct testdev dev;  /* of the testdev targets */
	uint16_t port;       /* the first port to be let through, then the one that is timed */
	uint8_t expect;      /* testdev: what IN gives, what OUT writes */
	uint32_t last;       /* what the last timed IN gave */
	uint64_t iterations; /* how many were timed */
};

static const struct variant variants[] = {
        {"in_pic", "1 byte from the interrupt controller's mask, port 0x21; ends in KVM", -1,
         IN_PIC},
        {"in_pit", "1 byte from the interval timer, port 0x40; ends in KVM", -1, IN_PIT},
        {"in_testdev", "1 byte from pci-testdev; ends in QEMU", -1, IN_TESTDEV},
        {"in_pmtimer", "4 bytes from the ACPI timer; ends in QEMU", -1, IN_PMTIMER},
        {"out_testdev", "1 byte to pci-testdev; ends in QEMU", -1, OUT_TESTDEV},
        {"out_eventfd", "1 byte to pci-testdev's ioeventfd; ends in KVM", -1, OUT_EVENTFD},
};

static uint32_t get_u32(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value;
}

/* ACPI specification 6.5, table 5.9 (FADT): offsets into it. */
enum fadt {
	FADT_LENGTH = 4,
	FADT_PM_TMR_BLK = 76,
	FADT_PM_TMR_LEN = 91,
	FADT_FLAGS = 112,
	FADT_X_PM_TMR_BLK = 208, /* generic address: u8 space, ..., u64 address at +4 */
	FADT_MIN = 116           /* ACPI 1.0's */
};
#define FADT_HW_REDUCED (1U << 20)
#define SPACE_IO        1

int ioport_pm_timer(const char *root, uint16_t *port, struct err *e)
{
	uint8_t table[512];
	char path[256];
	uint32_t block;
	size_t length;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/firmware/acpi/tables/FACP", root);
	f = fopen(path, "re");
	if (!f)
		return err_set(e, ENOTSUP, "no ACPI timer: %s: %s", path, strerror(errno));
	length = fread(table, 1, sizeof(table), f);
	fclose(f);
	if (length < FADT_MIN || memcmp(table, "FACP", 4) != 0 ||
	    get_u32(table + FADT_LENGTH) < FADT_MIN)
		return err_set(e, EPROTO, "%s is not an ACPI FADT", path);
	if (get_u32(table + FADT_FLAGS) & FADT_HW_REDUCED)
		return err_set(e, ENOTSUP, "no ACPI timer: the FADT says hardware-reduced");
	block = get_u32(table + FADT_PM_TMR_BLK);
	if (!block && length >= FADT_X_PM_TMR_BLK + 12 && table[FADT_X_PM_TMR_BLK] == SPACE_IO)
		block = get_u32(table + FADT_X_PM_TMR_BLK + 4);
	if (!block || block > UINT16_MAX - 3 || table[FADT_PM_TMR_LEN] != 4)
		return err_set(e, ENOTSUP, "no ACPI timer: the FADT names no port for it");
	*port = (uint16_t)block;
	return 0;
}

static bool uses_testdev(enum ioport_target target)
{
	return target == IN_TESTDEV || target == OUT_TESTDEV || target == OUT_EVENTFD;
}

static uint8_t port_read(void *context, unsigned offset)
{
	const struct ioport_state *s = context;

	return inb((uint16_t)(s->dev.port + offset));
}

static void port_write(void *context, unsigned offset, uint8_t value)
{
	const struct ioport_state *s = context;

	outb(value, (uint16_t)(s->dev.port + offset));
}

/* Which ports, and how many of them. */
static int find_ports(struct ioport_state *s, unsigned *count, struct err *e)
{
	int rc;

	*count = 1;
	switch (s->target) {
	case IN_PIC:
		s->port = PIC_MASK;
		return 0;
	case IN_PIT:
		s->port = PIT_0;
		return 0;
	case IN_PMTIMER:
		*count = 4;
		return ioport_pm_timer("", &s->port, e);
	default:
		rc = testdev_find("", &s->dev, e);
		s->port = s->dev.port;
		*count = s->dev.ports;
		return rc;
	}
}

static void ioport_close(struct ioport_state *s)
{
	if (uses_testdev(s->target)) {
		ioperm(s->dev.port, s->dev.ports, 0);
		testdev_enable(&s->dev, 0, NULL);
	} else {
		ioperm(s->port, s->target == IN_PMTIMER ? 4 : 1, 0);
	}
}

static void read_port(void *state)
{
	const struct ioport_state *s = state;

	inb(s->port);
}

static int ioport_open(const struct setup *setup, struct ioport_state *s, struct err *e)
{
	unsigned count;
	int rc, sig;

	memset(s, 0, sizeof(*s));
	s->target = (enum ioport_target)setup->cell->variant->value;
	if (!sev_traits(setup->platform)->virtual_machine)
		return err_set(e, ENOTSUP,
		               "a port natively times the chipset, not a hypervisor: there is no "
		               "exit to time");
	rc = find_ports(s, &count, e);
	if (rc)
		return rc;
	if (ioperm(s->port, count, 1) < 0)
		return err_set(e, ENOTSUP,
		               "ioperm for port 0x%x: %s (run as root; a Linux in "
		               "lockdown refuses even root)",
		               s->port, strerror(errno));
	rc = uses_testdev(s->target) ? testdev_enable(&s->dev, 1, e) : 0;
	if (rc) {
		ioperm(s->port, count, 0);
		return rc;
	}
	/* An emulated processor may not know the I/O bitmap, and fault all the same. */
	sig = guard_try(read_port, s);
	if (sig < 0)
		rc = err_set(e, -sig, "no child process to try the first access: %s",
		             strerror(-sig));
	else if (sig)
		rc = err_set(e, ENOTSUP, "reading port 0x%x from user mode ended with: %s", s->port,
		             strsignal(sig));
	if (rc)
		ioport_close(s);
	return rc;
}

static int ioport_probe(const struct setup *setup, struct err *e)
{
	struct ioport_state s;
	int rc = ioport_open(setup, &s, e);

	if (!rc)
		ioport_close(&s);
	return rc;
}

static int start_test(struct ioport_state *s, struct err *e)
{
	const struct testdev_access access = {port_read, port_write, s};
	enum testdev_test test = s->target == OUT_EVENTFD ? TESTDEV_EVENTFD : TESTDEV_NO_EVENTFD;
	struct testdev_target target;
	int rc = testdev_start(&access, "portio", test, &target, e);

	if (rc)
		return rc;
	if (target.offset >= s->dev.ports)
		return err_set(e, EIO, "pci-testdev's target lies outside of its BAR 1");
	s->expect = target.value;
	s->port = (uint16_t)(s->dev.port +
	                     (s->target == IN_TESTDEV ? (unsigned)TESTDEV_DATA : target.offset));
	return 0;
}

static int ioport_setup(const struct setup *setup, void **state, struct err *e)
{
	struct ioport_state *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of ioport");
	rc = ioport_open(setup, s, e);
	if (!rc && uses_testdev(s->target)) {
		rc = start_test(s, e);
		if (rc)
			ioport_close(s);
	}
	if (rc)
		free(s);
	else
		*state = s;
	return rc;
}

static void ioport_run(void *state, unsigned thread, uint64_t iterations)
{
	struct ioport_state *s = state;
	uint16_t port = s->port;
	uint32_t value = s->expect;

	(void)thread;
	switch (s->target) {
	case OUT_TESTDEV:
	case OUT_EVENTFD:
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("outb %b0, %w1" : : "a"(value), "d"(port));
		break;
	case IN_PMTIMER:
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("inl %w1, %0" : "=a"(value) : "d"(port));
		break;
	default:
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("inb %w1, %b0" : "+a"(value) : "d"(port));
	}
	s->last = value;
	s->iterations += iterations;
}

static void ioport_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct ioport_state *s = state;
	uint32_t value = s->expect;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		asm volatile("" : "+a"(value) : "d"(s->port));
}

static int verify_testdev(struct ioport_state *s, struct err *e)
{
	const struct testdev_access access = {port_read, port_write, s};
	uint32_t expect = s->target == OUT_TESTDEV ? (uint32_t)s->iterations : 0;
	uint32_t count = testdev_count(&access);

	if (s->target == IN_TESTDEV && (s->last & 0xff) != s->expect)
		return err_set(e, EIO, "pci-testdev gave 0x%x instead of 0x%x", s->last & 0xff,
		               s->expect);
	if (count != expect)
		return err_set(e, EIO,
		               "QEMU counted %" PRIu32 " writes to pci-testdev instead of %" PRIu32,
		               count, expect);
	return 0;
}

/* A port where nobody answers reads as all ones. The timer must also run: 3.58 ticks a microsecond.
 */
static int verify_pmtimer(const struct ioport_state *s, struct err *e)
{
	const struct timespec a_while = {.tv_nsec = 100000};
	uint32_t before = inl(s->port);

	nanosleep(&a_while, NULL);
	if (s->last == UINT32_MAX || inl(s->port) == before)
		return err_set(e, EIO, "the ACPI timer at port 0x%x does not run", s->port);
	return 0;
}

static int ioport_verify(void *state, struct err *e)
{
	struct ioport_state *s = state;

	if (!s->iterations)
		return err_set(e, EIO, "no port access was executed");
	if (uses_testdev(s->target))
		return verify_testdev(s, e);
	if (s->target == IN_PMTIMER)
		return verify_pmtimer(s, e);
	/* The PIC's mask is all ones where the IOAPIC is in use, and the PIT's counter may be
	 * anything. */
	return 0;
}

static void ioport_teardown(void *state)
{
	ioport_close(state);
	free(state);
}

const struct kernel kernel_ioport = {
        .name = "ioport",
        .summary = "one IN or OUT in user mode: from the instruction to the next one, with the way "
                   "to the device model and back",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_NEEDS_ROOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .probe = ioport_probe,
        .setup = ioport_setup,
        .run = ioport_run,
        .baseline = ioport_baseline,
        .verify = ioport_verify,
        .teardown = ioport_teardown,
};
