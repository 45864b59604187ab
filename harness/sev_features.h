/* SPDX-License-Identifier: MIT */
/*
 * What a guest's SEV_STATUS (harness/sev.h) says that is on there: AMD64 Architecture Programmer's
 * Manual volume 2, section 15.34.10, and Linux, arch/x86/include/asm/msr-index.h.
 */
#ifndef HARNESS_SEV_FEATURES_H
#define HARNESS_SEV_FEATURES_H

#include <stdint.h>

#define SEV_FEATURES_TEXT 320

/* The branch predictor is flushed when the guest is entered: every exit is dearer by that. */
#define SEV_FEATURES_IBPB_ON_ENTRY (1ULL << 23)

/* "SEV, SEV-ES, SNP, Secure TSC", a bit that is not known by its number; "" for 0. Returns `text`.
 */
const char *sev_features_text(uint64_t status, char text[SEV_FEATURES_TEXT]);

#endif
