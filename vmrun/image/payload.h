/* SPDX-License-Identifier: MIT */
/* What a guest carries beside its PID 1. */
#ifndef VMRUN_IMAGE_PAYLOAD_H
#define VMRUN_IMAGE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>

/* Files that go into the initramfs beside init: programs (their library closure follows by itself).
 */
struct vm_payload {
	const char *const
	        *programs; /* host paths of dynamic or static ELF programs -> /bin/<basename> */
	size_t program_count;
	const char *const *modules; /* names for libkmod, loaded in this order by init ("msr") */
	size_t module_count;
	const char *const *optional; /* the same, NULL-terminated, of those that the guest kernel's
	                              * tree has; NULL: none */
	const char *const
	        *module_files; /* host paths of .ko files that are not in the kernel's tree */
	size_t module_file_count;
	const char *const
	        *files; /* "HOST=GUEST": a file of this host, and its absolute path there */
	size_t file_count;
	bool prove;     /* before the first job, prove that the host can read the guest's memory, or
	                 * that it cannot: "proof" in the report (vmrun/launch/prove.h) */
	bool suggested; /* also the libraries that programs call "suggested" (vmrun/image/closure.h)
	                 */
};

#endif
