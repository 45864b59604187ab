/* SPDX-License-Identifier: MIT */
/*
 * The shared-library closure of a program: what must lie beside it so that it starts in a guest
 * that has nothing else. Libraries that a program opens by itself while it runs (dlopen) are seen
 * where the program names them in an ELF note (uapi-group.org, "ELF dlopen() metadata"), as ours
 * do; plug-ins of hwloc and name services are not, and our programs need none.
 */
#ifndef VMRUN_IMAGE_CLOSURE_H
#define VMRUN_IMAGE_CLOSURE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"

/*
 * Libraries go into one flat folder that the guest's dynamic linker searches by default, under the
 * name they are asked for: then it needs neither a cache nor the host's folders. /lib64 is a link
 * to it, because that is where some distributions' linkers look, and where the x86-64 linker itself
 * lies.
 */
#define CLOSURE_FOLDER "/lib"
#define CLOSURE_LINK   "/lib64"

struct closure_file {
	char *guest; /* absolute path in the guest */
	char *host;  /* file on this machine */
};

/* Zero-initialise; closure_free() when done. Sorted by `guest`, each once. */
struct closure {
	bool suggested; /* set by the caller: also what notes call "suggested", and nobody must have
	                 */
	struct closure_file *files;
	size_t count;
};

/*
 * Add what `program`, an ELF file on this machine, needs: its interpreter and every library, as the
 * interpreter itself resolves them here, and of what its note names, what this machine has.
 * Nothing for a static program. -EINVAL when it is no x86-64
 * ELF program, -ENOENT when a library or the interpreter is missing here, -EIO when the interpreter
 * can make nothing of the program, -EEXIST when two different libraries have one name.
 */
int closure_add(struct closure *closure, const char *program, struct err *e);
void closure_free(struct closure *closure);

#endif
