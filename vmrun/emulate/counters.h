/* SPDX-License-Identifier: GPL-2.0-or-later OR MIT */
/*
 * What the emulated processor counts while a guest runs, in a file that it maps shared: whoever
 * maps the same file reads the counts at any time. All of it is written with relaxed atomic adds.
 */
#ifndef VMRUN_EMULATE_COUNTERS_H
#define VMRUN_EMULATE_COUNTERS_H

#include <stdint.h>

#define COUNTERS_MAGIC   0x31434d4556455355ull /* "USEVEMC1" */
#define COUNTERS_VERSION 2

/*
 * Exit codes of hardware stand at their number (AMD64 APM volume 2, appendix C; SVM_EXIT_* of
 * Linux, arch/x86/include/uapi/asm/svm.h): 0x72 CPUID, 0x7b IN and OUT, 0x7c RDMSR and WRMSR, 0x81
 * VMMCALL, 0x400 MMIO, 0x404 a page that is not validated (APM volume 2, section 15.36.10).
 */
#define COUNTERS_HARDWARE 0x480

/* Those of software are 0x80000000 and up (SVM_VMGEXIT_* in the same file of Linux). */
#define COUNTERS_SOFTWARE 0x40

/* Requests in the GHCB MSR stand at GHCBInfo (GHCB specification 2.03, section 2.3.1). */
#define COUNTERS_MSR 0x110

enum counters_pvalidate {
	COUNTERS_PVALIDATE_DONE,
	COUNTERS_PVALIDATE_UNCHANGED, /* carry: the page was in that state */
	COUNTERS_PVALIDATE_INPUT,     /* FAIL_INPUT */
	COUNTERS_PVALIDATE_SIZE,      /* FAIL_SIZEMISMATCH */
	COUNTERS_PVALIDATE_FAULT,     /* #PF: the address is not mapped */
	COUNTERS_PVALIDATE_RESULTS
};

struct counters {
	uint64_t magic;   /* COUNTERS_MAGIC, written last */
	uint32_t version; /* COUNTERS_VERSION */
	uint32_t size;    /* of this struct */

	uint64_t vc[COUNTERS_HARDWARE]; /* #VC raised, by error code */
	/* What leaves a guest without #VC: under sev everything that is intercepted. */
	uint64_t intercepted[COUNTERS_HARDWARE];
	uint64_t vmgexit[COUNTERS_HARDWARE];          /* GHCB exits, by exit code */
	uint64_t vmgexit_software[COUNTERS_SOFTWARE]; /* at counters_software() */
	uint64_t vmgexit_unknown;                     /* answered with an error */
	uint64_t vmgexit_msr[COUNTERS_MSR];           /* requests in the GHCB MSR */
	uint64_t vmgexit_msr_unknown;

	uint64_t entries_private, entries_shared; /* page-state requests that were granted ... */
	uint64_t pages_private, pages_shared;     /* ... and the 4 KiB pages of them */
	/* [0 4 KiB, 1 2 MiB][0 rescind, 1 validate][result] */
	uint64_t pvalidate[2][2][COUNTERS_PVALIDATE_RESULTS];
	uint64_t rmpadjust, rmpadjust_failed;

	uint64_t unvalidated;     /* accesses to private pages that are not validated: #VC 0x404 */
	uint64_t wrong_private;   /* private accesses to a page that is shared */
	uint64_t wrong_shared;    /* shared accesses to a page that is private */
	uint64_t implicit_shared; /* pages never validated that a shared access made shared */
	uint64_t views; /* pages used through the other view than before: their contents are garbage
	                 */
	uint64_t ap_created;     /* vCPUs started by AP creation */
	uint64_t guest_requests; /* messages to the emulated secure processor */
	uint64_t xsavec;         /* XSAVEC, which QEMU does not know and the plugin does */

	uint64_t terminations; /* the guest ended itself by the GHCB protocol ... */
	uint32_t termination_set, termination_code; /* ... the first time for this reason */
};

/* Where a software exit code is counted; -1: nowhere. */
static inline int counters_software(uint64_t code)
{
	if (code >= 0x80000000u && code < 0x80000020u)
		return (int)(code - 0x80000000u);
	if (code >= 0x8000ffe0u && code <= 0x8000ffffu)
		return (int)(0x20 + (code - 0x8000ffe0u));
	return -1;
}

#endif
