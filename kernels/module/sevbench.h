/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside the guest kernel module: an operation, and one run of it. */
#ifndef SEVBENCH_H
#define SEVBENCH_H

#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/types.h>

#include "harness/module_abi.h"

struct run;

/* One row of the table: an operation and what must be known to time it. */
struct op {
	/* 0, or an errno with run_refuse(): what is missing. May sleep. NULL: it can always run. */
	int (*probe)(struct run *run);
	/* Get what a run needs. May sleep. close undoes it, also when it failed half-way. */
	int (*open)(struct run *run);
	void (*close)(struct run *run);

	/* Look up what each CPU has for itself, untimed, on the CPU of the sample that follows.
	 * NULL: nothing. May not sleep. */
	void (*look)(struct run *run);

	/* Do it `count` times, or run the empty loop as often. Exactly one of batch and once is
	 * set. */
	void (*batch)(struct run *run, u64 count);
	void (*empty)(struct run *run, u64 count);
	/* Do it once, between untimed preparations, and return the ticks. run->baseline: without
	 * it. */
	u64 (*once)(struct run *run);

	/* Was the work done? 0, or -EIO with run_refuse(). `done` operations, none of them empty.
	 */
	int (*verify)(struct run *run, u64 done);

	bool irqs_off;         /* what it touches, an interrupt handler may touch too */
	bool sleeps;           /* may schedule: only migration is off */
	unsigned int own_irqs; /* interrupts of this CPU that one operation makes by itself */
};

struct run {
	const struct op *op;
	struct sevbench_request *request;
	u64 arg;
	bool baseline;
	bool failed; /* set by `once` when it must not go on; the reason is in the request */

	/* The operation's own. */
	u64 value; /* what is written, or must be read */
	u64 seen;  /* what was read last */
	u32 msr;
	u16 port;
	void __iomem *map;  /* what close unmaps */
	void __iomem *mmio; /* the register in it */
	struct pci_dev *pci;
	void *memory;
	void *other; /* what else it needs: see there */
};

/* Put a sentence into the answer and return -errnum. */
int run_refuse(struct run *run, int errnum, const char *format, ...) __printf(3, 4);

/* Take one sample, all of it on one CPU, which the answer names: 0, -EINTR, -ETIME, or -EIO when
 * `once` failed. */
int batch_sample(struct run *run, u64 iterations, struct sevbench_sample *sample);
/* An empty loop for operations that need no other. */
void batch_empty(struct run *run, u64 count);
/* The harness's clock. */
u64 batch_begin(void);
u64 batch_end(void);
/* How many ticks of the TSC `ms` milliseconds are. */
u64 batch_ticks(u64 ms);

/* Does this Linux reach its local APIC so? */
bool apic_is(enum sevbench_apic way);
/* 0, or -EINVAL or -EOPNOTSUPP with run_refuse(). */
int apic_check(struct run *run, enum sevbench_apic way);

/* What is split off the direct map, it is split off for ever: so it is a block of 2 MiB. */
#define BLOCK_ORDER (const_ilog2(SEVBENCH_BLOCK) - PAGE_SHIFT)
#define BLOCK_PAGES (1U << BLOCK_ORDER)
/* Zeroed memory into run->memory: 1 << (order - BLOCK_ORDER) blocks. -ENOMEM with run_refuse(). */
int block_open(struct run *run, unsigned int order);
/* Give it back; but never to Linux when the run has failed, and its state is not known for sure. */
void block_close(struct run *run, unsigned int order);

extern const struct op op_cpuid, op_hypercall, op_rdmsr, op_wrmsr, op_write_cr, op_write_dr,
        op_wbinvd;
extern const struct op op_in, op_out, op_ins, op_outs, op_mmio_read, op_mmio_write;
extern const struct op op_halt, op_timer_arm, op_timer_handler;
extern const struct op op_ipi_self, op_ipi_running, op_ipi_halted, op_ipi_all;
extern const struct op op_convert, op_pvalidate, op_rmpadjust;

int share_mmap(struct file *file, struct vm_area_struct *vma);

#endif
