/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of secrets that a launch of SNP leaves in the guest's memory (SEV-SNP firmware ABI
 * specification, PAGE_TYPE_SECRETS; GHCB specification 2.03, section 2.7, for the guest's part;
 * struct snp_secrets_page of Linux, asm/sev.h).
 */
#ifndef VMRUN_EMULATE_SECRETS_H
#define VMRUN_EMULATE_SECRETS_H

#include <stdint.h>

#define SECRETS_VERSION  3u
#define SECRETS_KEYS     4u
#define SECRETS_KEY_SIZE 32u

struct secrets {
	uint32_t version, flags, fms, reserved1;
	uint8_t gosvw[16];
	uint8_t vmpck[SECRETS_KEYS][SECRETS_KEY_SIZE]; /* of messages to the secure processor */
	uint8_t guest[96];                             /* for the guest's own use */
	uint8_t vmsa_tweak[64];
	uint8_t svsm[32];
	uint8_t rest[4096 - 0x160];
};
_Static_assert(sizeof(struct secrets) == 4096, "a page");

#endif
