/* SPDX-License-Identifier: MIT */
/* What a QEMU binary understands: each kind of QEMU is a row of data, found by asking the binary.
 */
#ifndef VMRUN_QEMU_DIALECT_H
#define VMRUN_QEMU_DIALECT_H

#include <limits.h>
#include <stdbool.h>

#include "harness/err.h"

/* One way of spelling guests. A NULL object means that this QEMU has no such guest. */
struct dialect {
	const char *name;       /* "upstream, 9.1 and later" */
	const char *needs;      /* object type that tells it from the rows below; NULL: none */
	const char *sev_object; /* -object for sev and sev-es */
	const char *sev_legacy; /* more options of it where KVM has no type for such a guest, with a
	                         * leading comma; NULL: this QEMU never asks for one */
	const char *snp_object; /* -object for snp */
	const char
	        *snp_options; /* more options of that object, with a leading comma; "" for none */
	const char
	        *snp_machine; /* more -machine options for snp, with a leading comma; "" for none */
	const char *snp_memory; /* the memory backend for snp, with its options */
	const char *memory;     /* the same for every other platform */
};

struct qemu {
	char path[PATH_MAX]; /* absolute */
	char version[128];   /* first line of --version */
	unsigned major, minor;
	const struct dialect *dialect;
};

/*
 * Find `name` in PATH (a name with a slash is a path), and ask it for its version and objects.
 * -ENOENT when it is not there, with the package to install; -EINVAL when it is no QEMU or one
 * older than 7.2.
 */
int dialect_probe(const char *name, struct qemu *qemu, struct err *e);

/*
 * Does this QEMU know the processor of -cpu `model` ("EPYC-Milan,+topoext")? -EINVAL where it lists
 * its processors (-cpu help) and that is none of them. Its properties are not looked at.
 */
int dialect_check_model(const struct qemu *qemu, const char *model, struct err *e);

/* Is `model` among what -cpu help printed, or is that no list? */
bool dialect_has_model(const char *help, const char *model);

/* The first row whose object stands in `objects`, the text that `-object help` prints. */
const struct dialect *dialect_choose(const char *objects);

#endif
