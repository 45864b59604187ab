/* SPDX-License-Identifier: MIT */
/*
 * Requests of an SEV-SNP guest to the security processor, as a program makes them: from the system
 * call to the checked answer, through Linux (which encrypts the message), the hypervisor and the
 * host's driver to the processor's firmware, and back. Each is timed alone. The host may throttle
 * them: those that it does are made again, and are no samples.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/attest.h"
#include "harness/clock.h"
#include "harness/kernel.h"

static const struct variant variants[] = {
        {"report", "an attestation report, by SNP_GET_REPORT", -1, ATTEST_REPORT},
        {"derived_key", "a key of this chip and guest, by SNP_GET_DERIVED_KEY", -1, ATTEST_KEY},
        {"ext_report", "a report and the host's certificates, by SNP_GET_EXT_REPORT", -1,
         ATTEST_EXT_REPORT},
        {"tsm_report", "a report by configfs, /sys/kernel/config/tsm/report (Linux 6.7)", -1,
         ATTEST_TSM},
};

/* The first request is no sample: after a lost sequence number it is refused, and so are all. */
static int open_and_ask(const struct setup *setup, struct attest *a, struct err *e)
{
	uint64_t ticks;
	int rc = attest_open(a, (enum attest_what)setup->cell->variant->value, "", e);

	if (rc)
		return rc;
	rc = attest_ask(a, &ticks, e);
	if (rc)
		attest_close(a);
	return rc;
}

static int attest_probe(const struct setup *setup, struct err *e)
{
	struct attest a;
	int rc = open_and_ask(setup, &a, e);

	if (!rc)
		attest_close(&a);
	return rc;
}

static int attest_setup(const struct setup *setup, void **state, struct err *e)
{
	struct attest *a = malloc(sizeof(*a));
	int rc;

	if (!a)
		return err_set(e, ENOMEM, "no memory for the state of attest");
	rc = open_and_ask(setup, a, e);
	if (rc)
		free(a);
	else
		*state = a;
	return rc;
}

static int attest_take(void *state, bool baseline, uint64_t iterations, size_t count,
                       struct timing *timings, struct err *e)
{
	struct attest *a = state;
	int rc = 0;

	(void)iterations; /* one */
	for (size_t i = 0; i < count && !rc; i++) {
		uint64_t begin = clock_begin();

		timings[i] = (struct timing){.ticks = clock_end() - begin};
		if (!baseline)
			rc = attest_ask(a, &timings[i].ticks, e);
	}
	return rc;
}

static void attest_teardown(void *state)
{
	struct attest *a = state;

	if (a->throttled)
		fprintf(stderr,
		        "attest: %" PRIu64 " of %" PRIu64
		        " requests were throttled, and made again\n",
		        a->throttled, a->asked + a->throttled);
	attest_close(a);
	free(a);
}

const struct kernel kernel_attest = {
        .name = "attest",
        .summary = "one request to the security processor from user mode: from the system call to "
                   "its answer, with the ways through Linux, the hypervisor and the firmware",
        .unit = UNIT_LATENCY,
        .flags = KERNEL_NEEDS_ROOT | KERNEL_SINGLE_SHOT,
        .variants = variants,
        .variant_count = sizeof(variants) / sizeof(variants[0]),
        .probe = attest_probe,
        .setup = attest_setup,
        .take = attest_take,
        .teardown = attest_teardown,
};
