/* SPDX-License-Identifier: MIT */
/*
 * World switches taken apart. Which part is what rests on how Linux and KVM handle them:
 *
 * - Under SEV-SNP Linux (5.19 on) answers CPUID leaf 0x0 from the CPUID page, in its #VC handler
 * and without an exit (arch/x86/kernel/sev.c, snp_cpuid): that time is #VC alone. Under SEV-ES
 * every leaf exits, so that nothing tells #VC and exit apart there.
 * - A port or register that KVM emulates ends there; one of a device in QEMU goes on to user space
 * and back: the difference of the two is that trip.
 *
 * Natively there is no exit, and under TCG none either. Without #VC (nosev, sev) all that is not
 * the trip to QEMU is the exit to KVM and back.
 */
#ifndef ANALYSIS_DECOMPOSE_H
#define ANALYSIS_DECOMPOSE_H

#include "analysis/chart.h"
#include "analysis/summary.h"

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
bool decompose(const struct summary *summary, const struct summary_row *row,
               struct decompose_parts *parts);

/* A bar an operation and platform, for all that can be taken apart; maybe empty. */
void decompose_chart(const struct summary *summary, struct chart *chart);

#endif
