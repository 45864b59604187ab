/* SPDX-License-Identifier: MIT */
#include "harness/attest.h"

#include <errno.h>
#include <linux/sev-guest.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "tests/cmocka.h"
#include "tests/tree.h"

/* What the security processor does, in place of one. */
static struct processor {
	int error, times;  /* errno of the first `times` requests */
	uint64_t firmware; /* exitinfo2 of these */
	uint32_t status;   /* in the answer */
	bool other_nonce, no_key, emulated;
	unsigned long last;
	uint32_t vmpl; /* that was asked for */
	unsigned asked, slept;
} processor;

unsigned int sleep(unsigned int seconds);

static const uint8_t secret[32] = "as secret as can be";

static void answer_report(const struct snp_report_req *asked, uint8_t *answer)
{
	uint8_t *report = answer + 32;

	processor.vmpl = asked->vmpl;
	memcpy(answer, &processor.status, sizeof(processor.status));
	report[0] = 2;
	report[8] = 0x30;
	memcpy(report + 0x30, &asked->vmpl, sizeof(asked->vmpl));
	memcpy(report + 0x50, asked->user_data, 64);
	report[0x50] ^= processor.other_nonce;
	memset(report + 0x90, 0xab, 48);
	report[0x180] = 7;
	if (processor.emulated)
		memcpy(report + 0x1a0, ATTEST_EMULATED, sizeof(ATTEST_EMULATED));
}

int ioctl(int fd, unsigned long request, ...)
{
	struct snp_guest_request_ioctl *io;
	uint8_t *answer;
	va_list list;

	(void)fd;
	va_start(list, request);
	io = va_arg(list, struct snp_guest_request_ioctl *);
	va_end(list);
	answer = (uint8_t *)(uintptr_t)io->resp_data;
	processor.last = request;
	processor.asked++;
	if (processor.times) {
		processor.times--;
		io->exitinfo2 = processor.firmware;
		errno = processor.error;
		return -1;
	}
	if (request == SNP_GET_DERIVED_KEY) {
		memcpy(answer, &processor.status, sizeof(processor.status));
		if (!processor.no_key)
			memcpy(answer + 32, secret, sizeof(secret));
	} else {
		answer_report((const void *)(uintptr_t)io->req_data, answer);
	}
	return 0;
}

unsigned int sleep(unsigned int seconds)
{
	processor.slept += seconds;
	return 0;
}

struct guest {
	char root[64];
	struct attest a;
	struct err e;
	uint64_t ticks;
};

static int begin(void **state)
{
	struct guest *g = calloc(1, sizeof(*g));

	snprintf(g->root, sizeof(g->root), "/tmp/test_attest.XXXXXX");
	*state = g;
	processor = (struct processor){.error = 0};
	return mkdtemp(g->root) ? 0 : -1;
}

static int end(void **state)
{
	struct guest *g = *state;
	int rc = tree_remove(g->root);

	free(g);
	return rc;
}

static void open_device(struct guest *g, enum attest_what what)
{
	fclose(tree_create(g->root, "dev/sev-guest"));
	if (attest_open(&g->a, what, g->root, &g->e))
		fail_msg("%s", g->e.text);
}

/* The rc of a request whose errors are as the processor has them. */
static int ask(struct guest *g, enum attest_what what)
{
	int rc;

	open_device(g, what);
	rc = attest_ask(&g->a, &g->ticks, &g->e);
	return rc;
}

static void without_a_device_there_is_a_reason(void **state)
{
	struct guest *g = *state;

	assert_int_equal(attest_open(&g->a, ATTEST_REPORT, g->root, &g->e), -ENOTSUP);
	assert_says(g->e, "no /dev/sev-guest");
	assert_says(g->e, "CONFIG_SEV_GUEST");
	assert_int_equal(attest_open(&g->a, ATTEST_TSM, g->root, &g->e), -ENOTSUP);
	assert_says(g->e, "no /sys/kernel/config/tsm/report");
	assert_says(g->e, "mount -t configfs");
	attest_close(&g->a);
}

static void a_report_is_asked_for_and_read(void **state)
{
	struct guest *g = *state;
	struct attest_report report;

	assert_int_equal(ask(g, ATTEST_REPORT), 0);
	assert_int_equal(processor.last, SNP_GET_REPORT);
	assert_true(g->ticks > 0);
	attest_parse(g->a.report, &report);
	assert_int_equal(report.version, 2);
	assert_int_equal(report.policy, 0x30);
	assert_int_equal(report.vmpl, 0);
	assert_int_equal(report.reported_tcb, 7);
	assert_int_equal(report.measurement[47], 0xab);
	assert_false(report.emulated);
	processor.emulated = true;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), 0);
	attest_parse(g->a.report, &report);
	assert_true(report.emulated);
	assert_int_equal(g->a.asked, 2);
	attest_close(&g->a);
	assert_int_equal(ask(g, ATTEST_EXT_REPORT), 0);
	assert_int_equal(processor.last, SNP_GET_EXT_REPORT);
	attest_close(&g->a);
}

static void a_guest_asks_for_its_own_vmpl(void **state)
{
	struct guest *g = *state;
	FILE *out = tree_create(g->root, "sys/devices/system/cpu/sev/vmpl");

	fputs("2\n", out);
	fclose(out);
	assert_int_equal(ask(g, ATTEST_REPORT), 0);
	assert_int_equal(processor.vmpl, 2);
	attest_close(&g->a);
}

static bool holds(const void *bytes, size_t size)
{
	for (size_t i = 0; i + sizeof(secret) <= size; i++)
		if (!memcmp((const char *)bytes + i, secret, sizeof(secret)))
			return true;
	return false;
}

static void a_key_is_not_kept(void **state)
{
	struct guest *g = *state;

	assert_int_equal(ask(g, ATTEST_KEY), 0);
	assert_int_equal(processor.last, SNP_GET_DERIVED_KEY);
	assert_false(holds(&g->a, sizeof(g->a)));
	processor.no_key = true;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), -EIO);
	assert_says(g->e, "zeros alone");
	attest_close(&g->a);
}

static void another_requests_report_is_none(void **state)
{
	struct guest *g = *state;

	processor.other_nonce = true;
	assert_int_equal(ask(g, ATTEST_REPORT), -EIO);
	assert_says(g->e, "not of this request");
	attest_close(&g->a);
}

static void no_request_is_like_another(void **state)
{
	struct guest *g = *state;
	uint8_t first[ATTEST_NONCE];

	assert_int_equal(ask(g, ATTEST_REPORT), 0);
	memcpy(first, g->a.nonce, sizeof(first));
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), 0);
	assert_memory_not_equal(first, g->a.nonce, sizeof(first));
	attest_close(&g->a);
}

static void what_is_throttled_is_asked_again(void **state)
{
	struct guest *g = *state;

	processor.times = 2;
	processor.error = EIO;
	processor.firmware = 2ULL << 32; /* SNP_GUEST_VMM_ERR_BUSY */
	assert_int_equal(ask(g, ATTEST_REPORT), 0);
	assert_int_equal(g->a.throttled, 2);
	assert_int_equal(g->a.asked, 1);
	assert_int_equal(processor.slept, 2 * ATTEST_DELAY);
	processor.times = 2 * ATTEST_PATIENCE;
	processor.error = EAGAIN;
	processor.firmware = 0;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), -ETIMEDOUT);
	assert_says(g->e, "throttled");
	attest_close(&g->a);
}

static void a_device_that_linux_disabled_is_left(void **state)
{
	struct guest *g = *state;

	processor.times = 1;
	processor.error = ENOTTY;
	assert_int_equal(ask(g, ATTEST_REPORT), -ENOTSUP);
	assert_says(g->e, "sequence number");
	assert_int_equal(processor.asked, 1);
	attest_close(&g->a);
}

static void the_firmware_says_why(void **state)
{
	struct guest *g = *state;

	processor.times = 1;
	processor.error = EIO;
	processor.firmware = 0x16;
	assert_int_equal(ask(g, ATTEST_REPORT), -EIO);
	assert_says(g->e, "status 0x16: a parameter is invalid");
	processor.times = 1;
	processor.firmware = 1ULL << 32;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), -EIO);
	assert_says(g->e, "hypervisor refused");
	processor.times = 1;
	processor.firmware = 0xffff;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), -EIO);
	assert_says(g->e, "0xffff: which no table knows");
	processor.status = 0x16;
	assert_int_equal(attest_ask(&g->a, &g->ticks, &g->e), -EIO);
	assert_says(g->e, "status 0x16");
	attest_close(&g->a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
	        T(without_a_device_there_is_a_reason),
	        T(a_report_is_asked_for_and_read),
	        T(a_guest_asks_for_its_own_vmpl),
	        T(a_key_is_not_kept),
	        T(another_requests_report_is_none),
	        T(no_request_is_like_another),
	        T(what_is_throttled_is_asked_again),
	        T(a_device_that_linux_disabled_is_left),
	        T(the_firmware_says_why),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
