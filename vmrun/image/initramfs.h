/* SPDX-License-Identifier: MIT */
/* The guest's initramfs: newc, uncompressed, byte-stable, with only what the jobs need. */
#ifndef VMRUN_IMAGE_INITRAMFS_H
#define VMRUN_IMAGE_INITRAMFS_H

#include "harness/err.h"
#include "vmrun/image/payload.h"
#include "vmrun/wire/job.h"

/*
 * What every guest's Linux is told (-append), plain and encrypted alike, before the caller's words.
 * Nothing here changes how Linux runs programs or handles exits: mitigations stay as it chooses.
 *
 *   console=ttyS0        the log goes to the serial port
 *   quiet                and holds warnings and worse only
 *   panic=-1             a panic ends QEMU (with -no-reboot)
 *   oops=panic           and so does any lesser accident of Linux's
 *   nokaslr              Linux lies at the same addresses in every boot: one source of noise less
 *   nowatchdog           no timer interrupts for the lock-up detectors
 *   cryptomgr.notests    no self-tests of Linux's ciphers: a fifth of an emulated boot, and nothing
 *                        that is measured here uses them
 *   accept_memory=eager  Linux 6.12 and later accept all memory of an SNP guest at boot, not in the
 *                        middle of a measurement; others ignore the word
 */
#define INITRAMFS_KERNEL_WORDS                                                                     \
	"console=ttyS0 quiet panic=-1 oops=panic nokaslr nowatchdog cryptomgr.notests "            \
	"accept_memory=eager"

/*
 * And under TCG, where no guest is encrypted and a timing is no hardware cost:
 *
 *   clearcpuid=erms,fsrm  TCG makes every REP MOVSB and REP STOSB byte by byte, so Linux had better
 *                         clear and copy its pages by eight bytes, as it does where the processor
 *                         has no ERMS (findings/fast-string-flag.sh). A tenth of a boot. Programs
 * see the processor as it is: this is about Linux alone no_timer_check        at boot Linux counts
 * timer interrupts for 40 ms and panics when the host was too busy for QEMU to bring them ("IO-APIC
 * + timer doesn't work!"). Where it sees KVM it leaves that out by itself (arch/x86/kernel/kvm.c)
 */
#define INITRAMFS_TCG_WORDS "clearcpuid=erms,fsrm no_timer_check"

/*
 * And where SEV is emulated, of every guest of the matrix: Linux refuses to be an SNP guest without
 * XSAVEC, which the emulated processor then has, but is not to save its own state by it
 * (vmrun/emulate/README.md). Linux takes the last clearcpuid= alone, so all stands in one.
 */
#define INITRAMFS_EMULATED_WORDS "clearcpuid=erms,fsrm,xsavec no_timer_check"

/*
 * Write the archive to `path`: /init (vmrun's guest init, bin/guest-init of home_find), the
 * programs as /bin/<name> with their shared-library closure, the kernel modules with their
 * dependencies, and the jobs. The same input gives the same bytes. `modules` is a
 * /lib/modules/<release> directory; NULL for a kernel that has everything built in. virtio_pci,
 * virtio_console and msr come first, then payload->modules, then payload->module_files. Nothing is
 * left at `path` when it fails: -EINVAL for input that makes no sense (two programs of one name, a
 * job whose program is not there), another -errno for what could not be read or written.
 */
int initramfs_write(const char *path, const struct vm_payload *payload, const struct vm_job *jobs,
                    size_t job_count, const char *modules, struct err *e);

#endif
