/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between a guest of SNP and its secure processor (SEV-SNP firmware ABI
 * specification, chapter 7 and SNP_GUEST_REQUEST; struct snp_guest_msg of Linux, asm/sev.h), and
 * the attestation report (table 23 there), without their cryptography.
 */
#ifndef VMRUN_EMULATE_REQUEST_H
#define VMRUN_EMULATE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#define REQUEST_SIZE    4096u
#define REQUEST_PAYLOAD 4000u
#define REQUEST_TAG     16u /* bytes of authtag that are used */
#define REQUEST_IV      12u

enum {
	REQUEST_KEY = 3,
	REQUEST_KEY_ANSWER = 4,
	REQUEST_REPORT = 5,
	REQUEST_REPORT_ANSWER = 6,
};

struct request_message {
	uint8_t authtag[32];
	uint64_t sequence;
	uint8_t reserved1[8];
	/* What is authenticated begins here ... */
	uint8_t algorithm; /* 1: AES-256-GCM */
	uint8_t header_version;
	uint16_t header_size;
	uint8_t type, version;
	uint16_t size; /* of the payload */
	uint32_t reserved2;
	uint8_t vmpck;
	uint8_t reserved3[35];
	/* ... and ends here. */
	uint8_t payload[REQUEST_PAYLOAD];
};
_Static_assert(sizeof(struct request_message) == REQUEST_SIZE, "a page");

#define REQUEST_AUTHENTICATED 48u /* bytes, from algorithm on */

struct request_report {
	uint32_t version, guest_svn;
	uint64_t policy;
	uint8_t family_id[16], image_id[16];
	uint32_t vmpl, signature_algorithm; /* 1: ECDSA P-384 with SHA-384 */
	uint64_t current_tcb, platform_info;
	uint32_t flags, reserved1;
	uint8_t report_data[64];
	uint8_t measurement[48];
	uint8_t host_data[32];
	uint8_t id_key_digest[48], author_key_digest[48];
	uint8_t report_id[32], report_id_ma[32];
	uint64_t reported_tcb;
	uint8_t cpuid[3], reserved2[21];
	uint8_t chip_id[64];
	uint64_t committed_tcb;
	uint8_t versions[8];
	uint64_t launch_tcb;
	uint8_t reserved3[168];
	/* r and s, and where nothing is on hardware the public key x and y; little-endian */
	uint8_t signature[4][72];
	uint8_t reserved4[224];
};
_Static_assert(sizeof(struct request_report) == 1184, "the report's size");
#define REQUEST_SIGNED 0x2a0u /* bytes before the signature */

/* Is it a message that is known, before it is decrypted? */
bool request_good(const struct request_message *message);

/* The header of the answer with `size` bytes to `message`. */
void request_answer(const struct request_message *message, uint16_t size,
                    struct request_message *answer);

void request_iv(const struct request_message *message, uint8_t iv[REQUEST_IV]);

/*
 * A report for the payload of a request, not signed. Nobody can mistake it for one of hardware:
 * chip ID and measurement are the text "sevbench emulated SEV-SNP, no hardware", over and over.
 */
bool request_report(const struct request_message *message, struct request_report *report);

#endif
