/* SPDX-License-Identifier: MIT */
#include "vmrun/host/kvmprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef KVM_CAP_VM_TYPES
#define KVM_CAP_VM_TYPES 235 /* since Linux 6.8 */
#endif

#define GUEST_BYTES   (2UL << 20)
#define GUEST_PML4    0x1000
#define GUEST_PDPT    0x2000
#define GUEST_PD      0x3000
#define GUEST_COUNTER 0x4000
#define GUEST_CODE    0x5000

/* DEC and JNZ in each turn of the inner loop; the few others of the outer loop are not counted. */
#define INNER_TURNS      1000
#define INNER_COUNTED    (2.0 * INNER_TURNS)
#define SAMPLES          30
#define CHILD_WAIT_STEPS 100

/*
 * outer: mov ecx, INNER_TURNS
 * inner: dec ecx
 *        jnz inner
 *        inc qword [GUEST_COUNTER]
 *        jmp outer
 */
static const uint8_t guest_code[] = {
        0xb9,
        INNER_TURNS & 0xff,
        INNER_TURNS >> 8,
        0,
        0,
        0xff,
        0xc9,
        0x75,
        0xfc,
        0x48,
        0xff,
        0x04,
        0x25,
        GUEST_COUNTER & 0xff,
        GUEST_COUNTER >> 8,
        0,
        0,
        0xeb,
        0xed,
};

enum stage { STAGE_CREATE, STAGE_RUNNING, STAGE_REFUSED, STAGE_STOPPED };

/* Shared with the child. */
struct shared {
	_Atomic int stage;
	int error;     /* errno in STAGE_REFUSED */
	char call[32]; /* what refused */
	uint32_t exit; /* KVM exit reason in STAGE_STOPPED */
};

static void put64(uint8_t *memory, size_t offset, uint64_t value)
{
	memcpy(memory + offset, &value, sizeof(value));
}

/* Identity mapping of the 2 MiB by one large page. AMD64 APM volume 2, section 5.3. */
static void build_guest(uint8_t *memory)
{
	const uint64_t present_write = 0x3, large = 0x80;

	put64(memory, GUEST_PML4, GUEST_PDPT | present_write);
	put64(memory, GUEST_PDPT, GUEST_PD | present_write);
	put64(memory, GUEST_PD, present_write | large);
	memcpy(memory + GUEST_CODE, guest_code, sizeof(guest_code));
}

/*
 * The vCPU has long mode: without it Linux refuses EFER.LME from 6.12 on, where it began to check
 * what user space sets against the guest's CPUID. AMD64 APM volume 3, appendix E.4.2 (EDX bit 29).
 */
static int offer_long_mode(int vcpu)
{
	static const struct kvm_cpuid_entry2 leaves[] = {
	        {.function = 0x80000000, .eax = 0x80000001},
	        {.function = 0x80000001, .edx = 1U << 29},
	};
	enum { COUNT = sizeof(leaves) / sizeof(leaves[0]) };
	union {
		struct kvm_cpuid2 head;
		uint8_t room[sizeof(struct kvm_cpuid2) + sizeof(leaves)];
	} cpuid = {.head.nent = COUNT};

	memcpy(cpuid.room + sizeof(cpuid.head), leaves, sizeof(leaves));
	return ioctl(vcpu, KVM_SET_CPUID2, &cpuid);
}

/* 64-bit mode from the first instruction on. AMD64 APM volume 2, sections 3.1 and 14.6. */
static int enter_long_mode(int vcpu)
{
	const uint64_t cr0_pe = 1, cr0_pg = 1UL << 31, cr4_pae = 1UL << 5, efer_lme_lma = 0x500;
	struct kvm_regs regs = {.rip = GUEST_CODE, .rflags = 2};
	struct kvm_sregs s;

	if (ioctl(vcpu, KVM_GET_SREGS, &s) < 0)
		return -1;
	s.cr0 = cr0_pe | cr0_pg;
	s.cr3 = GUEST_PML4;
	s.cr4 = cr4_pae;
	s.efer = efer_lme_lma;
	s.cs = (struct kvm_segment){.limit = 0xffffffff,
	                            .selector = 8,
	                            .type = 11,
	                            .present = 1,
	                            .s = 1,
	                            .l = 1,
	                            .g = 1};
	s.ds = (struct kvm_segment){.limit = 0xffffffff,
	                            .selector = 16,
	                            .type = 3,
	                            .present = 1,
	                            .s = 1,
	                            .db = 1,
	                            .g = 1};
	s.es = s.fs = s.gs = s.ss = s.ds;
	if (ioctl(vcpu, KVM_SET_SREGS, &s) < 0)
		return -1;
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

static _Noreturn void refuse(struct shared *shared, const char *call)
{
	shared->error = errno;
	strncpy(shared->call, call, sizeof(shared->call) - 1);
	shared->stage = STAGE_REFUSED;
	_exit(1);
}

/* The child: system calls only, since it was forked from a process that may have threads. */
static _Noreturn void child_run(int kvm, uint8_t *memory, struct shared *shared, pid_t parent)
{
	struct kvm_userspace_memory_region region = {.memory_size = GUEST_BYTES,
	                                             .userspace_addr = (uintptr_t)memory};
	const struct kvm_run *run;
	int vm, vcpu, size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		refuse(shared, "KVM_CREATE_VM");
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		refuse(shared, "KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0)
		refuse(shared, "KVM_CREATE_VCPU");
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(*run))
		refuse(shared, "KVM_GET_VCPU_MMAP_SIZE");
	run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		refuse(shared, "mmap of the vCPU");
	if (offer_long_mode(vcpu) < 0)
		refuse(shared, "KVM_SET_CPUID2");
	if (enter_long_mode(vcpu) < 0)
		refuse(shared, "KVM_SET_SREGS");
	shared->stage = STAGE_RUNNING;
	while (ioctl(vcpu, KVM_RUN, 0) == 0 || errno == EINTR) {
		if (run->exit_reason != KVM_EXIT_INTR) {
			shared->exit = run->exit_reason;
			shared->stage = STAGE_STOPPED;
			_exit(1);
		}
	}
	refuse(shared, "KVM_RUN");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void pause_for(double seconds)
{
	struct timespec t = {.tv_nsec = (long)(seconds * 1e9)};

	nanosleep(&t, NULL);
}

/* Making the virtual machine may take long on a busy host, and is no part of the measurement. */
static void wait_until_running(const struct shared *shared)
{
	double end = now() + KVMPROBE_CREATE_SECONDS;

	while (shared->stage == STAGE_CREATE && now() < end)
		pause_for(0.001);
}

/* Seconds of processor time that the child has had; 0 where Linux does not say. */
static double had(pid_t child)
{
	struct timespec t;
	clockid_t clock;

	if (clock_getcpuclockid(child, &clock) != 0 || clock_gettime(clock, &t) != 0)
		return 0;
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/*
 * The best speed of several short windows: a window in which the child had to wait for a CPU says
 * nothing. One fast window decides, and so does enough time on a processor without one.
 */
static double measure(const uint8_t *memory, const struct shared *shared, pid_t child)
{
	const volatile uint64_t *counter =
	        (const volatile uint64_t *)(const void *)(memory + GUEST_COUNTER);
	double best = 0, from = now(), begin = had(child), to;
	uint64_t before = *counter, after;

	for (int i = 0; i < SAMPLES && best < KVMPROBE_MIN_SPEED; i++) {
		if (shared->stage >= STAGE_REFUSED ||
		    (best > 0 && had(child) - begin > KVMPROBE_ENOUGH))
			break;
		pause_for(KVMPROBE_SECONDS / SAMPLES);
		to = now();
		after = *counter;
		if ((double)(after - before) * INNER_COUNTED / (to - from) > best)
			best = (double)(after - before) * INNER_COUNTED / (to - from);
		before = after;
		from = to;
	}
	return best;
}

/* A killed child that Linux cannot end (a hung ioctl) is left to init rather than waited for. */
static void end_child(pid_t child)
{
	kill(child, SIGKILL);
	for (int i = 0; i < CHILD_WAIT_STEPS; i++) {
		if (waitpid(child, NULL, WNOHANG) != 0)
			return;
		pause_for(0.01);
	}
}

static int judge(struct kvmprobe *probe, const char *device, const struct shared *shared,
                 struct err *e)
{
	size_t size = sizeof(probe->reason);

	probe->works = false;
	if (shared->stage == STAGE_REFUSED)
		snprintf(probe->reason, size, "%s refuses to run a guest: %s: %s", device,
		         shared->call, strerror(shared->error));
	else if (shared->stage == STAGE_STOPPED)
		snprintf(probe->reason, size, "%s cannot run a plain loop: KVM exit reason %u",
		         device, shared->exit);
	else if (shared->stage == STAGE_CREATE)
		snprintf(probe->reason, size, "%s made no virtual machine in %.0f s", device,
		         KVMPROBE_CREATE_SECONDS);
	else if (probe->speed <= 0)
		snprintf(probe->reason, size, "%s ran no guest instruction in %.1f s", device,
		         KVMPROBE_SECONDS);
	else if (probe->speed < KVMPROBE_MIN_SPEED)
		snprintf(probe->reason, size,
		         "%s only emulates instructions: %.1f million a second, where hardware "
		         "makes "
		         "thousands of millions",
		         device, probe->speed / 1e6);
	else
		probe->works = true;
	if (!probe->works)
		return err_set(e, ENOTSUP, "%s", probe->reason);
	snprintf(probe->reason, size,
	         "%s runs guest code: more than %.0f million instructions a second", device,
	         probe->speed / 1e6);
	return 0;
}

static int run_guest(int kvm, struct kvmprobe *probe, const char *device, struct err *e)
{
	size_t total = GUEST_BYTES + sizeof(struct shared);
	uint8_t *memory =
	        mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct shared *shared;
	pid_t child, self = getpid();
	int rc;

	if (memory == MAP_FAILED)
		return err_errno(e, "cannot map 2 MiB for the KVM probe");
	shared = (struct shared *)(void *)(memory + GUEST_BYTES);
	build_guest(memory);
	child = fork();
	if (child < 0) {
		rc = err_errno(e, "cannot start the KVM probe");
		munmap(memory, total);
		return rc;
	}
	if (child == 0)
		child_run(kvm, memory, shared, self);
	wait_until_running(shared);
	probe->speed = measure(memory, shared, child);
	end_child(child);
	rc = judge(probe, device, shared, e);
	munmap(memory, total);
	return rc;
}

static int refused(struct kvmprobe *probe, struct err *e)
{
	return err_set(e, ENOTSUP, "%s", probe->reason);
}

int kvmprobe_run(const char *device, struct kvmprobe *probe, struct err *e)
{
	int kvm, version, rc;

	memset(probe, 0, sizeof(*probe));
	kvm = open(device, O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		const char *remedy =
		        errno == ENOENT ? "; is the kvm_amd or kvm_intel module loaded, "
		                          "and virtualisation enabled in the BIOS?"
		        : errno == EACCES || errno == EPERM ? "; become root or join the group kvm"
		                                            : "";

		snprintf(probe->reason, sizeof(probe->reason), "%s cannot be opened: %s%s", device,
		         strerror(errno), remedy);
		return refused(probe, e);
	}
	version = ioctl(kvm, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		close(kvm);
		snprintf(probe->reason, sizeof(probe->reason), "%s is not KVM with API version %d",
		         device, KVM_API_VERSION);
		return refused(probe, e);
	}
	probe->vm_types = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);
	if (probe->vm_types < 0)
		probe->vm_types = 0;
	rc = run_guest(kvm, probe, device, e);
	close(kvm);
	return rc;
}
