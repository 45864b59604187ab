/* SPDX-License-Identifier: MIT */
/*
 * What only ring 0 may do, done and timed by the guest kernel module (kernels/module): one table of
 * variants a kernel, one row an operation of harness/module_abi.h. A kernel whose name begins with
 * ring0_ has a twin in user mode without it; equal variants of both are the same instruction.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/kernel.h"
#include "harness/module.h"

/* A variant's value holds the operation and its argument. */
#define ARG_BITS      40
#define DO(op, arg)   ((uintptr_t)(op) << ARG_BITS | (uintptr_t)(arg))
#define OP_OF(value)  ((unsigned)((value) >> ARG_BITS))
#define ARG_OF(value) ((uint64_t)(value) & ((1ULL << ARG_BITS) - 1))

struct ring0_state {
	int fd;
	unsigned op;
	uint64_t arg;
};

/* What a device answers natively is the chipset's time, not a hypervisor's. */
static int needs_hypervisor(unsigned op)
{
	return op >= SEVBENCH_IN && op <= SEVBENCH_MMIO_WRITE;
}

static int ring0_open(const struct setup *setup, struct ring0_state *s, struct err *e)
{
	uintptr_t value = setup->cell->variant->value;
	int rc;

	*s = (struct ring0_state){.fd = -1, .op = OP_OF(value), .arg = ARG_OF(value)};
	if (s->op == SEVBENCH_CONVERT)
		s->arg |= cell_axis(setup->cell, "pages_converted") << SEVBENCH_CONVERT_PAGES;
	if (needs_hypervisor(s->op) && !sev_traits(setup->platform)->virtual_machine)
		return err_set(e, ENOTSUP,
		               "natively this times the chipset, not a hypervisor: there is no "
		               "exit to time");
	s->fd = module_open(NULL, e);
	if (s->fd < 0)
		return s->fd;
	rc = module_probe(s->fd, s->op, s->arg, e);
	if (rc)
		close(s->fd);
	return rc;
}

static int ring0_probe(const struct setup *setup, struct err *e)
{
	struct ring0_state s;
	int rc = ring0_open(setup, &s, e);

	if (!rc)
		close(s.fd);
	return rc;
}

static int ring0_setup(const struct setup *setup, void **state, struct err *e)
{
	struct ring0_state *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of %s",
		               setup->cell->kernel->name);
	rc = ring0_open(setup, s, e);
	if (rc)
		free(s);
	else
		*state = s;
	return rc;
}

static void ring0_teardown(void *state)
{
	struct ring0_state *s = state;

	close(s->fd);
	free(s);
}

static int take_some(const struct ring0_state *s, bool baseline, uint64_t iterations, size_t count,
                     struct timing *timings, struct err *e)
{
	struct sevbench_sample *samples = calloc(count, sizeof(*samples));
	struct sevbench_request request = {.op = s->op,
	                                   .arg = s->arg,
	                                   .flags = baseline ? SEVBENCH_BASELINE : 0,
	                                   .samples = (uint32_t)count,
	                                   .iterations = iterations,
	                                   .buffer = (uintptr_t)samples};
	int rc;

	if (!samples)
		return err_set(e, ENOMEM, "no memory for %zu samples", count);
	rc = module_run(s->fd, &request, e);
	for (size_t i = 0; i < request.taken && i < count; i++)
		timings[i] = (struct timing){samples[i].ticks, samples[i].interrupts};
	free(samples);
	return rc;
}

static int ring0_take(void *state, bool baseline, uint64_t iterations, size_t count,
                      struct timing *timings, struct err *e)
{
	int rc = 0;

	while (count && !rc) {
		size_t some = count < SEVBENCH_SAMPLES_MAX ? count : SEVBENCH_SAMPLES_MAX;

		rc = take_some(state, baseline, iterations, some, timings, e);
		timings += some;
		count -= some;
	}
	return rc;
}

/* The module verifies what can be verified, in every run: take fails where it does not hold. */
#define RING0_KERNEL(kernel_name, flag_bits, text, ...)                                            \
	const struct kernel kernel_##kernel_name = {                                               \
	        .name = #kernel_name,                                                              \
	        .summary = text,                                                                   \
	        .unit = UNIT_LATENCY,                                                              \
	        .flags = KERNEL_NEEDS_ROOT | KERNEL_NEEDS_MODULE | (flag_bits),                    \
	        .variants = kernel_name##_variants,                                                \
	        .variant_count =                                                                   \
	                sizeof(kernel_name##_variants) / sizeof(kernel_name##_variants[0]),        \
	        .probe = ring0_probe,                                                              \
	        .setup = ring0_setup,                                                              \
	        .take = ring0_take,                                                                \
	        .teardown = ring0_teardown,                                                        \
	        __VA_ARGS__}

static const struct variant ring0_cpuid_variants[] = {
        {"0x0", "vendor and highest leaf; answered by Linux under SEV-SNP", -1,
         DO(SEVBENCH_CPUID, 0x0)},
        {"0x1", "family and features; asks the hypervisor on every platform", -1,
         DO(SEVBENCH_CPUID, 0x1)},
        {"0xb", "topology; asks the hypervisor on every platform", -1, DO(SEVBENCH_CPUID, 0xb)},
        {"0x40000000", "the hypervisor's signature", -1, DO(SEVBENCH_CPUID, 0x40000000)},
};
RING0_KERNEL(ring0_cpuid, 0,
             "CPUID in ring 0: from the instruction to the next one, with the way to whoever "
             "answers it and back");

static const struct variant ring0_hypercall_variants[] = {
        {"poll_irq", "KVM_HC_VAPIC_POLL_IRQ: KVM does nothing and returns", -1,
         DO(SEVBENCH_HYPERCALL, 0)},
};
RING0_KERNEL(ring0_hypercall, 0,
             "one hypercall in ring 0: from the instruction to the next one, with the way to KVM "
             "and back");

static const struct variant ring0_msr_variants[] = {
        {"rdmsr_0x1b", "read the APIC base; ends in KVM", -1, DO(SEVBENCH_RDMSR, 0x1b)},
        {"rdmsr_0x17a", "read the machine check status; ends in KVM", -1,
         DO(SEVBENCH_RDMSR, 0x17a)},
        {"wrmsr_0x17a", "write the machine check status as it is; ends in KVM", -1,
         DO(SEVBENCH_WRMSR, 0x17a)},
        {"wrmsr_0x3b", "write the TSC adjustment as it is; ends in KVM", -1,
         DO(SEVBENCH_WRMSR, 0x3b)},
};
RING0_KERNEL(ring0_msr, 0,
             "one RDMSR or WRMSR of a register that KVM intercepts: from the instruction to the "
             "next one");

static const struct variant ring0_port_variants[] = {
        {"in_pic", "1 byte from the interrupt controller's mask, port 0x21; ends in KVM", -1,
         DO(SEVBENCH_IN, SEVBENCH_PIC)},
        {"in_pit", "1 byte from the interval timer, port 0x40; ends in KVM", -1,
         DO(SEVBENCH_IN, SEVBENCH_PIT)},
        {"in_testdev", "1 byte from pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_IN, SEVBENCH_TESTDEV)},
        {"in_pmtimer", "4 bytes from the ACPI timer; ends in QEMU", -1,
         DO(SEVBENCH_IN, SEVBENCH_PMTIMER)},
        {"out_testdev", "1 byte to pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_OUT, SEVBENCH_TESTDEV)},
        {"out_eventfd", "1 byte to pci-testdev's ioeventfd; ends in KVM", -1,
         DO(SEVBENCH_OUT, SEVBENCH_EVENTFD)},
        {"insb_64", "REP INSB of 64 bytes from pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_INS, 64)},
        {"outsb_64", "REP OUTSB of 64 bytes to pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_OUTS, 64)},
};
RING0_KERNEL(ring0_port, 0,
             "one IN, OUT or string of them in ring 0: from the instruction to the next one, with "
             "the way to the device model and back");

static const struct variant ring0_mmio_variants[] = {
        {"read", "1 byte from pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_MMIO_READ, SEVBENCH_TESTDEV)},
        {"write", "1 byte to pci-testdev; ends in QEMU", -1,
         DO(SEVBENCH_MMIO_WRITE, SEVBENCH_TESTDEV)},
        {"eventfd", "1 byte to pci-testdev's ioeventfd; ends in KVM", -1,
         DO(SEVBENCH_MMIO_WRITE, SEVBENCH_EVENTFD)},
        {"read_ioapic", "4 bytes from the I/O APIC; ends in KVM", -1,
         DO(SEVBENCH_MMIO_READ, SEVBENCH_IOAPIC)},
        {"read_lapic", "4 bytes from the local APIC; ends in KVM, or nowhere with AVIC", -1,
         DO(SEVBENCH_MMIO_READ, SEVBENCH_LAPIC)},
};
RING0_KERNEL(ring0_mmio, 0,
             "one MMIO access in ring 0: from the instruction to the next one, with the way to the "
             "device model and back");

static const struct variant ring0_control_variants[] = {
        {"cr0", "write CR0 as it is", -1, DO(SEVBENCH_WRITE_CR, 0)},
        {"cr4", "write CR4 as it is", -1, DO(SEVBENCH_WRITE_CR, 4)},
        {"cr8", "write CR8 (task priority) as it is", -1, DO(SEVBENCH_WRITE_CR, 8)},
        {"dr7", "write DR7 as it is", -1, DO(SEVBENCH_WRITE_DR, 7)},
        {"wbinvd", "write back and invalidate the caches; empty for KVM, real natively", -1,
         DO(SEVBENCH_WBINVD, 0)},
};
RING0_KERNEL(ring0_control, 0,
             "one write of a control or debug register, or WBINVD: from the instruction to the "
             "next one");

static const struct variant halt_variants[] = {
        {"50us", "woken after 50 us, while the host may still poll", -1, DO(SEVBENCH_HALT, 50000)},
        {"1ms", "woken after 1 ms, when the host has put the vCPU to sleep", -1,
         DO(SEVBENCH_HALT, 1000000)},
};
RING0_KERNEL(halt, KERNEL_SINGLE_SHOT,
             "HLT until a timer wakes: from setting the timer to the next instruction after HLT; "
             "the baseline waits awake");

static const struct variant timer_variants[] = {
        {"arm_deadline", "set it by the TSC deadline, MSR 0x6e0", -1,
         DO(SEVBENCH_TIMER_ARM, SEVBENCH_TIMER_DEADLINE)},
        {"arm_xapic", "set it by the local APIC's count, in memory", -1,
         DO(SEVBENCH_TIMER_ARM, SEVBENCH_TIMER_XAPIC)},
        {"arm_x2apic", "set it by the local APIC's count, an MSR", -1,
         DO(SEVBENCH_TIMER_ARM, SEVBENCH_TIMER_X2APIC)},
        {"handler_running", "from its time to its handler, while the CPU runs", -1,
         DO(SEVBENCH_TIMER_HANDLER, 50000)},
        {"handler_halted_50us", "the same of a CPU halted for 50 us: the host may still poll", -1,
         DO(SEVBENCH_TIMER_HANDLER, SEVBENCH_TIMER_HALTS | 50000)},
        {"handler_halted_1ms", "the same of a CPU halted for 1 ms: the host has put it to sleep",
         -1, DO(SEVBENCH_TIMER_HANDLER, SEVBENCH_TIMER_HALTS | 1000000)},
};
RING0_KERNEL(timer, KERNEL_SINGLE_SHOT,
             "a timer: one write that sets it as Linux does (what was set is put back), and how "
             "late after its time Linux calls who set it");

/* The three ways, of which a Linux has one. */
#define BY_EACH_APIC(name, text, op, arg)                                                          \
	{name "_xapic", text "; sent by memory (xAPIC)", -1,                                       \
	 DO(op, (uint64_t)SEVBENCH_XAPIC << SEVBENCH_IPI_WAY | (arg))},                            \
	        {name "_x2apic", text "; sent by an MSR (x2APIC)", -1,                             \
	         DO(op, (uint64_t)SEVBENCH_X2APIC << SEVBENCH_IPI_WAY | (arg))},                   \
	        {name "_savic", text "; sent by Secure AVIC", -1,                                  \
	         DO(op, (uint64_t)SEVBENCH_SAVIC << SEVBENCH_IPI_WAY | (arg))},

static const struct variant ipi_variants[] = {
        BY_EACH_APIC("self", "from a CPU to itself", SEVBENCH_IPI_SELF, 0) BY_EACH_APIC(
                "running", "to another CPU, which runs", SEVBENCH_IPI_RUNNING,
                0) BY_EACH_APIC("halted_50us",
                                "to another CPU, halted for 50 us: the host may still poll",
                                SEVBENCH_IPI_HALTED, 50000)
                BY_EACH_APIC("halted_1ms",
                             "to another CPU, halted for 1 ms: the host has put it to sleep",
                             SEVBENCH_IPI_HALTED, 1000000)
                        BY_EACH_APIC("all", "to all other CPUs at once", SEVBENCH_IPI_ALL, 0)};
RING0_KERNEL(ipi, KERNEL_SINGLE_SHOT,
             "an interrupt between CPUs: from sending it to seeing that its handler has run");

static const struct variant convert_variants[] = {
        {"4k", "pages that do not begin a block of 2 MiB, to shared and back to private", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_4K_ROUND_TRIP)},
        {"4k_to_shared", "the first half of 4k, which is done whole", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_4K_TO_SHARED)},
        {"4k_to_private", "the second half of 4k, which is done whole", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_4K_TO_PRIVATE)},
        {"2m", "pages that begin a block of 2 MiB, to shared and back to private", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_2M_ROUND_TRIP)},
        {"2m_to_shared", "the first half of 2m, which is done whole", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_2M_TO_SHARED)},
        {"2m_to_private", "the second half of 2m, which is done whole", -1,
         DO(SEVBENCH_CONVERT, SEVBENCH_2M_TO_PRIVATE)},
};
static const uint64_t convert_sweep[] = {1, AXIS_END};
static const struct axis convert_axes[] = {
        {"pages_converted", "pages of 4 KiB that one call converts; 512 of 2m are a whole block", 1,
         512, convert_sweep},
};
RING0_KERNEL(
        convert, KERNEL_SINGLE_SHOT,
        "pages between private and shared, as a driver converts them, some in one call: page "
        "tables, caches and TLB, and under SEV-SNP the hypervisor's page state change. Every "
        "variant converts both ways; _to_shared and _to_private time one of them. Under SEV-SNP a "
        "round trip of a whole block is 6 exits and 1024 PVALIDATE of 4 KiB on Linux 6.1, 2 exits "
        "and 2 PVALIDATE of 2 MiB on 6.12: figures of different Linuxes are not comparable",
        .axes = convert_axes, .axis_count = sizeof(convert_axes) / sizeof(convert_axes[0]));

static const struct variant pvalidate_variants[] = {
        {"no_change", "validate a page of 4 KiB that is valid", -1, DO(SEVBENCH_PVALIDATE, 0)},
        {"toggle", "rescind the validation of a page of 4 KiB and validate it again", -1,
         DO(SEVBENCH_PVALIDATE, SEVBENCH_RMP_TOGGLE)},
        {"2m_no_change", "validate a page of 2 MiB that is valid", -1,
         DO(SEVBENCH_PVALIDATE, SEVBENCH_RMP_2M)},
        {"2m_toggle", "rescind the validation of a page of 2 MiB and validate it again", -1,
         DO(SEVBENCH_PVALIDATE, SEVBENCH_RMP_2M | SEVBENCH_RMP_TOGGLE)},
};
RING0_KERNEL(pvalidate, 0,
             "PVALIDATE of a page: the instruction alone, without page tables and hypervisor");

static const struct variant rmpadjust_variants[] = {
        {"no_change", "take from VMPL 1 what it may not do with a page of 4 KiB", -1,
         DO(SEVBENCH_RMPADJUST, 0)},
        {"toggle", "let VMPL 1 read a page of 4 KiB, and forbid it again", -1,
         DO(SEVBENCH_RMPADJUST, SEVBENCH_RMP_TOGGLE)},
        {"2m_no_change", "take from VMPL 1 what it may not do with a page of 2 MiB", -1,
         DO(SEVBENCH_RMPADJUST, SEVBENCH_RMP_2M)},
        {"2m_toggle", "let VMPL 1 read a page of 2 MiB, and forbid it again", -1,
         DO(SEVBENCH_RMPADJUST, SEVBENCH_RMP_2M | SEVBENCH_RMP_TOGGLE)},
};
RING0_KERNEL(rmpadjust, 0,
             "RMPADJUST at VMPL 0 of what VMPL 1 may do with a page: the instruction alone, "
             "without hypervisor");
