/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/secure.h"

#include <pthread.h>
#include <string.h>

#include "vmrun/emulate/plugin/crypto.h"
#include "vmrun/emulate/plugin/emulation.h"
#include "vmrun/emulate/plugin/memory.h"
#include "vmrun/emulate/request.h"

/* What firmware says of a message: Linux, include/uapi/linux/psp-sev.h */
#define STATUS_BAD_MEASUREMENT 0x0bu /* it was not sealed with that key */
#define STATUS_INVALID_PARAM   0x16u

/* Payloads of answers: chapter 7 of the ABI, key derivation and attestation */
#define KEY_ANSWER_SIZE    64u
#define KEY_OFFSET         32u
#define REPORT_OFFSET      32u
#define REPORT_ANSWER_SIZE (REPORT_OFFSET + sizeof(struct request_report))

static uint8_t keys[SECRETS_KEYS][SECRETS_KEY_SIZE];
static uint64_t sequence[SECRETS_KEYS]; /* the last one of either side */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void secure_open(const uint8_t vmpck[SECRETS_KEYS][SECRETS_KEY_SIZE])
{
	memcpy(keys, vmpck, sizeof(keys));
}

/* From a key of this QEMU and all that the guest asked for, so that the same request gets the same.
 */
static void answer_key(const struct request_message *m, struct request_message *answer)
{
	uint8_t from[SECRETS_KEY_SIZE + 32];

	request_answer(m, KEY_ANSWER_SIZE, answer);
	memcpy(from, keys[0], SECRETS_KEY_SIZE);
	memcpy(from + SECRETS_KEY_SIZE, m->payload, 32);
	crypto_hash(from, sizeof(from), answer->payload + KEY_OFFSET);
}

static void answer_report(const struct request_message *m, struct request_message *answer)
{
	static uint64_t unsigned_reports;
	struct request_report report;
	uint32_t status = 0, size = sizeof(report);

	request_answer(m, REPORT_ANSWER_SIZE, answer);
	if (!request_report(m, &report)) {
		status = STATUS_INVALID_PARAM;
		memcpy(answer->payload, &status, sizeof(status));
		return;
	}
	if (!crypto_sign(&report, REQUEST_SIGNED, report.signature) &&
	    emulation_is_new(&unsigned_reports))
		emulation_say("the report is not signed: QEMU has loaded no hogweed");
	memcpy(answer->payload + sizeof(status), &size, sizeof(size));
	memcpy(answer->payload + REPORT_OFFSET, &report, sizeof(report));
}

/* The firmware's status. The message counter of a key goes up by one with each message. */
static uint32_t handle(struct request_message *m, struct request_message *answer)
{
	uint8_t iv[REQUEST_IV];

	if (!request_good(m) || m->sequence != sequence[m->vmpck] + 1)
		return STATUS_INVALID_PARAM;
	request_iv(m, iv);
	if (!crypto_unseal(keys[m->vmpck], iv, &m->algorithm, REQUEST_AUTHENTICATED, m->payload,
	                   m->size, m->authtag))
		return STATUS_BAD_MEASUREMENT;
	if (m->type == REQUEST_KEY)
		answer_key(m, answer);
	else
		answer_report(m, answer);
	request_iv(answer, iv);
	crypto_seal(keys[m->vmpck], iv, &answer->algorithm, REQUEST_AUTHENTICATED, answer->payload,
	            answer->size, answer->authtag);
	sequence[m->vmpck] = answer->sequence;
	return 0;
}

enum ghcb_error secure_request(uint64_t request, uint64_t answer, uint64_t *info2)
{
	static struct request_message message, reply;
	static uint64_t unanswered;
	const char *missing = crypto_find();

	if (!memory_are_ram(request, sizeof(message)) || !memory_are_ram(answer, sizeof(reply)))
		return GHCB_INVALID_INPUT;
	if (missing) {
		if (emulation_is_new(&unanswered))
			emulation_say("a guest request cannot be answered: QEMU has loaded no %s",
			              missing);
		return GHCB_INVALID_EVENT;
	}
	emulation_count(&emulation.counters->guest_requests, 1);
	pthread_mutex_lock(&lock);
	memory_read(request, &message, sizeof(message));
	*info2 = handle(&message, &reply);
	if (!*info2)
		memory_write(answer, &reply, sizeof(reply));
	pthread_mutex_unlock(&lock);
	return GHCB_GOOD;
}
