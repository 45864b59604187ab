/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * What the guest kernel module (kernels/module) and user space tell each other. The module does
 * what only ring 0 may do; user space names an operation of its table, how often to do it and how
 * many samples to take, and gets every sample as it was taken.
 *
 * One RUN takes `samples` batches of `iterations` operations each. A batch is timed as the harness
 * times its own (LFENCE, RDTSC, LFENCE at both ends), on the CPU that the caller runs on,
 * without preemption. Interrupts stay enabled unless the operation forbids it; those that came are
 * counted sample by sample, so that a disturbed sample can be told apart.
 */
#ifndef HARNESS_MODULE_ABI_H
#define HARNESS_MODULE_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define SEVBENCH_DEVICE  "/dev/sevbench"
#define SEVBENCH_VERSION 2 /* of everything in this file */

/* The operations. `arg` is what the comment says, 0 where it says nothing. Numbers are for ever. */
enum sevbench_op {
	SEVBENCH_CPUID = 0,     /* arg: leaf; the subleaf is 0 */
	SEVBENCH_HYPERCALL = 1, /* KVM_HC_VAPIC_POLL_IRQ, which does nothing and returns */
	SEVBENCH_RDMSR = 2,     /* arg: 0x1b (APIC base), 0x17a (MCG status) */
	SEVBENCH_WRMSR = 3,     /* arg: 0x17a, 0x3b (TSC adjust); the value that is there */
	SEVBENCH_WRITE_CR = 4,  /* arg: 0, 4, 8; the value that is there */
	SEVBENCH_WRITE_DR = 5,  /* arg: 7; the value that is there */
	SEVBENCH_WBINVD = 6,
	SEVBENCH_IN = 7,          /* arg: enum sevbench_target; 1 byte, of the timer 4 */
	SEVBENCH_OUT = 8,         /* arg: enum sevbench_target; 1 byte */
	SEVBENCH_INS = 9,         /* arg: bytes of one REP INSB from pci-testdev, 1 to 4096 */
	SEVBENCH_OUTS = 10,       /* arg: bytes of one REP OUTSB to pci-testdev, 1 to 4096 */
	SEVBENCH_MMIO_READ = 11,  /* arg: enum sevbench_target; 1 byte, of the APICs 4 */
	SEVBENCH_MMIO_WRITE = 12, /* arg: enum sevbench_target; 1 byte */
	SEVBENCH_HALT = 13, /* arg: ns until the timer that wakes; baseline: wait without HLT */
	/* The four that send interrupts: at SEVBENCH_IPI_WAY of arg an enum sevbench_apic */
	SEVBENCH_IPI_SELF = 14,    /* from sending to having been interrupted */
	SEVBENCH_IPI_RUNNING = 15, /* to another CPU, which runs; until it has answered */
	SEVBENCH_IPI_HALTED = 16,  /* the same to a CPU halted for at least arg ns */
	SEVBENCH_CONVERT = 17, /* arg: enum sevbench_convert, and at SEVBENCH_CONVERT_PAGES how many
	                        * pages of 4 KiB one call converts, 1 to 512 */
	SEVBENCH_PVALIDATE = 18, /* arg: enum sevbench_rmp; validate, or rescind and validate */
	SEVBENCH_RMPADJUST = 19, /* arg: enum sevbench_rmp; take VMPL 1's permissions away, which it
	                          * has not, or let it read and take that away */
	SEVBENCH_TIMER_ARM = 20, /* arg: enum sevbench_timer; set it, and untimed as it was */
	SEVBENCH_TIMER_HANDLER = 21, /* arg: ns until it rings, and SEVBENCH_TIMER_HALTS; the time
	                              * from then until Linux calls who set it */
	SEVBENCH_IPI_ALL = 22,       /* to all other CPUs, until they have answered */
	SEVBENCH_OP_COUNT
};

enum sevbench_target {
	SEVBENCH_PIC = 0,     /* port 0x21 */
	SEVBENCH_PIT = 1,     /* port 0x40 */
	SEVBENCH_PMTIMER = 2, /* the ACPI timer's port */
	SEVBENCH_TESTDEV = 3, /* pci-testdev, in QEMU */
	SEVBENCH_EVENTFD = 4, /* pci-testdev's ioeventfd: writes only */
	SEVBENCH_IOAPIC = 5,  /* IOREGSEL of the first I/O APIC */
	SEVBENCH_LAPIC = 6    /* the local APIC's version register; not in x2APIC mode */
};

/*
 * What of a round trip is timed: all of it, or one half while the other is made untimed. The first
 * page of 2M_ is that of a block of 2 MiB, which 512 pages fill; that of 4K_ is not, so that no
 * number of pages makes a block.
 */
enum sevbench_convert {
	SEVBENCH_4K_ROUND_TRIP = 0,
	SEVBENCH_4K_TO_SHARED = 1,
	SEVBENCH_4K_TO_PRIVATE = 2,
	SEVBENCH_2M_ROUND_TRIP = 3,
	SEVBENCH_2M_TO_SHARED = 4,
	SEVBENCH_2M_TO_PRIVATE = 5
};
#define SEVBENCH_CONVERT_PAGES 8 /* bit */

/* How Linux reaches the local APIC, and sends interrupts by it. */
enum sevbench_apic {
	SEVBENCH_ANY_APIC = 0,
	SEVBENCH_XAPIC = 1,  /* memory */
	SEVBENCH_X2APIC = 2, /* MSRs */
	SEVBENCH_SAVIC = 3   /* Secure AVIC: the processor has a page of the guest for it */
};
#define SEVBENCH_IPI_WAY 32 /* bit */

enum sevbench_timer {
	SEVBENCH_TIMER_DEADLINE = 0, /* MSR 0x6e0 */
	SEVBENCH_TIMER_XAPIC = 1,    /* the local APIC's initial count, by memory */
	SEVBENCH_TIMER_X2APIC = 2    /* or by its MSR */
};
#define SEVBENCH_TIMER_HALTS (1ULL << 32) /* until it rings the CPU halts, else it runs */

/* A page of the guest in the RMP: together, 0 is one of 4 KiB that stays as it is. */
enum sevbench_rmp {
	SEVBENCH_RMP_TOGGLE = 1, /* it is changed, and changed back */
	SEVBENCH_RMP_2M = 2      /* a page of 2 MiB */
};

#define SEVBENCH_BASELINE       (1U << 0) /* flag: the same loop without the operation */
#define SEVBENCH_ITERATIONS_MAX (1ULL << 32)
#define SEVBENCH_SAMPLES_MAX    65536U
#define SEVBENCH_BATCH_MS       1000 /* a batch that lasts longer is broken off: -ETIME */
#define SEVBENCH_REASON         160

struct sevbench_sample {
	__u64 ticks;      /* of the TSC, for the whole batch */
	__u32 interrupts; /* that this CPU took meanwhile, beyond those the operation makes */
	__u32 reserved;   /* 0 */
};

struct sevbench_request {
	__u32 version;                /* in: SEVBENCH_VERSION */
	__u32 op;                     /* in: enum sevbench_op */
	__u64 arg;                    /* in */
	__u32 flags;                  /* in: SEVBENCH_BASELINE or 0 */
	__u32 samples;                /* in: 1 to SEVBENCH_SAMPLES_MAX */
	__u64 iterations;             /* in: of a sample, 1 to SEVBENCH_ITERATIONS_MAX */
	__u64 buffer;                 /* in: address of samples[], written when RUN ends */
	__u32 taken;                  /* out: how many samples were written */
	__u32 cpu;                    /* out: the CPU it ran on */
	char reason[SEVBENCH_REASON]; /* out: a sentence when the ioctl fails, else "" */
};

struct sevbench_info {
	__u32 version;    /* of the module: SEVBENCH_VERSION when it was built */
	__u32 op_count;   /* SEVBENCH_OP_COUNT when it was built */
	char release[64]; /* of the Linux that it was built for */
};

/* INFO keeps its number and layout in every version, so that versions can be compared. */
#define SEVBENCH_IOC_INFO _IOR(0xeb, 0, struct sevbench_info)
/* Can this operation be done here? 0, or -EOPNOTSUPP with the reason. Times nothing. */
#define SEVBENCH_IOC_PROBE _IOWR(0xeb, 1, struct sevbench_request)
/*
 * -EOPNOTSUPP as PROBE; -EBUSY while another RUN is under way; -EINTR when a signal came (`taken`
 * samples are there); -ETIME for a batch that is too long; -EIO when the operation did not do its
 * work; -EINVAL, -E2BIG, -EFAULT for a bad request; -EPROTO for another version.
 */
#define SEVBENCH_IOC_RUN _IOWR(0xeb, 2, struct sevbench_request)

/*
 * mmap: memory in 2 MiB blocks (the length must be a multiple), all of it there, zeroed, mapped
 * with 4 KiB pages. The offset says how it is encrypted: private pages carry the C-bit as every
 * page of an encrypted guest does, shared ones do not. In a guest without encryption they are the
 * same.
 */
#define SEVBENCH_BLOCK       (2UL << 20)
#define SEVBENCH_MAP_SHARED  0UL
#define SEVBENCH_MAP_PRIVATE (1UL << 40)

#endif
