/* SPDX-License-Identifier: MIT */
/*
 * A hypercall of KVM from user mode. KVM answers each one with -KVM_EPERM, since only ring 0 may
 * ask (Linux, arch/x86/kvm/x86.c, kvm_emulate_hypercall): it is the plainest way into KVM and back.
 * AMD processors have VMMCALL for it, Intel's VMCALL.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/kernel.h"
#include "kernels/guard.h"

#define POLL_IRQ  1    /* KVM_HC_VAPIC_POLL_IRQ: does nothing, if ever it were let through */
#define KVM_EPERM (-1) /* what is answered instead */

enum instruction { VMMCALL, VMCALL };

struct hypercall_state {
	enum instruction instruction;
	long answer;         /* to the last one that was timed */
	uint64_t iterations; /* how many were timed */
};

static const struct variant variants[] = {
        {"poll_irq", "VMMCALL or VMCALL number 1; KVM refuses it", -1, 0},
};

static enum instruction choose(void)
{
	uint32_t regs[4];

	return cpu_id(0, 0, regs) && !memcmp(&regs[1], "Genu", 4) ? VMCALL : VMMCALL;
}

static void hypercall_run(void *state, unsigned thread, uint64_t iterations)
{
	struct hypercall_state *s = state;
	long answer = 0;

	(void)thread;
	if (s->instruction == VMMCALL) {
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("vmmcall" : "=a"(answer) : "a"((long)POLL_IRQ) : "memory");
	} else {
		for (uint64_t i = 0; i < iterations; i++)
			asm volatile("vmcall" : "=a"(answer) : "a"((long)POLL_IRQ) : "memory");
	}
	s->answer = answer;
	s->iterations += iterations;
}

static void hypercall_baseline(void *state, unsigned thread, uint64_t iterations)
{
	long answer;

	(void)state;
	(void)thread;
	for (uint64_t i = 0; i < iterations; i++)
		asm volatile("" : "=a"(answer) : "a"((long)POLL_IRQ) : "memory");
}

static void run_once(void *state)
{
	hypercall_run(state, 0, 1);
}

static int hypercall_probe(const struct setup *setup, struct err *e)
{
	struct hypercall_state s = {.instruction = choose()};
	int sig;

	(void)setup;
	if (!cpu_kvm_base())
		return err_set(e, ENOTSUP,
		               "CPUID shows no KVM: nobody answers a KVM hypercall here");
	sig = guard_try(run_once, &s);
	if (sig < 0)
		return err_set(e, -sig, "no child process to try the first hypercall: %s",
		               strerror(-sig));
	if (sig)
		return err_set(e, ENOTSUP, "a hypercall from user mode ended with: %s",
		               strsignal(sig));
	return 0;
}

static int hypercall_setup(const struct setup *setup, void **state, struct err *e)
{
	struct hypercall_state *s = calloc(1, sizeof(*s));

	(void)setup;
	if (!s)
		return err_set(e, ENOMEM, "no memory for the state of hypercall");
	s->instruction = choose();
	*state = s;
	return 0;
}

static int hypercall_verify(void *state, struct err *e)
{
	const struct hypercall_state *s = state;

	if (!s->iterations)
		return err_set(e, EIO, "no hypercall was made");
	if (s->answer != KVM_EPERM)
		return err_set(e, EIO,
		               "KVM answered a hypercall from user mode with %ld instead "
		               "of %d",
		               s->answer, KVM_EPERM);
	return 0;
}

const struct kernel kernel_hypercall = {
        .name = "hypercall",
        .summary = "one hypercall in user mode: from the instruction to the next one, with the way "
                   "to KVM and back",
        .unit = UNIT_LATENCY,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .probe = hypercall_probe,
        .setup = hypercall_setup,
        .run = hypercall_run,
        .baseline = hypercall_baseline,
        .verify = hypercall_verify,
        .teardown = free,
};
