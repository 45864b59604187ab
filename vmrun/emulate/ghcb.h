/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GHCB page: where its fields lie, which the guest says are valid, and what each exit needs
 * (GHCB specification 2.03, sections 2.6 and 4.1; struct ghcb of Linux,
 * arch/x86/include/asm/svm.h).
 */
#ifndef VMRUN_EMULATE_GHCB_H
#define VMRUN_EMULATE_GHCB_H

#include <stdbool.h>
#include <stdint.h>

#define GHCB_SIZE 4096u

/* Offsets of the fields, all of 8 bytes but CPL, which is one. */
enum {
	GHCB_CPL = 0x0cb,
	GHCB_RAX = 0x1f8,
	GHCB_RCX = 0x308,
	GHCB_RDX = 0x310,
	GHCB_RBX = 0x318,
	GHCB_EXITCODE = 0x390,
	GHCB_EXITINFO1 = 0x398,
	GHCB_EXITINFO2 = 0x3a0,
	GHCB_SCRATCH = 0x3a8,
	GHCB_XCR0 = 0x3e8,
	GHCB_VALID = 0x3f0,  /* a bit for each 8 bytes of what is before it */
	GHCB_SHARED = 0x800, /* a buffer of 2032 bytes */
	GHCB_SHARED_END = 0xff0,
	GHCB_USAGE = 0xffc, /* 4 bytes; 0: as described here */
};

/*
 * Exit codes of hardware that a guest may send on (AMD64 APM volume 2, appendix C; SVM_EXIT_* of
 * Linux, arch/x86/include/uapi/asm/svm.h).
 */
enum {
	EXIT_DR7_READ = 0x27,
	EXIT_DR7_WRITE = 0x37,
	EXIT_RDTSC = 0x6e,
	EXIT_RDPMC = 0x6f,
	EXIT_CPUID = 0x72,
	EXIT_INVD = 0x76,
	EXIT_IOIO = 0x7b,
	EXIT_MSR = 0x7c,
	EXIT_VMMCALL = 0x81,
	EXIT_RDTSCP = 0x87,
	EXIT_WBINVD = 0x89,
	EXIT_MONITOR = 0x8a,
	EXIT_MWAIT = 0x8b,
	EXIT_NPF = 0x400,           /* of #VC alone: MMIO */
	EXIT_NOT_VALIDATED = 0x404, /* of #VC alone */
};

/* Those of software (SVM_VMGEXIT_* in the same file of Linux). */
#define EXIT_MMIO_READ        0x80000001u
#define EXIT_MMIO_WRITE       0x80000002u
#define EXIT_NMI_COMPLETE     0x80000003u
#define EXIT_AP_HOLD          0x80000004u
#define EXIT_JUMP_TABLE       0x80000005u
#define EXIT_PAGE_STATE       0x80000010u
#define EXIT_GUEST_REQUEST    0x80000011u
#define EXIT_EXTENDED_REQUEST 0x80000012u
#define EXIT_AP_CREATE        0x80000013u
#define EXIT_FEATURES         0x8000fffdu
#define EXIT_TERMINATE        0x8000fffeu
#define EXIT_UNSUPPORTED      0x8000ffffu

/* SW_EXITINFO1 31:0 of an answer (GHCB_HV_RESP_* of Linux, arch/x86/include/asm/sev-common.h). */
enum { GHCB_ANSWER_DONE = 0, GHCB_ANSWER_EXCEPTION = 1, GHCB_ANSWER_ERROR = 2 };

/* SW_EXITINFO2 of an answer that is an error (GHCB_ERR_* in the same file). */
enum ghcb_error {
	GHCB_GOOD = 0,
	GHCB_NOT_REGISTERED = 1,
	GHCB_INVALID_USAGE = 2,
	GHCB_INVALID_SCRATCH = 3,
	GHCB_MISSING_INPUT = 4,
	GHCB_INVALID_INPUT = 5,
	GHCB_INVALID_EVENT = 6,
};

/*
 * SW_EXITINFO2 of an answer that raises #GP: vector 13, type 3, valid, and as KVM gives it without
 * an error code (svm_vmgexit_inject_exception in arch/x86/kvm/svm/svm.h; SVM_EVTINJ_*).
 */
#define GHCB_RAISE_GP 0x8000030dull

/* Does the GHCB MSR hold the address of a page, rather than a request (ghcb_msr.h)? */
static inline bool ghcb_page_is_set(uint64_t msr)
{
	return msr && !(msr & 0xfff);
}

uint64_t ghcb_get(const uint8_t *page, unsigned offset);
void ghcb_set(uint8_t *page, unsigned offset, uint64_t value); /* and mark it valid */
bool ghcb_is_valid(const uint8_t *page, unsigned offset);
void ghcb_clear_valid(uint8_t *page);

/* An IN or OUT, as SW_EXITINFO1 describes it (APM volume 2, section 15.10.2). */
struct ghcb_io {
	uint16_t port;
	unsigned size; /* 1, 2 or 4 bytes */
	bool in, string;
};
/* False: a size that no instruction has. */
bool ghcb_io(uint64_t info, struct ghcb_io *io);

/* Did the guest give all that the exit in `page` needs, for a guest of SNP or not? */
enum ghcb_error ghcb_check(const uint8_t *page, bool snp);

/* Does the scratch area of `size` bytes at `at` lie where it may: in the GHCB's buffer, or outside?
 */
bool ghcb_scratch_good(uint64_t ghcb, uint64_t at, uint64_t size);

#endif
