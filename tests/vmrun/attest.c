/* SPDX-License-Identifier: MIT */
/*
 * For a guest of emulated SEV-SNP: asks its secure processor for an attestation report and for
 * keys, through /dev/sev-guest, and says whether what came is what it should be. What cannot be so
 * is told apart: a report that was changed, a key for something else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sev-guest.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* SEV-SNP firmware ABI specification 1.55, section 7.3: the answer's header, and table 23, the
 * report. */
#define REPORT_OFFSET 32u
#define REPORT_SIZE   1184u
#define USER_DATA     0x050u
#define MEASUREMENT   0x090u
#define CHIP_ID       0x1a0u
#define SIGNATURE     0x2a0u
#define NUMBER_SIZE   72u

static const char mark[] = "sevbench emulated SEV-SNP, no hardware ";

/* 0, or 1 and why. */
static int ask(int fd, unsigned long what, void *request, void *answer, const char *name)
{
	struct snp_guest_request_ioctl io = {
	        .msg_version = 1,
	        .req_data = (uintptr_t)request,
	        .resp_data = (uintptr_t)answer,
	};

	if (ioctl(fd, what, &io) == 0)
		return 0;
	printf("%s: %s, answered with %#llx\n", name, strerror(errno),
	       (unsigned long long)io.exitinfo2);
	return 1;
}

/* The n-th of the numbers that lie one after the other: r and s, and the key's x and y. */
static void get_number(mpz_t number, const uint8_t *report, size_t n)
{
	mpz_import(number, NUMBER_SIZE, -1, 1, 0, 0, report + SIGNATURE + n * NUMBER_SIZE);
}

/* Did the key that the report carries sign it? */
static bool is_signed(const uint8_t *report)
{
	uint8_t hash[SHA384_DIGEST_SIZE];
	struct dsa_signature signature;
	struct ecc_point key;
	struct sha512_ctx sha;
	mpz_t x, y;
	bool good;

	sha384_init(&sha);
	sha384_update(&sha, SIGNATURE, report);
	sha384_digest(&sha, sizeof(hash), hash);
	dsa_signature_init(&signature);
	mpz_inits(x, y, NULL);
	ecc_point_init(&key, nettle_get_secp_384r1());
	get_number(signature.r, report, 0);
	get_number(signature.s, report, 1);
	get_number(x, report, 2);
	get_number(y, report, 3);
	good = ecc_point_set(&key, x, y) && ecdsa_verify(&key, sizeof(hash), hash, &signature);
	ecc_point_clear(&key);
	mpz_clears(x, y, NULL);
	dsa_signature_clear(&signature);
	return good;
}

static int say_report(int fd)
{
	struct snp_report_req request = {.user_data = "a nonce"};
	struct snp_report_resp answer = {{0}};
	uint8_t *report = answer.data + REPORT_OFFSET;
	uint32_t status, size;

	if (ask(fd, SNP_GET_REPORT, &request, &answer, "report"))
		return 1;
	memcpy(&status, answer.data, sizeof(status));
	memcpy(&size, answer.data + sizeof(status), sizeof(size));
	printf("report: status %u, %u of %u bytes\n", status, size, REPORT_SIZE);
	printf("report: for '%.64s'\n", (const char *)report + USER_DATA);
	printf("report: measurement '%.48s'\n", (const char *)report + MEASUREMENT);
	printf("report: chip %s\n",
	       memcmp(report + CHIP_ID, mark, sizeof(mark) - 1) ? "unmarked" : "marked");
	printf("report: %s by its key\n", is_signed(report) ? "signed" : "not signed");
	report[USER_DATA] ^= 1;
	printf("report: changed, it is %s\n", is_signed(report) ? "still signed" : "not signed");
	return 0;
}

static int say_keys(int fd)
{
	struct snp_derived_key_req request = {.guest_field_select = 1};
	struct snp_derived_key_resp first = {{0}}, again = {{0}}, other = {{0}}, nothing = {{0}};

	if (ask(fd, SNP_GET_DERIVED_KEY, &request, &first, "key") ||
	    ask(fd, SNP_GET_DERIVED_KEY, &request, &again, "key again"))
		return 1;
	request.guest_field_select = 2;
	if (ask(fd, SNP_GET_DERIVED_KEY, &request, &other, "another key"))
		return 1;
	printf("key: %s\n", memcmp(&first, &nothing, sizeof(first)) ? "there" : "empty");
	printf("key: %s again\n", memcmp(&first, &again, sizeof(first)) ? "another" : "the same");
	printf("key: %s of something else\n",
	       memcmp(&first, &other, sizeof(first)) ? "another" : "the same");
	return 0;
}

int main(void)
{
	int fd = open("/dev/sev-guest", O_RDWR | O_CLOEXEC), rc;

	if (fd < 0) {
		printf("/dev/sev-guest: %s\n", strerror(errno));
		return 1;
	}
	rc = say_report(fd) || say_keys(fd);
	close(fd);
	return rc;
}
