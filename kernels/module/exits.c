// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that a hypervisor may intercept, and that touch nothing outside of the CPU. */
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <linux/kvm_para.h>
#include <linux/preempt.h>

#include "sevbench.h"

static void cpuid_batch(struct run *run, u64 count)
{
	u32 leaf = (u32)run->arg, a, b, c, d;

	while (count--) {
		a = leaf;
		c = 0;
		asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
}

static int cpuid_probe(struct run *run)
{
	if (run->arg > U32_MAX)
		return run_refuse(run, EINVAL, "a CPUID leaf has 32 bits");
	return 0;
}

const struct op op_cpuid = {
        .probe = cpuid_probe,
        .batch = cpuid_batch,
        .empty = batch_empty,
};

/* Linux, include/uapi/linux/kvm_para.h. KVM only looks whether an interrupt is due and returns 0.
 */
#define POLL_IRQ KVM_HC_VAPIC_POLL_IRQ

/* AMD's and Intel's instruction differ; KVM would rewrite the wrong one in place. */
static bool is_amd(void)
{
	return boot_cpu_data.x86_vendor == X86_VENDOR_AMD ||
	       boot_cpu_data.x86_vendor == X86_VENDOR_HYGON;
}

static void hypercall_batch(struct run *run, u64 count)
{
	u64 result = 0;

	if (is_amd()) {
		while (count--)
			asm volatile("vmmcall" : "=a"(result) : "a"(POLL_IRQ) : "memory");
	} else {
		while (count--)
			asm volatile("vmcall" : "=a"(result) : "a"(POLL_IRQ) : "memory");
	}
	run->seen = result;
}

/* The instruction is undefined outside of a virtual machine: the first one may fault. */
static int hypercall_probe(struct run *run)
{
	long result = POLL_IRQ;
	int fault = 1;

	if (!kvm_para_available())
		return run_refuse(run, EOPNOTSUPP,
		                  "CPUID shows no KVM: nobody answers a KVM hypercall here");
	if (is_amd())
		asm volatile("1: vmmcall\n\txor %1, %1\n2:\n" _ASM_EXTABLE(1b, 2b)
		             : "+a"(result), "+r"(fault)
		             :
		             : "memory");
	else
		asm volatile("1: vmcall\n\txor %1, %1\n2:\n" _ASM_EXTABLE(1b, 2b)
		             : "+a"(result), "+r"(fault)
		             :
		             : "memory");
	if (fault)
		return run_refuse(run, EOPNOTSUPP, "the hypercall instruction faults here");
	if (result)
		return run_refuse(run, EOPNOTSUPP, "KVM answers KVM_HC_VAPIC_POLL_IRQ with %ld",
		                  result);
	return 0;
}

static int hypercall_verify(struct run *run, u64 done)
{
	if (run->seen)
		return run_refuse(run, EIO, "KVM answered a hypercall with %lld", (s64)run->seen);
	return 0;
}

const struct op op_hypercall = {
        .probe = hypercall_probe,
        .batch = hypercall_batch,
        .empty = batch_empty,
        .verify = hypercall_verify,
};

static void rdmsr_batch(struct run *run, u64 count)
{
	u32 low = 0, high = 0;

	while (count--)
		asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(run->msr));
	run->seen = (u64)high << 32 | low;
}

static void wrmsr_batch(struct run *run, u64 count)
{
	u32 low = (u32)run->value, high = (u32)(run->value >> 32);

	while (count--)
		asm volatile("wrmsr" : : "a"(low), "d"(high), "c"(run->msr) : "memory");
}

/* Every CPU has its own, and a run may move between two samples. */
static void msr_look(struct run *run)
{
	rdmsr_batch(run, 1);
	run->value = run->seen;
}

/*
 * Read it once with a net: a hypervisor need not know the register. What is written is what was
 * read there: of another CPU it may be something else.
 */
static int msr_try(struct run *run, bool write)
{
	bool reads, writes;
	u32 low, high;

	run->msr = (u32)run->arg;
	preempt_disable();
	reads = !rdmsr_safe(run->msr, &low, &high);
	writes = reads && write && !wrmsr_safe(run->msr, low, high);
	preempt_enable();
	if (!reads)
		return run_refuse(run, EOPNOTSUPP, "reading MSR 0x%x faults here", run->msr);
	if (write && !writes)
		return run_refuse(run, EOPNOTSUPP, "writing MSR 0x%x faults here", run->msr);
	return 0;
}

static int rdmsr_probe(struct run *run)
{
	if (run->arg != MSR_IA32_APICBASE && run->arg != MSR_IA32_MCG_STATUS)
		return run_refuse(run, EINVAL, "MSR 0x%llx is not among those to read", run->arg);
	return msr_try(run, false);
}

static int wrmsr_probe(struct run *run)
{
	if (run->arg != MSR_IA32_MCG_STATUS && run->arg != MSR_IA32_TSC_ADJUST)
		return run_refuse(run, EINVAL, "MSR 0x%llx is not among those to write", run->arg);
	return msr_try(run, true);
}

static int rdmsr_verify(struct run *run, u64 done)
{
	if (run->seen != run->value)
		return run_refuse(run, EIO, "MSR 0x%x gave 0x%llx instead of 0x%llx", run->msr,
		                  run->seen, run->value);
	return 0;
}

const struct op op_rdmsr = {
        .probe = rdmsr_probe,
        .look = msr_look,
        .batch = rdmsr_batch,
        .empty = batch_empty,
        .verify = rdmsr_verify,
};

const struct op op_wrmsr = {
        .probe = wrmsr_probe,
        .look = msr_look,
        .batch = wrmsr_batch,
        .empty = batch_empty,
        .irqs_off = true,
};

static void write_cr_batch(struct run *run, u64 count)
{
	unsigned long value;

	switch (run->arg) {
	case 0:
		asm volatile("mov %%cr0, %0" : "=r"(value));
		while (count--)
			asm volatile("mov %0, %%cr0" : : "r"(value) : "memory");
		break;
	case 4:
		asm volatile("mov %%cr4, %0" : "=r"(value));
		while (count--)
			asm volatile("mov %0, %%cr4" : : "r"(value) : "memory");
		break;
	default:
		asm volatile("mov %%cr8, %0" : "=r"(value));
		while (count--)
			asm volatile("mov %0, %%cr8" : : "r"(value) : "memory");
	}
}

static int write_cr_probe(struct run *run)
{
	if (run->arg != 0 && run->arg != 4 && run->arg != 8)
		return run_refuse(run, EINVAL, "CR%llu is not among those to write", run->arg);
	return 0;
}

const struct op op_write_cr = {
        .probe = write_cr_probe,
        .batch = write_cr_batch,
        .empty = batch_empty,
        .irqs_off = true,
};

static void write_dr_batch(struct run *run, u64 count)
{
	unsigned long value;

	asm volatile("mov %%db7, %0" : "=r"(value));
	while (count--)
		asm volatile("mov %0, %%db7" : : "r"(value) : "memory");
}

static int write_dr_probe(struct run *run)
{
	if (run->arg != 7)
		return run_refuse(run, EINVAL, "DR%llu is not among those to write", run->arg);
	return 0;
}

const struct op op_write_dr = {
        .probe = write_dr_probe,
        .batch = write_dr_batch,
        .empty = batch_empty,
        .irqs_off = true,
};

static void wbinvd_batch(struct run *run, u64 count)
{
	while (count--)
		asm volatile("wbinvd" : : : "memory");
}

const struct op op_wbinvd = {
        .batch = wbinvd_batch,
        .empty = batch_empty,
};
