/* SPDX-License-Identifier: MIT */
/*
 * CPUID, the instruction that every virtual machine must intercept. What a leaf costs depends on
 * who answers it: the processor (natively), the hypervisor (an exit), or the guest's own Linux
 * under SEV-SNP, which takes a #VC and looks most leaves up in the CPUID page without an exit, but
 * asks the hypervisor for 0x1 and 0xb (Linux, arch/x86/kernel/sev-shared.c, snp_cpuid_postprocess).
 */
#include <errno.h>
#include <stdlib.h>

#include "harness/kernel.h"

struct cpuid_state {
	uint32_t leaf;
	uint32_t regs[4];    /* EAX, EBX, ECX, EDX of the last CPUID that was timed */
	uint64_t iterations; /* how many were timed */
};

static const struct variant variants[] = {
        {"0x0", "vendor and highest leaf; answered by Linux under SEV-SNP", -1, 0x0},
        {"0x1", "family and features; asks the hypervisor on every platform", -1, 0x1},
        {"0xb", "topology; asks the hypervisor on every platform", -1, 0xb},
        {"0x40000000", "the hypervisor's signature", -1, 0x40000000},
};

static int cpuid_setup(const struct setup *setup, void **state, struct err *e)
{
	struct cpuid_state *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of cpuid");
	s->leaf = (uint32_t)setup->cell->variant->value;
	*state = s;
	return 0;
}

static void cpuid_run(void *state, unsigned thread, uint64_t iterations)
{
	struct cpuid_state *s = state;
	uint32_t leaf = s->leaf, a = 0, b = 0, c = 0, d = 0;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++) {
		a = leaf;
		c = 0;
		asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
	s->regs[0] = a;
	s->regs[1] = b;
	s->regs[2] = c;
	s->regs[3] = d;
	s->iterations += iterations;
}

/* The same registers are loaded and given up; only the instruction is missing. */
static void cpuid_baseline(void *state, unsigned thread, uint64_t iterations)
{
	const struct cpuid_state *s = state;
	uint32_t leaf = s->leaf, a, b, c, d;

	(void)thread;
	for (uint64_t i = 0; i < iterations; i++) {
		a = leaf;
		c = 0;
		asm volatile("" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	}
}

/*
 * The answer that was timed must be the leaf's, as another path reads it. Left out is what names
 * the CPU that asked (leaf 1 EBX and leaf 0xb EDX: APIC id), which a migration may change.
 */
static int cpuid_verify(void *state, struct err *e)
{
	static const char *const names[] = {"EAX", "EBX", "ECX", "EDX"};
	const struct cpuid_state *s = state;
	uint32_t regs[4];

	if (!s->iterations)
		return err_set(e, EIO, "no CPUID was executed");
	/* Beyond the highest leaf (0x40000000 natively) the answer is whatever the CPU likes. */
	if (!cpu_id(s->leaf, 0, regs))
		return 0;
	for (unsigned i = 0; i < 4; i++) {
		if ((s->leaf == 0x1 && i == 1) || (s->leaf == 0xb && i == 3))
			continue;
		if (regs[i] != s->regs[i])
			return err_set(e, EIO,
			               "CPUID leaf 0x%x gave %s=0x%x when timed, 0x%x after",
			               s->leaf, names[i], s->regs[i], regs[i]);
	}
	return 0;
}

const struct kernel kernel_cpuid = {
        .name = "cpuid",
        .summary = "CPUID in user mode: from the instruction to the next one, with the way to "
                   "whoever answers it and back",
        .unit = UNIT_LATENCY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .setup = cpuid_setup,
        .run = cpuid_run,
        .baseline = cpuid_baseline,
        .verify = cpuid_verify,
        .teardown = free,
};
