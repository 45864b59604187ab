/* SPDX-License-Identifier: MIT */
#include "vmrun/explain.h"

#include <errno.h>

#include "tests/cmocka.h"

/* Texts as QEMU 7.2, 10.0 and 11.1 printed them. */
static const struct {
	const char *output, *means, *line;
} rows[] = {
        {"qemu-system-x86_64: -accel kvm: vm-type SEV-SNP not supported by KVM\n", "Linux 6.11",
         "vm-type SEV-SNP not supported by KVM)"},
        {"qemu-system-x86_64: cannot set up private guest memory for sev-snp-guest: KVM required\n",
         "needs KVM", "KVM required)"},
        {"warning: x\nqemu-system-x86_64: sev_common_kvm_init: cbitpos check failed, host '0' "
         "requested "
         "'51'\nqemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "the processor has no SEV", "host '0' requested '51')"},
        {"qemu-system-x86_64: accelerator does not support confidential guest sev-guest\n",
         "needs KVM", "sev-guest)"},
        {"qemu-system-x86_64: -object sev-snp-guest,id=sev0: Parameter 'qom-type' does not accept "
         "value "
         "'sev-snp-guest'\n",
         "9.1", "'sev-snp-guest')"},
        {"error: failed to set MSR 0x10a to 0x0\n", "--accel tcg", "to 0x0)"},
        {"KVM internal error. Suberror: 1\nemulation failure\nRAX=0\n", "only emulates",
         "emulation failure)"},
};

static void test_known(void **state)
{
	char sentence[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		explain_qemu(rows[i].output, sentence, sizeof(sentence));
		assert_non_null(strstr(sentence, rows[i].means));
		assert_non_null(strstr(sentence, rows[i].line));
		assert_null(strchr(sentence, '\n'));
	}
}

static void test_unknown(void **state)
{
	char sentence[64];

	(void)state;
	explain_qemu("first\nqemu: something new\n\n", sentence, sizeof(sentence));
	assert_string_equal(sentence, "qemu: something new");
	explain_qemu("", sentence, sizeof(sentence));
	assert_string_equal(sentence, "");
	explain_qemu("\n", sentence, sizeof(sentence));
	assert_string_equal(sentence, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_known),
	        cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
