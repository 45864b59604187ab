// SPDX-License-Identifier: GPL-2.0-only
/* Ports and memory-mapped registers of devices that a hypervisor emulates. */
#include <asm/apic.h>
#include <asm/msr.h>
#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "sevbench.h"

#ifndef rdmsrq /* its name until Linux 6.16 */
#define rdmsrq rdmsrl
#endif

/* QEMU, hw/misc/pci-testdev.c: the header at the start of both BARs. kernels/testdev.h says more.
 */
#define TESTDEV_VENDOR 0x1b36
#define TESTDEV_DEVICE 0x0005
#define TESTDEV_TEST   0
#define TESTDEV_OFFSET 4
#define TESTDEV_DATA   8
#define TESTDEV_COUNT  12

#define PIC_MASK 0x21
#define PIT_0    0x40

/* Through ioread8 and iowrite8 BAR 0 and BAR 1 look the same. */
static u32 testdev_u32(void __iomem *bar, unsigned int offset)
{
	u32 value = 0;
	unsigned int i;

	for (i = 0; i < 4; i++)
		value |= (u32)ioread8(bar + offset + i) << (8 * i);
	return value;
}

static int testdev_probe(struct run *run)
{
	struct pci_dev *pci = pci_get_device(TESTDEV_VENDOR, TESTDEV_DEVICE, NULL);

	if (!pci)
		return run_refuse(
		        run, EOPNOTSUPP,
		        "no pci-testdev (1b36:0005): start QEMU with -device pci-testdev");
	pci_dev_put(pci);
	return 0;
}

/* Undoes every open of this file, whether it got to its end or not. */
static void device_close(struct run *run)
{
	if (run->map && run->pci)
		pci_iounmap(run->pci, run->map);
	else if (run->map)
		iounmap(run->map);
	if (run->pci) {
		pci_disable_device(run->pci);
		pci_dev_put(run->pci);
	}
	kfree(run->memory);
}

/* Switch it on, map one BAR, start a test and find where that test wants its writes. */
static int testdev_open(struct run *run, int bar, bool eventfd, unsigned int *target)
{
	struct pci_dev *pci = pci_get_device(TESTDEV_VENDOR, TESTDEV_DEVICE, NULL);

	if (!pci)
		return run_refuse(run, EOPNOTSUPP, "pci-testdev is gone");
	if (pci_enable_device(pci)) {
		pci_dev_put(pci);
		return run_refuse(run, EIO, "pci-testdev cannot be switched on");
	}
	run->pci = pci;
	run->map = pci_iomap(pci, bar, 0);
	if (!run->map)
		return run_refuse(run, ENOMEM, "pci-testdev's BAR %d cannot be mapped", bar);
	iowrite8(eventfd, run->map + TESTDEV_TEST);
	*target = testdev_u32(run->map, TESTDEV_OFFSET);
	run->value = ioread8(run->map + TESTDEV_DATA);
	if (*target < 16 || *target >= pci_resource_len(pci, bar))
		return run_refuse(run, EIO, "pci-testdev does not answer as one");
	return 0;
}

/* `written`: writes that QEMU must have counted; of an ioeventfd none. */
static int testdev_verify(struct run *run, u64 written)
{
	u32 count = testdev_u32(run->map, TESTDEV_COUNT);

	if (count != (u32)written)
		return run_refuse(run, EIO, "QEMU counted %u writes to pci-testdev instead of %u",
		                  count, (u32)written);
	return 0;
}

static int port_open_testdev(struct run *run, bool read, bool eventfd)
{
	unsigned int target;
	int rc = testdev_open(run, 1, eventfd, &target);

	if (!rc)
		run->port = (u16)(pci_resource_start(run->pci, 1) + (read ? TESTDEV_DATA : target));
	return rc;
}

static void in_batch(struct run *run, u64 count)
{
	u32 value = 0;

	if (run->arg == SEVBENCH_PMTIMER) {
		while (count--)
			asm volatile("inl %w1, %0" : "=a"(value) : "d"(run->port));
	} else {
		while (count--)
			asm volatile("inb %w1, %b0" : "+a"(value) : "d"(run->port));
	}
	run->seen = value;
}

static int in_probe(struct run *run)
{
	switch (run->arg) {
	case SEVBENCH_PIC:
		run->port = PIC_MASK;
		return 0;
	case SEVBENCH_PIT:
		run->port = PIT_0;
		return 0;
	case SEVBENCH_PMTIMER:
		if (acpi_disabled || (acpi_gbl_FADT.flags & ACPI_FADT_HW_REDUCED) ||
		    !acpi_gbl_FADT.pm_timer_block || acpi_gbl_FADT.pm_timer_length != 4)
			return run_refuse(run, EOPNOTSUPP, "ACPI names no port of a timer");
		run->port = (u16)acpi_gbl_FADT.pm_timer_block;
		return 0;
	case SEVBENCH_TESTDEV:
		return testdev_probe(run);
	default:
		return run_refuse(run, EINVAL, "no port to read belongs to target %llu", run->arg);
	}
}

static int in_open(struct run *run)
{
	return run->arg == SEVBENCH_TESTDEV ? port_open_testdev(run, true, false) : 0;
}

static int in_verify(struct run *run, u64 done)
{
	if (run->arg == SEVBENCH_TESTDEV && run->seen != run->value)
		return run_refuse(run, EIO, "pci-testdev gave 0x%llx instead of 0x%llx", run->seen,
		                  run->value);
	return 0;
}

const struct op op_in = {
        .probe = in_probe,
        .open = in_open,
        .close = device_close,
        .batch = in_batch,
        .empty = batch_empty,
        .verify = in_verify,
};

static void out_batch(struct run *run, u64 count)
{
	while (count--)
		asm volatile("outb %b0, %w1" : : "a"((u32)run->value), "d"(run->port));
}

static int write_probe(struct run *run)
{
	if (run->arg != SEVBENCH_TESTDEV && run->arg != SEVBENCH_EVENTFD)
		return run_refuse(run, EINVAL, "target %llu is not to be written", run->arg);
	return testdev_probe(run);
}

static int out_open(struct run *run)
{
	return port_open_testdev(run, false, run->arg == SEVBENCH_EVENTFD);
}

static int write_verify(struct run *run, u64 done)
{
	return testdev_verify(run, run->arg == SEVBENCH_EVENTFD ? 0 : done);
}

const struct op op_out = {
        .probe = write_probe,
        .open = out_open,
        .close = device_close,
        .batch = out_batch,
        .empty = batch_empty,
        .verify = write_verify,
};

static int string_probe(struct run *run)
{
	if (!run->arg || run->arg > PAGE_SIZE)
		return run_refuse(run, EINVAL, "a string of %llu bytes is not between 1 and %lu",
		                  run->arg, PAGE_SIZE);
	return testdev_probe(run);
}

static int string_open(struct run *run, bool read)
{
	int rc;

	run->memory = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!run->memory)
		return run_refuse(run, ENOMEM, "no memory for a string");
	rc = port_open_testdev(run, read, false); /* the argument is its length */
	if (rc)
		return rc;
	if (!read)
		memset(run->memory, (int)run->value, PAGE_SIZE);
	return 0;
}

static int ins_open(struct run *run)
{
	return string_open(run, true);
}

static int outs_open(struct run *run)
{
	return string_open(run, false);
}

static void ins_batch(struct run *run, u64 count)
{
	while (count--) {
		void *to = run->memory;
		unsigned long bytes = run->arg;

		asm volatile("rep insb" : "+D"(to), "+c"(bytes) : "d"(run->port) : "memory");
	}
}

static void outs_batch(struct run *run, u64 count)
{
	while (count--) {
		const void *from = run->memory;
		unsigned long bytes = run->arg;

		asm volatile("rep outsb" : "+S"(from), "+c"(bytes) : "d"(run->port) : "memory");
	}
}

static int ins_verify(struct run *run, u64 done)
{
	if (memchr_inv(run->memory, (int)run->value, run->arg))
		return run_refuse(run, EIO, "REP INSB did not fill %llu bytes with 0x%llx",
		                  run->arg, run->value);
	return 0;
}

static int outs_verify(struct run *run, u64 done)
{
	return testdev_verify(run, done * run->arg);
}

const struct op op_ins = {
        .probe = string_probe,
        .open = ins_open,
        .close = device_close,
        .batch = ins_batch,
        .empty = batch_empty,
        .verify = ins_verify,
};

const struct op op_outs = {
        .probe = string_probe,
        .open = outs_open,
        .close = device_close,
        .batch = outs_batch,
        .empty = batch_empty,
        .verify = outs_verify,
};

/* The physical address of the first I/O APIC, from the MADT; 0 where there is none. */
static phys_addr_t ioapic_address(void)
{
	struct acpi_table_header *table;
	struct acpi_subtable_header *entry;
	phys_addr_t address = 0;
	void *end;

	if (acpi_disabled || ACPI_FAILURE(acpi_get_table(ACPI_SIG_MADT, 0, &table)))
		return 0;
	end = (void *)table + table->length;
	entry = (void *)table + sizeof(struct acpi_table_madt);
	while ((void *)(entry + 1) <= end && entry->length >= sizeof(*entry) &&
	       (void *)entry + entry->length <= end) {
		if (entry->type == ACPI_MADT_TYPE_IO_APIC &&
		    entry->length >= sizeof(struct acpi_madt_io_apic)) {
			address = ((struct acpi_madt_io_apic *)entry)->address;
			break;
		}
		entry = (void *)entry + entry->length;
	}
	acpi_put_table(table);
	return address;
}

static int mmio_read_probe(struct run *run)
{
	switch (run->arg) {
	case SEVBENCH_TESTDEV:
		return testdev_probe(run);
	case SEVBENCH_IOAPIC:
		if (!ioapic_address())
			return run_refuse(run, EOPNOTSUPP, "ACPI names no I/O APIC");
		return 0;
	case SEVBENCH_LAPIC:
		if (x2apic_enabled())
			return run_refuse(
			        run, EOPNOTSUPP,
			        "the local APIC is in x2APIC mode, where its registers are MSRs");
		return 0;
	default:
		return run_refuse(run, EINVAL, "no register to read belongs to target %llu",
		                  run->arg);
	}
}

static int mmio_open_testdev(struct run *run, bool read)
{
	unsigned int target;
	int rc = testdev_open(run, 0, run->arg == SEVBENCH_EVENTFD, &target);

	if (!rc)
		run->mmio = run->map + (read ? TESTDEV_DATA : target);
	return rc;
}

static int mmio_read_open(struct run *run)
{
	phys_addr_t address;
	u64 base;

	switch (run->arg) {
	case SEVBENCH_TESTDEV:
		return mmio_open_testdev(run, true);
	case SEVBENCH_IOAPIC:
		address = ioapic_address();
		run->map = ioremap(address, PAGE_SIZE);
		run->mmio = run->map;
		break;
	default:
		rdmsrq(MSR_IA32_APICBASE, base);
		address = base & MSR_IA32_APICBASE_BASE;
		run->map = ioremap(address, PAGE_SIZE);
		run->mmio = run->map + APIC_LVR;
	}
	if (!run->map)
		return run_refuse(run, ENOMEM, "the registers at 0x%llx cannot be mapped",
		                  (u64)address);
	return 0;
}

static void mmio_read_batch(struct run *run, u64 count)
{
	u32 value = 0;

	if (run->arg == SEVBENCH_TESTDEV) {
		while (count--)
			asm volatile("movb %1, %b0"
			             : "+a"(value)
			             : "m"(*(volatile u8 __force *)run->mmio));
	} else {
		while (count--)
			asm volatile("movl %1, %0"
			             : "=a"(value)
			             : "m"(*(volatile u32 __force *)run->mmio));
	}
	run->seen = value;
}

static int mmio_read_verify(struct run *run, u64 done)
{
	if (run->arg == SEVBENCH_LAPIC && (!run->seen || run->seen == U32_MAX))
		return run_refuse(run, EIO, "the local APIC's version reads as 0x%llx", run->seen);
	return in_verify(run, done);
}

const struct op op_mmio_read = {
        .probe = mmio_read_probe,
        .open = mmio_read_open,
        .close = device_close,
        .batch = mmio_read_batch,
        .empty = batch_empty,
        .verify = mmio_read_verify,
};

static int mmio_write_open(struct run *run)
{
	return mmio_open_testdev(run, false);
}

static void mmio_write_batch(struct run *run, u64 count)
{
	while (count--)
		asm volatile("movb %b1, %0"
		             : "=m"(*(volatile u8 __force *)run->mmio)
		             : "a"((u32)run->value));
}

const struct op op_mmio_write = {
        .probe = write_probe,
        .open = mmio_write_open,
        .close = device_close,
        .batch = mmio_write_batch,
        .empty = batch_empty,
        .verify = write_verify,
};
