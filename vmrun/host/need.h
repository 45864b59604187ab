/* SPDX-License-Identifier: MIT */
/*
 * What each mode needs of the processor and of Linux. The BIOS switches are called as in AMD's own
 * BIOS (github.com/AMDESE/AMDSEV, README, "BIOS Settings"); boards group them in their own ways.
 */
#ifndef VMRUN_HOST_NEED_H
#define VMRUN_HOST_NEED_H

#include "harness/sev.h"

/* Two switches, in different menus; "Auto" may mean off. */
#define NEED_BIOS_SNP "SEV-SNP Support (NBIO options) and SNP Memory (RMP Table) Coverage"

struct need {
	const char *title;     /* as AMD writes it */
	const char *parameter; /* of the module kvm_amd */
	const char *bios;      /* what to switch on in the BIOS */
	unsigned bit;          /* of CPUID 0x8000001F EAX */
	unsigned vm_type;      /* bit of KVM_CAP_VM_TYPES ... */
	unsigned
	        types_minor; /* ... which Linux 6.N sets where it can; before that 0 says nothing */
	unsigned major, minor; /* first Linux that can host it */
};

/* Of an encrypted mode; all zero for the others. */
const struct need *need_of(enum platform platform);

#endif
