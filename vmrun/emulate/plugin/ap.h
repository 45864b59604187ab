/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting another vCPU with the registers of a VMSA (sev_snp_ap_creation in
 * arch/x86/kvm/svm/sev.c of Linux). */
#ifndef VMRUN_EMULATE_PLUGIN_AP_H
#define VMRUN_EMULATE_PLUGIN_AP_H

#include <stdbool.h>
#include <stdint.h>

#include "vmrun/emulate/plugin/vcpu.h"

/* SW_EXITINFO1: 63:32 APIC ID, 15:0 what to do. False: it is wrong. */
bool ap_request(struct vcpu *by, uint64_t info, uint64_t vmsa);

/*
 * To be called by each vCPU that fetches from `address`: when it is a new one's first instruction,
 * it gets the registers of its VMSA, and does not return.
 */
void ap_arrive(struct vcpu *vcpu, uint64_t address);

#endif
