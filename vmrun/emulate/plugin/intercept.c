/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/intercept.h"

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/plugin/leaf.h"
#include "vmrun/emulate/plugin/vc.h"

static void on_cpuid(void *env)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);
	uint32_t r[4];

	vc_intercept(vcpu, EXIT_CPUID, ra);
	leaf_answer(env, (uint32_t)vcpu->reg[RAX], (uint32_t)vcpu->reg[RCX], r);
	vcpu->reg[RAX] = r[0];
	vcpu->reg[RBX] = r[1];
	vcpu->reg[RCX] = r[2];
	vcpu->reg[RDX] = r[3];
}

/* Ports. The check of the I/O permission map comes before (helper_check_io), as on hardware. */
#define PORT(width)                                                                                \
	static uint64_t on_in##width(void *env, uint32_t port)                                     \
	{                                                                                          \
		uintptr_t ra = VC_HERE;                                                            \
                                                                                                   \
		vc_intercept(vcpu_of(env), EXIT_IOIO, ra);                                         \
		return qemu.helper_in##width(env, port);                                           \
	}                                                                                          \
	static void on_out##width(void *env, uint32_t port, uint32_t value)                        \
	{                                                                                          \
		uintptr_t ra = VC_HERE;                                                            \
                                                                                                   \
		vc_intercept(vcpu_of(env), EXIT_IOIO, ra);                                         \
		qemu.helper_out##width(env, port, value);                                          \
	}
PORT(b)
PORT(w)
PORT(l)

/* Without DebugSwap KVM intercepts DR7 alone of an encrypted guest (sev_es_init_vmcb, svm/sev.c).
 */
static void on_set_dr(void *env, int n, uint64_t value)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);

	if (n == 7 && vc_wanted(vcpu))
		vc_raise(vcpu, EXIT_DR7_WRITE, ra);
	qemu.helper_set_dr(env, n, value);
}

static uint64_t on_get_dr(void *env, int n)
{
	uintptr_t ra = VC_HERE;
	struct vcpu *vcpu = vcpu_of(env);

	if (n == 7 && vc_wanted(vcpu))
		vc_raise(vcpu, EXIT_DR7_READ, ra);
	return qemu.helper_get_dr(env, n);
}

static void on_rdpmc(void *env)
{
	uintptr_t ra = VC_HERE;

	vc_intercept(vcpu_of(env), EXIT_RDPMC, ra);
	qemu.helper_rdpmc(env);
}

static void on_monitor(void *env, uint64_t address)
{
	uintptr_t ra = VC_HERE;

	vc_intercept(vcpu_of(env), EXIT_MONITOR, ra);
	qemu.helper_monitor(env, address);
}

static void on_mwait(void *env, int bytes)
{
	uintptr_t ra = VC_HERE;

	vc_intercept(vcpu_of(env), EXIT_MWAIT, ra);
	qemu.helper_mwait(env, bytes);
}

const struct qemu_hook intercept_hooks[] = {
        {"cpuid", (void *)on_cpuid},
        {"inb", (void *)on_inb},
        {"inw", (void *)on_inw},
        {"inl", (void *)on_inl},
        {"outb", (void *)on_outb},
        {"outw", (void *)on_outw},
        {"outl", (void *)on_outl},
        {"set_dr", (void *)on_set_dr},
        {"get_dr", (void *)on_get_dr},
        {"rdpmc", (void *)on_rdpmc},
        {"monitor", (void *)on_monitor},
        {"mwait", (void *)on_mwait},
        {NULL, NULL},
};
