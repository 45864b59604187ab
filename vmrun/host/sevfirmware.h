/* SPDX-License-Identifier: MIT */
/*
 * What the SEV firmware says of itself, asked through /dev/sev with SEV_PLATFORM_STATUS and
 * SNP_PLATFORM_STATUS (Linux, Documentation/virt/coco/sev-guest.rst and
 * include/uapi/linux/psp-sev.h). Both only read.
 */
#ifndef VMRUN_HOST_SEVFIRMWARE_H
#define VMRUN_HOST_SEVFIRMWARE_H

#include <stddef.h>
#include <stdint.h>

#define SEVFIRMWARE_SEV_SIZE 12 /* of struct sev_user_data_status */
#define SEVFIRMWARE_SNP_SIZE 32 /* of struct sev_user_data_snp_status */

/* The answers as the firmware wrote them. */
struct sevfirmware_answer {
	int sev_rc; /* 0, or -errno: there is no answer of SEV_PLATFORM_STATUS */
	uint8_t sev[SEVFIRMWARE_SEV_SIZE];
	int snp_rc; /* of SNP_PLATFORM_STATUS: -EINVAL where Linux is too old, or did not set SNP up
	             */
	uint8_t snp[SEVFIRMWARE_SNP_SIZE];
};

/* The states of SEV (SEV API specification 55766, table "Platform states"); SNP has the first two.
 */
enum sevfirmware_state {
	SEVFIRMWARE_UNINIT,
	SEVFIRMWARE_INIT,
	SEVFIRMWARE_WORKING, /* there are guests */
	SEVFIRMWARE_STATES
};

#define SEVFIRMWARE_OWNED 1U        /* by somebody outside the machine; else it owns itself */
#define SEVFIRMWARE_ES    (1U << 8) /* SEV-ES is set up */

struct sevfirmware {
	unsigned major, minor, build;
	unsigned state;
	uint32_t flags;
	uint32_t guests; /* of SEV and SEV-ES */
};

struct sevfirmware_snp {
	unsigned major, minor, build;
	unsigned state;
	int rmp;   /* the RMP table is initialised */
	int alias; /* no two addresses were found to be one cell of memory (ALIAS_CHECK_COMPLETE) */
	uint32_t guests;
};

/* Ask `device` ("/dev/sev"). Never fails: each answer carries why it is not there. */
void sevfirmware_ask(const char *device, struct sevfirmware_answer *answer);

/* The fields of an answer. 0, or the answer's -errno. */
int sevfirmware_sev(const struct sevfirmware_answer *answer, struct sevfirmware *sev);
int sevfirmware_snp(const struct sevfirmware_answer *answer, struct sevfirmware_snp *snp);

/* "not initialised", "initialised", "working", or "in an unknown state". */
const char *sevfirmware_state_text(unsigned state);

#endif
