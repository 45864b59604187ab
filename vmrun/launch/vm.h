/* SPDX-License-Identifier: MIT */
/*
 * One guest: what it is, what it runs, what comes back. This is the interface that `vmrun exec` and
 * `sevbench run` share.
 */
#ifndef VMRUN_LAUNCH_VM_H
#define VMRUN_LAUNCH_VM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/mem.h"
#include "harness/place.h"
#include "harness/sev.h"
#include "vmrun/image/payload.h"
#include "vmrun/wire/job.h"

struct line;

/*
 * Whether SEV is emulated, by a plugin of QEMU's software emulation (vmrun/emulate). AUTO: where an
 * encrypted guest would be emulated anyway, because that was asked for or KVM does not work. MATCH:
 * the same of plain guests, which get the QEMU and the processor of such ones.
 */
enum vm_emulate { VM_EMULATE_AUTO, VM_EMULATE_MATCH, VM_EMULATE_ALWAYS, VM_EMULATE_NEVER };

/* How to build the guest. Strings are borrowed and must outlive the calls. */
struct vm_spec {
	enum platform platform;  /* nosev, sev, sev-es or snp */
	enum accel accel;        /* kvm or tcg; ACCEL_NONE: kvm where it works, else tcg ("auto") */
	enum vm_emulate emulate; /* ALWAYS: a plain guest, too, gets the QEMU and the processor that
	                          * it takes, to match the encrypted ones */
	const char *qemu;        /* binary, looked up in PATH; NULL: qemu-system-x86_64 */
	const char
	        *firmware;   /* OVMF.fd; NULL: found by vmrun; "default": QEMU's own (nosev only) */
	const char *kernel;  /* guest kernel; NULL: the one `make setup` unpacked; "auto": this
	                        machine's */
	const char *modules; /* /lib/modules/<release> of that kernel; NULL: beside it */
	const char *cpu_model;  /* -cpu; NULL: the accelerator's default (host, max) */
	const char *append;     /* more words for the guest's command line; NULL: none */
	const char *trace;      /* new file for what the emulated SEV processor does; NULL: none */
	uint64_t memory;        /* guest RAM in bytes */
	enum mem_pages backing; /* host pages of guest RAM */
	unsigned huge_2m; /* hugetlb pages that the guest's Linux sets aside at boot; what it */
	unsigned huge_1g; /* cannot give (a CPU without them, too little room) it leaves out */
	unsigned vcpus;
	const char *cpus;      /* host CPUs for the vCPUs ("2-5"); NULL: chosen by topology */
	unsigned realtime;     /* SCHED_FIFO priority of the vCPU threads, 1 to 99; 0: none */
	unsigned boot_seconds; /* deadline from launch to HELLO, and of each step outside of a job
	                        * after it; 0: default by accel */
	unsigned run_seconds;  /* deadline from HELLO to END; 0: none */
	unsigned guests;       /* so many such guests at once, each on CPUs of its own; 0: one */
	unsigned guest;        /* which of them: set by vm_run_guests */
	struct line *line;     /* where it meets the others: set by vm_run_guests */
};

/* What stands in the manifest about one launch. */
struct vm_report {
	json_t *json; /* owned: argv, QEMU version, accel and why, hashes, pinning, hello, times */
	enum accel accel; /* what it really ran on */
	bool complete;    /* END arrived and every count agreed */
	bool timed_out;   /* a deadline of boot or run passed */
	bool interrupted; /* a signal (SIGINT, SIGTERM) ended it: see vm_interrupt */
};

/* The accelerator that a guest gets, and why: one sentence without a full stop. */
struct vm_choice {
	enum accel accel;
	char why[300];
	bool emulated;    /* with SEV emulated, or to match a guest whose SEV is */
	char unlike[200]; /* how its cores are not the host's, another sentence; "": they are */
	struct err memory_doubt; /* why the host's memory may not suffice, another; "": it does */
	char hint[160]; /* how what this host cannot launch would run all the same; "": no way */
};

/*
 * Check everything that can be checked before anything starts: QEMU there and new enough for the
 * platform, guest kernel readable, CPUs allowed, memory available, host able. Returns 0; -EINVAL
 * for bad input (exit status 2); -ENOTSUP where this host cannot launch that platform (the sentence
 * is the reason in the rows), and then choice->hint. On success *choice says what the guest will
 * run on.
 */
int vm_check(const struct vm_spec *spec, struct vm_choice *choice, struct err *e);

/*
 * Launch, run all jobs in order, collect, and shut down. `logs`: an existing directory that gets
 * <name>.console.log and <name>.qemu.log; NULL: no logs. No QEMU, file or directory of its own is
 * left behind, however it ends. Returns 0 when the guest ran to its END frame (jobs may have
 * failed: see the events); otherwise a negative errno (-EINVAL, before anything starts, for a
 * payload that cannot be put together; -ETIME for a deadline, -EINTR after vm_interrupt) and a
 * sentence; what arrived before was delivered. `report` is always filled; vm_report_free() it.
 */
int vm_run(const struct vm_spec *spec, const struct vm_payload *payload, const struct vm_job *jobs,
           size_t job_count, const struct vm_events *events, const char *logs, const char *name,
           struct vm_report *report, struct err *e);
void vm_report_free(struct vm_report *report);

/* One of several guests at once. */
struct vm_guest {
	const struct vm_events *events;
	const char *logs, *name; /* as vm_run takes them */
	struct vm_report report; /* filled; vm_report_free() it. Its JSON has "guests": see below */
	int rc; /* as vm_run returns it; -ECANCELED: ended because another failed */
	struct err why;
};

/*
 * As vm_run, for `spec->guests` guests at once that differ in their CPUs alone. None runs its first
 * job before all are ready (the proof included), and none goes on from a mark (harness/mark.h)
 * before all that will come to it have come. When one fails the others hand in what they have
 * measured and are ended. Events come from several threads, but one at a time. 0, or what the first
 * that failed returned, with its sentence, which names it. The report's "guests" says how the
 * guest's time from the start line to its end lay to that of the others.
 */
int vm_run_guests(const struct vm_spec *spec, const struct vm_payload *payload,
                  const struct vm_job *jobs, size_t job_count, struct vm_guest *guests,
                  struct err *e);

/* Async-signal-safe: ask a vm_run that is under way to stop. */
void vm_interrupt(void);

/*
 * The QEMU command line for `spec`, as a NULL-terminated vector that argv_free()
 * (vmrun/qemu/argv.h) releases. Run-specific paths stand as they would be under `directory`.
 */
int vm_argv(const struct vm_spec *spec, enum accel accel, const char *directory, char ***argv,
            struct err *e);

#endif
