/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/vc.h"

#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/linear.h"
#include "vmrun/emulate/plugin/qemu.h"
#include "vmrun/emulate/words.h"

#define VECTOR_VC 29 /* AMD64 APM volume 2, section 15.35.5 */

/* QEMU, qapi/run-state.json: ShutdownCause. With it QEMU's exit status is a failure. */
#define CAUSE_GUEST_PANIC 8

bool vc_wanted(const struct vcpu *vcpu)
{
	/* In real mode there is no way to take it: the firmware intercepts nothing there. */
	return emulation.es && vcpu->cr[0] & VCPU_CR0_PE;
}

_Noreturn void vc_raise(struct vcpu *vcpu, uint64_t code, uintptr_t ra)
{
	unsigned size;

	qemu.cpu_restore_state(vcpu->cs, ra);
	emulation_count_at(emulation.counters->vc, COUNTERS_HARDWARE, code);
	emulation_trace("%u vc %#llx %s rip %#llx rax %#llx rcx %#llx", vcpu->index,
	                (unsigned long long)code, words_exit(code), (unsigned long long)*vcpu->rip,
	                (unsigned long long)vcpu->reg[RAX], (unsigned long long)vcpu->reg[RCX]);
	/*
	 * QEMU knows no error code for vector 29 (exception_has_error_code in
	 * target/i386/tcg/seg_helper.c). It would lie lowest in the frame: one more push.
	 */
	vcpu->delivering = true;
	qemu.do_interrupt_all(vcpu->cs, VECTOR_VC, 0, 0, *vcpu->rip, 0);
	size = vcpu_is_long(vcpu) ? 8 : 4;
	vcpu->reg[RSP] -= size;
	linear_write(vcpu, vcpu->reg[RSP], &code, size);
	vcpu->delivering = false;
	vcpu->delivered = true;
	vcpu_skip(vcpu, 0);
}

void vc_intercept(struct vcpu *vcpu, uint64_t code, uintptr_t ra)
{
	if (vc_wanted(vcpu))
		vc_raise(vcpu, code, ra);
	emulation_count_at(emulation.counters->intercepted, COUNTERS_HARDWARE, code);
}

_Noreturn void vc_end(struct vcpu *vcpu)
{
	static int ended;

	if (!__atomic_exchange_n(&ended, 1, __ATOMIC_ACQ_REL))
		qemu.qemu_system_shutdown_request_with_code(CAUSE_GUEST_PANIC, 1);
	vcpu_stop(vcpu);
}
