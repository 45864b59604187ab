/* SPDX-License-Identifier: MIT */
/*
 * Where an operation of a kernel goes on each platform: analysis/reference/switches.csv, a row a
 * kernel and variant with the source of what it says. From that follow the exits that its cell
 * should show, and what its time is made of (analysis/decide/decompose.h).
 */
#ifndef ANALYSIS_DECIDE_SWITCHES_H
#define ANALYSIS_DECIDE_SWITCHES_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/err.h"
#include "harness/sev.h"

enum switches_path {
	SWITCHES_UNKNOWN,   /* the table does not say */
	SWITCHES_NONE,      /* nothing is intercepted */
	SWITCHES_VC,        /* #VC, which the guest's Linux answers by itself */
	SWITCHES_KVM,       /* an exit that ends in KVM */
	SWITCHES_QEMU,      /* an exit that goes on to QEMU */
	SWITCHES_VC_KVM,    /* #VC, and from its handler an exit that ends in KVM */
	SWITCHES_VC_QEMU,   /* #VC, and from its handler an exit that goes on to QEMU */
	SWITCHES_TRAP,      /* no #VC: the processor may leave by itself when it is done (SEV-ES) */
	SWITCHES_PVALIDATE, /* PVALIDATE, without #VC or exit */
	SWITCHES_STATE, /* a page changes its state: VMGEXIT by Linux itself, and PVALIDATE; what
	                 * the hypervisor's tables take then, in exits, is not known */
	SWITCHES_STATE_FILL,  /* and QEMU fills a page that became private at once */
	SWITCHES_STATES,      /* pages change their state, and the table does not say how many */
	SWITCHES_STATES_FILL, /* and QEMU fills at once those that became private */
	SWITCHES_FAST, /* an exit that KVM ends at the page fault, without decoding the instruction
	                */
	SWITCHES_REQUEST, /* VMGEXIT by Linux itself, for a request to the security processor */
	SWITCHES_PATH_COUNT
};

struct switches_row {
	char kernel[32], variant[32]; /* variant "*": every one */
	char params[32]; /* of the cell, such as "pages_converted=8"; "": whatever they are */
	char in_kvm[32]; /* the variant of the kernel that is like it, but ends in KVM; or "" */
	bool bar;        /* worth a bar in the picture of the parts */
	enum switches_path path[PLATFORM_COUNT];
	unsigned times[PLATFORM_COUNT]; /* that an operation takes it: "2*state"; mostly 1 */
	unsigned pages[PLATFORM_COUNT]; /* that each time are validated: "2*state*8"; mostly 1 */
	bool emulated;     /* holds where SEV is emulated alone: a real processor may have more */
	char releases[32]; /* "6.1.57-7.3": the Linux whose #VC handler it was read in; "": not said
	                    */
	char host[32];     /* "linux<7.0", "qemu>=10.1": the host it holds on; "": on any */
	char source[192];
};

/* What runs on a host: "6.12.9", "10.1.0 (Debian ...)"; "": not known. */
struct switches_host {
	char release[64], qemu[64];
};

struct switches {
	struct switches_row *rows;
	size_t count;
};

/* "kvm", "vc+qemu" ...: the words of the table; "" for UNKNOWN. -EINVAL for other words. */
const char *switches_path_name(enum switches_path path);
int switches_path_parse(const char *text, enum switches_path *path, struct err *e);

int switches_load(struct switches *switches, struct err *e);
void switches_free(struct switches *switches);

/*
 * What the table says of an operation on a host; NULL: nothing, or nothing for what is known of the
 * host. Without a host: its first row, whose exits are those of the others.
 */
const struct switches_row *switches_find(const struct switches *switches, const char *kernel,
                                         const char *variant, const char *params,
                                         const struct switches_host *host);

/* Was the row read for a guest's Linux of that release? True where either is not known. */
bool switches_read_for(const struct switches_row *row, const char *release);

/*
 * How often an operation that takes this path once leaves the guest, raises #VC, executes VMGEXIT
 * and PVALIDATE: 0, 1, or NaN where it is not known.
 */
double switches_exits(enum switches_path path);
double switches_vc(enum switches_path path);
double switches_vmgexit(enum switches_path path);
double switches_pvalidate(enum switches_path path);

#endif
