/* SPDX-License-Identifier: MIT */
/*
 * World switches taken apart. Which part is what follows from analysis/decide/switches.h:
 * what Linux answers in its #VC handler without an exit is the time of #VC alone; a port or
 * register that KVM emulates ends there, and one of a device in QEMU goes on to user space and
 * back, so that the difference of two that are alike is that trip. Where every #VC ends in an exit
 * (SEV-ES) nothing tells the two apart. Natively there is no exit, and under TCG none either. The
 * same differences with their intervals: analysis/decide/parts.h.
 */
#ifndef ANALYSIS_DECIDE_DECOMPOSE_H
#define ANALYSIS_DECIDE_DECOMPOSE_H

#include "analysis/decide/summary.h"
#include "analysis/decide/switches.h"

/* Times in nanoseconds; NaN: this part cannot be told. They sum up to the operation's time. */
struct decompose_parts {
	double vc;      /* #VC, handled in the guest */
	double vc_exit; /* #VC and exit together, where they cannot be told apart */
	double exit;    /* to KVM and back */
	double qemu;    /* to QEMU and back */
};

/*
 * Take the operation of `row` apart. False when it is none that is known, or the measurements that
 * it takes are not there or contradict one another (a part would be negative).
 */
bool decompose(const struct summary *summary, const struct switches *switches,
               const struct summary_row *row, struct decompose_parts *parts);

#endif
