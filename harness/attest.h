/* SPDX-License-Identifier: MIT */
/*
 * Requests of an SEV-SNP guest to the security processor, through Linux's /dev/sev-guest
 * (Documentation/virt/coco/sev-guest.rst) or, from 6.7 on, configfs
 * (Documentation/ABI/testing/configfs-tsm). Keys that come back are wiped, and never leave this
 * file.
 */
#ifndef HARNESS_ATTEST_H
#define HARNESS_ATTEST_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/err.h"

enum attest_what {
	ATTEST_REPORT,     /* SNP_GET_REPORT */
	ATTEST_KEY,        /* SNP_GET_DERIVED_KEY */
	ATTEST_EXT_REPORT, /* SNP_GET_EXT_REPORT: with the certificates that the host has */
	ATTEST_TSM         /* inblob and outblob of configfs */
};

/* Bytes: SEV-SNP firmware ABI specification (56860) 1.55, table 23. */
#define ATTEST_REPORT_SIZE 1184
#define ATTEST_NONCE       64 /* REPORT_DATA */

/* So often a request that is throttled is made again, ATTEST_DELAY seconds after the other: Linux
 * itself waits as long (SNP_REQ_RETRY_DELAY). */
#define ATTEST_PATIENCE 30
#define ATTEST_DELAY    2

/* Begins the chip ID of a report of emulated SEV-SNP, whose signature proves nothing. */
#define ATTEST_EMULATED "sevbench emulated SEV-SNP, no hardware "

struct attest {
	enum attest_what what;
	int fd;                             /* of the device; -1: none */
	char entry[PATH_MAX];               /* in configfs; "": none */
	unsigned vmpl;                      /* that the guest runs at, and asks for */
	uint8_t nonce[ATTEST_NONCE];        /* of the last request */
	uint8_t report[ATTEST_REPORT_SIZE]; /* that came last; zero for keys */
	void *certificates;                 /* room for them */
	uint64_t asked, throttled; /* answered, and refused or held back for their number */
};

/*
 * `root` stands before every path ("" for the running system). -ENOTSUP with a sentence where there
 * is no device, no configfs, or Linux disabled it.
 */
int attest_open(struct attest *a, enum attest_what what, const char *root, struct err *e);
void attest_close(struct attest *a);

/*
 * One request with a new nonce, whose answer is checked; *ticks is its round trip, by
 * harness/clock.h. One that is throttled is counted and made again. -ENOTSUP where Linux disabled
 * the device, as after a lost sequence number; -EIO where the firmware refuses, in its words;
 * -ETIMEDOUT after ATTEST_PATIENCE.
 */
int attest_ask(struct attest *a, uint64_t *ticks, struct err *e);

/* What a report says: table 23. The bytes are as they stand in it. */
struct attest_report {
	uint32_t version, guest_svn, vmpl, signature_algorithm;
	uint64_t policy, platform_info;
	uint64_t current_tcb, reported_tcb, committed_tcb, launch_tcb;
	uint8_t measurement[48], report_id[32];
	bool emulated; /* by ATTEST_EMULATED */
};

void attest_parse(const uint8_t report[ATTEST_REPORT_SIZE], struct attest_report *parsed);

#endif
