/* SPDX-License-Identifier: MIT */
#include "harness/sev_features.h"

#include <string.h>

#include "tests/cmocka.h"

static void expect(uint64_t status, const char *wanted)
{
	char text[SEV_FEATURES_TEXT];

	assert_string_equal(sev_features_text(status, text), wanted);
}

static void bits_have_names(void **state)
{
	(void)state;
	expect(0, "");
	expect(0x7, "SEV, SEV-ES, SNP");
	expect(0x807, "SEV, SEV-ES, SNP, Secure TSC");
	expect(0x8, "vTOM");
	expect(1ULL << 10 | 1ULL << 18 | SEV_FEATURES_IBPB_ON_ENTRY,
	       "VMPL supervisor shadow stack, Secure AVIC, IBPB on entry");
	expect(1ULL << 12 | 1ULL << 14, "VMGEXIT parameter, IBS virtualisation");
	expect(1 | 1ULL << 63, "SEV, bit 63");
}

/* More than there is room for ends within it. */
static void all_bits_fit_or_are_cut(void **state)
{
	char text[SEV_FEATURES_TEXT];

	(void)state;
	assert_true(strlen(sev_features_text(UINT64_MAX, text)) < SEV_FEATURES_TEXT);
	assert_non_null(strstr(text, "SEV, SEV-ES, SNP, vTOM"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(bits_have_names),
	        cmocka_unit_test(all_bits_fit_or_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
