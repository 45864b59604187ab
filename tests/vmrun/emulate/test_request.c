/* SPDX-License-Identifier: MIT */
#include "vmrun/emulate/request.h"

#include <stddef.h>

#include "tests/cmocka.h"

static struct request_message message;

static int setup(void **state)
{
	(void)state;
	message = (struct request_message){
	        .sequence = 5,
	        .algorithm = 1,
	        .header_version = 1,
	        .header_size = 96,
	        .type = REQUEST_REPORT,
	        .version = 1,
	        .size = 96,
	        .vmpck = 2,
	};
	memcpy(message.payload, "a nonce", 8);
	return 0;
}

static void knows_the_layout(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct request_message, algorithm), 0x30);
	assert_int_equal(offsetof(struct request_message, payload), 0x60);
	assert_int_equal(offsetof(struct request_report, report_data), 0x50);
	assert_int_equal(offsetof(struct request_report, measurement), 0x90);
	assert_int_equal(offsetof(struct request_report, chip_id), 0x1a0);
	assert_int_equal(offsetof(struct request_report, signature), REQUEST_SIGNED);
}

static void accepts_what_it_can_answer(void **state)
{
	(void)state;
	assert_true(request_good(&message));
	message.size = 95;
	assert_false(request_good(&message));
	message.type = REQUEST_KEY;
	assert_false(request_good(&message));
	message.size = 32;
	assert_true(request_good(&message));
	message.vmpck = 4;
	assert_false(request_good(&message));
	setup(state);
	message.type = REQUEST_REPORT_ANSWER;
	assert_false(request_good(&message));
	setup(state);
	message.algorithm = 0;
	assert_false(request_good(&message));
}

static void answers_with_the_next_number(void **state)
{
	struct request_message answer;
	uint8_t iv[REQUEST_IV];
	const uint8_t six[REQUEST_IV] = {6};

	(void)state;
	request_answer(&message, 1216, &answer);
	assert_int_equal(answer.type, REQUEST_REPORT_ANSWER);
	assert_int_equal(answer.size, 1216);
	assert_int_equal(answer.vmpck, 2);
	request_iv(&answer, iv);
	assert_memory_equal(iv, six, sizeof(six));
}

static void marks_its_reports(void **state)
{
	struct request_report report;
	const uint32_t vmpl = 4;

	(void)state;
	assert_true(request_report(&message, &report));
	assert_string_equal((const char *)report.report_data, "a nonce");
	assert_memory_equal(report.chip_id, "sevbench emulated SEV-SNP, no hardware ", 39);
	assert_memory_equal(report.measurement, report.chip_id, 39);
	memcpy(message.payload + 64, &vmpl, sizeof(vmpl));
	assert_false(request_report(&message, &report));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(knows_the_layout, setup),
	        cmocka_unit_test_setup(accepts_what_it_can_answer, setup),
	        cmocka_unit_test_setup(answers_with_the_next_number, setup),
	        cmocka_unit_test_setup(marks_its_reports, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
