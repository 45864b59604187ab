/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/request.h"

#include <stddef.h>
#include <string.h>

#include "vmrun/emulate/secrets.h"

#define ALGORITHM_GCM    1
#define HEADER_VERSION   1
#define MESSAGE_VERSION  1
#define HEADER_SIZE      offsetof(struct request_message, payload)
#define REPORT_VERSION   2
#define SIGNATURE_P384   1
#define VMPL_MOST        3
#define POLICY           0x30000u /* what vmrun launches with: SMT, and the bit that is always one */
#define SIZE_KEY         32u
#define SIZE_REPORT      96u
#define SIZE_REPORT_DATA 64u

static const char mark[] = "sevbench emulated SEV-SNP, no hardware ";

bool request_good(const struct request_message *message)
{
	if (message->algorithm != ALGORITHM_GCM || message->header_version != HEADER_VERSION ||
	    message->header_size != HEADER_SIZE || message->vmpck >= SECRETS_KEYS)
		return false;
	return (message->type == REQUEST_KEY && message->size == SIZE_KEY) ||
	       (message->type == REQUEST_REPORT && message->size == SIZE_REPORT);
}

void request_answer(const struct request_message *message, uint16_t size,
                    struct request_message *answer)
{
	*answer = (struct request_message){
	        .sequence = message->sequence + 1,
	        .algorithm = ALGORITHM_GCM,
	        .header_version = HEADER_VERSION,
	        .header_size = HEADER_SIZE,
	        .type = (uint8_t)(message->type + 1),
	        .version = MESSAGE_VERSION,
	        .size = size,
	        .vmpck = message->vmpck,
	};
}

void request_iv(const struct request_message *message, uint8_t iv[REQUEST_IV])
{
	memset(iv, 0, REQUEST_IV);
	memcpy(iv, &message->sequence, sizeof(message->sequence));
}

static void fill(uint8_t *to, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)mark[i % (sizeof(mark) - 1)];
}

bool request_report(const struct request_message *message, struct request_report *report)
{
	uint32_t vmpl;

	memcpy(&vmpl, message->payload + SIZE_REPORT_DATA, sizeof(vmpl));
	if (vmpl > VMPL_MOST)
		return false;
	*report = (struct request_report){
	        .version = REPORT_VERSION,
	        .policy = POLICY,
	        .vmpl = vmpl,
	        .signature_algorithm = SIGNATURE_P384,
	};
	memcpy(report->report_data, message->payload, SIZE_REPORT_DATA);
	fill(report->measurement, sizeof(report->measurement));
	fill(report->chip_id, sizeof(report->chip_id));
	return true;
}
