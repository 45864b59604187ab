/* SPDX-License-Identifier: MIT */
/*
 * Which platform runs this code, and what that implies. This file and vmrun/qemu/argv.c are the
 * only homes of SEV knowledge: a kernel asks for a trait, it never compares mode names.
 */
#ifndef HARNESS_SEV_H
#define HARNESS_SEV_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/cpu.h"
#include "harness/err.h"
#include "harness/hyperv.h"

enum platform {
	PLATFORM_NATIVE, /* the machine as it is, launched by nobody here */
	PLATFORM_NOSEV,  /* a plain guest */
	PLATFORM_SEV,    /* memory encryption */
	PLATFORM_SEV_ES, /* and encrypted register state: #VC, GHCB */
	PLATFORM_SNP,    /* and integrity: RMP, page validation, CPUID page */
	/* Guests of others, which nobody here can launch. */
	PLATFORM_SNP_VTOM, /* SNP below a paravisor, as on Azure: private by address, not by C-bit
	                    */
	PLATFORM_TDX,      /* Intel's */
	PLATFORM_UNKNOWN,  /* a guest: whether it is encrypted, and how, cannot be told */
	PLATFORM_COUNT
};

/* What vmrun launches: from PLATFORM_NOSEV up to this one, without it. */
enum { PLATFORM_LAUNCH_END = PLATFORM_SNP_VTOM };

enum accel {
	ACCEL_NONE,    /* native */
	ACCEL_KVM,     /* hardware virtualisation */
	ACCEL_TCG,     /* software emulation: a timing is no hardware cost */
	ACCEL_UNKNOWN, /* a guest of a hypervisor that sevbench does not know */
	ACCEL_COUNT
};

/* "native", "nosev", "sev", "sev-es", "snp", "snp-vtom", "tdx", "unknown": these names are CSV
 * keys. */
const char *platform_name(enum platform platform);
int platform_parse(const char *text, enum platform *platform, struct err *e);

/* Is it a guest that vmrun launches? */
bool platform_launched(enum platform platform);

/* Of those that it does not launch, what they are and what is not known of them: a clause. NULL for
 * the others. */
const char *platform_about(enum platform platform);

/* "none", "kvm", "tcg", "unknown". */
const char *accel_name(enum accel accel);
int accel_parse(const char *text, enum accel *accel, struct err *e);

/* AMD64 Architecture Programmer's Manual volume 2, section 15.34.10: MSR C001_0131, SEV_STATUS. */
#define SEV_STATUS_MSR  0xc0010131U
#define SEV_STATUS_SEV  (1ULL << 0)
#define SEV_STATUS_ES   (1ULL << 1)
#define SEV_STATUS_SNP  (1ULL << 2)
#define SEV_STATUS_VTOM (1ULL << 3)

/* What the running system shows of itself. Nothing here is taken from what was asked for. */
struct sev_observation {
	enum platform platform;         /* native when no hypervisor announces itself in CPUID */
	enum accel accel;               /* from the hypervisor's CPUID signature */
	char hypervisor[CPU_SIGNATURE]; /* that signature, "" natively */
	bool cpuid_sev;                 /* CPUID 0x8000001F exists and says SEV */
	uint32_t cpuid_8000001f[4];     /* EAX, EBX, ECX, EDX; zero where the leaf does not exist */
	bool status_known;              /* SEV_STATUS could be read */
	uint64_t status;                /* its value */
	bool isolated;                  /* Hyper-V isolates this guest, and says how: */
	struct hyperv_isolation isolation;
	char how[160]; /* one sentence: what the decision rests on */
};

/*
 * Observe the machine this process runs on. CPUID tells whether there is a hypervisor and which;
 * the mode comes from SEV_STATUS, read through /dev/cpu/0/msr and only after CPUID says SEV. No SEV
 * in CPUID is not no encryption: CPUID also says TDX, and Hyper-V in its own leaves what isolates a
 * guest, where a paravisor hides SEV. Where SEV_STATUS cannot be read, Linux's own word decides:
 * /sys/devices/system/cpu/sev (SNP only, from 6.11 on), or the line "Memory Encryption Features
 * active" of its log; under Hyper-V's isolation that line says "AMD SEV" of anything, and is not
 * asked. /proc/cpuinfo is no witness: Linux clears the sev flags in a guest.
 *
 * The platform is PLATFORM_UNKNOWN where a guest is isolated in a way that is not known here, and
 * where its CPUID says SEV but the mode cannot be told. The latter fails (-ENODATA), with the
 * remedy; `o` then holds what is known.
 */
int sev_observe(struct sev_observation *o, struct err *e);

/* The same with recorded values: CPUID from `cpu`, and `root` put before every path. */
int sev_observe_at(const struct cpu_source *cpu, const char *root, struct sev_observation *o,
                   struct err *e);

/* What a platform implies for somebody who wants to time an operation (facts: Linux 6.1 to 7.3). */
struct sev_traits {
	bool virtual_machine; /* intercepted instructions leave for a hypervisor: an exit to time */
	bool memory_plain;    /* guest memory is known not to be encrypted */
	bool memory_encrypted; /* guest memory is encrypted by default */
	bool sev;              /* by AMD's SEV, in any of its modes */
	bool paravisor; /* software in the guest, below its Linux, takes #VC and answers CPUID;
	                 * memory is private by its address, above which it is shared, and not by a
	                 * C-bit */
	bool vc;        /* intercepted instructions raise #VC in Linux before the hypervisor sees
	                 * them */
	bool user_mmio; /* Linux lets user mode touch emulated MMIO (not under #VC since 6.1.60) */
	bool user_port_by_iopl; /* iopl(3) is enough for IN/OUT; otherwise ioperm() is needed */
	bool cpuid_page;        /* Linux answers most CPUID leaves itself (SNP) */
	bool page_state_change; /* private/shared conversion is a hypercall with RMP update */
};

/* The traits of `platform`: a constant, never NULL. */
const struct sev_traits *sev_traits(enum platform platform);

#endif
