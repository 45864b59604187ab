/* SPDX-License-Identifier: MIT */
#include "analysis/decide/attested.h"

#include "tests/cmocka.h"

/* What is said of a run with two launches whose guests are those of the text. */
static void expect(const char *first, const char *second, const char *says)
{
	struct machine machine = {0};
	struct summary summary = {.attested = "before"};
	json_error_t error;
	json_t *a = json_loads(first, 0, &error), *b = json_loads(second, 0, &error);

	assert_non_null(a);
	assert_non_null(b);
	machine.manifest =
	        json_pack("{s:[{s:o},{s:o}]}", "launches", "environment", a, "environment", b);
	attested_apply(&summary, &machine, 1);
	if (!strstr(summary.attested, says) || (!*says && *summary.attested))
		fail_msg("'%s' is not in '%s'", says, summary.attested);
	machine_free(&machine);
}

#define SNP "\"sev\":{\"platform\":\"snp\"}"
#define REPORT                                                                                     \
	"\"policy\":\"0x30000\",\"vmpl\":1,\"reported_tcb\":\"0x7\",\"measurement\":\"abab\","     \
	"\"report\":\"02\""

static const char real[] = "{" SNP ",\"attestation\":{\"emulated\":false," REPORT "}}";
static const char emulated[] = "{" SNP ",\"attestation\":{\"emulated\":true," REPORT "}}";
static const char without[] = "{" SNP ",\"attestation\":{\"report\":null},"
                              "\"unknown\":{\"attestation.report\":\"there is no device\"}}";
static const char plain[] = "{\"sev\":{\"platform\":\"nosev\"}}";

static void a_report_of_the_processor_is_told(void **state)
{
	(void)state;
	expect(real, plain, "Attested: in 1 of 1 launches of snp");
	expect(plain, real, "policy 0x30000, VMPL 1, TCB 0x7, measurement abab");
	expect(real, without, "in 1 of 2 launches");
	expect(real, real, "signatures were not checked here");
}

static void one_of_the_emulation_proves_nothing(void **state)
{
	(void)state;
	expect(emulated, emulated,
	       "Not attested: in 2 of 2 launches of snp the report is the "
	       "emulation's (emulated)");
}

static void without_one_there_is_a_reason(void **state)
{
	(void)state;
	expect(without, plain, "stands on SEV_STATUS alone; there is no device.");
	expect("{" SNP "}", plain, "holds no report");
}

static void nothing_is_said_of_other_guests(void **state)
{
	(void)state;
	expect(plain, plain, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_report_of_the_processor_is_told),
	        cmocka_unit_test(one_of_the_emulation_proves_nothing),
	        cmocka_unit_test(without_one_there_is_a_reason),
	        cmocka_unit_test(nothing_is_said_of_other_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
