/* SPDX-License-Identifier: MIT */
/*
 * Does /dev/kvm run guest code on the processor? Some machines offer a /dev/kvm that opens, reports
 * the right API version, and then emulates every guest instruction in software: a Linux guest
 * aborts or crawls there. Only running code tells the two apart.
 */
#ifndef VMRUN_HOST_KVMPROBE_H
#define VMRUN_HOST_KVMPROBE_H

#include <stdbool.h>

#include "harness/err.h"

/*
 * Below this many guest instructions a second KVM is taken to emulate. Emulation was seen to make
 * 0.9 million; hardware makes thousands of millions, and a nested guest whose outer guest runs
 * under QEMU's translator some hundreds of millions. The limit lies a factor of ten or more from
 * both.
 */
#define KVMPROBE_MIN_SPEED 20e6

/*
 * The longest that the probe lets the guest run, where KVM emulates or hangs, and that it waits for
 * the virtual machine to be made. Where KVM works the whole probe takes milliseconds. A guest that
 * had a processor for KVMPROBE_ENOUGH and is still slow will not become fast.
 */
#define KVMPROBE_SECONDS        0.3
#define KVMPROBE_ENOUGH         0.05
#define KVMPROBE_CREATE_SECONDS 3.0

struct kvmprobe {
	bool works;       /* guest code runs at the processor's speed */
	double speed;     /* guest instructions a second; 0 where none ran */
	int vm_types;     /* KVM_CAP_VM_TYPES: bits of the types KVM can make; 0 on an old Linux */
	char reason[256]; /* one sentence: why it does not work, or what was seen */
};

/*
 * Open `device` ("/dev/kvm") and run a loop of DEC and JNZ in a 64-bit guest of 2 MiB. Returns 0
 * when KVM works; -ENOTSUP with the reason in `e` too when there is no KVM, it refuses, or it only
 * emulates. Never hangs: the guest runs in a child process that is killed.
 */
int kvmprobe_run(const char *device, struct kvmprobe *probe, struct err *e);

#endif
