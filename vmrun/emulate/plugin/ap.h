/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the vCPUs after the first. Where registers are encrypted, a startup interrupt cannot set
 * them: the first one starts a vCPU where the firmware's table says, later ones let it go on after
 * its VMGEXIT for AP reset hold (sev_vcpu_deliver_sipi_vector in arch/x86/kvm/svm/sev.c of Linux);
 * or the guest names a VMSA (sev_snp_ap_creation there).
 */
#ifndef VMRUN_EMULATE_PLUGIN_AP_H
#define VMRUN_EMULATE_PLUGIN_AP_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/*
 * AP creation. SW_EXITINFO1: 63:32 APIC ID, 31:0 what to do; `features` of SEV, in RAX. False: it
 * is wrong.
 */
bool ap_request(struct vcpu *by, uint64_t info, uint64_t vmsa, uint64_t features);

/*
 * The guest writes `command` to its APIC's interrupt command register, of 64 bits as in x2APIC
 * mode. True: it is INIT, and done. QEMU's own would clear registers that the guest still needs.
 */
bool ap_command(struct vcpu *by, uint64_t command);

/* The same of a write to the APIC's page. */
bool ap_command_page(struct vcpu *by, uint64_t address, uint32_t value);

/*
 * AP reset hold, at VMGEXIT of `length` bytes: the vCPU waits, whatever interrupts come. The
 * answer, that it was not started, is there already; when it is started, it is changed in the GHCB
 * at `page` or, when that is 0, in the GHCB MSR.
 */
_Noreturn void ap_hold(struct vcpu *vcpu, uint64_t page, unsigned length);

/* Takes the place of x86_cpu_exec_interrupt. */
bool ap_interrupt(void *cs, int request);

#endif
