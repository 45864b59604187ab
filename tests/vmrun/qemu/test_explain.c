/* SPDX-License-Identifier: MIT */
#include "vmrun/qemu/explain.h"

#include <errno.h>

#include "tests/cmocka.h"

/* Texts as QEMU printed them: here on 7.2, 10.0 and 11.1, or for those who reported it. */
static const struct {
	const char *output, *means, *line;
} rows[] = {
        {"qemu-system-x86_64: -accel kvm: vm-type SEV-SNP not supported by KVM\n", "Linux 6.11",
         "vm-type SEV-SNP not supported by KVM)"},
        {"qemu-system-x86_64: SEV: host kernel does not support requested KVM_X86_SEV_ES_VM VM "
         "type. To allow use of the legacy KVM_X86_DEFAULT_VM VM type, the 'legacy-vm-type' "
         "argument must be set to 'on' or 'auto' for the sev-guest object.\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "from 6.10 on", "sev-guest object.)"},
        {"qemu-system-x86_64: -accel kvm: vm-type SEV-ES not supported by KVM\n",
         "cannot make this kind of guest", "vm-type SEV-ES not supported by KVM)"},
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
        {"qemu-system-x86_64: sev_snp_launch_start: SNP_LAUNCH_START ret=-25 fw_error=0 ''\n"
         "qemu-system-x86_64: sev_kvm_init: failed to create encryption context\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "different forms of SNP", "fw_error=0 '')"},
        {"qemu-system-x86_64: -accel kvm: sev_snp_launch_start: SNP_LAUNCH_START ret=-22 "
         "fw_error=0 ''\n"
         "qemu-system-x86_64: -accel kvm: sev_common_kvm_init: failed to create encryption "
         "context\n",
         "refuses what QEMU asks of SNP", "ret=-22 fw_error=0 '')"},
        {"qemu-system-x86_64: sev_launch_start: LAUNCH_START ret=1 fw_error=1 'Platform state is "
         "invalid'\n",
         "not initialised", "is invalid')"},
        {"qemu-system-x86_64: sev_launch_start: LAUNCH_START ret=1 fw_error=21 'Feature not "
         "supported'\nqemu-system-x86_64: sev_common_kvm_init: failed to create encryption "
         "context\n",
         "does not support this kind of guest", "supported')"},
        {"qemu-system-x86_64: sev_guest_init: failed to get platform status ret=-1fw_error='0: "
         "'\n",
         "does not answer", "fw_error='0: ')"},
        {"qemu-system-x86_64: sev_kvm_init: guest policy requires SEV-ES, but host SEV-ES support "
         "unavailable\n",
         "initialised without SEV-ES", "unavailable)"},
        {"qemu-system-x86_64: sev_kvm_init: failed to initialize ret=-16 fw_error=0 ''\n",
         "no ASID is free", "ret=-16 fw_error=0 '')"},
        {"qemu-system-x86_64: sev_kvm_init: failed to initialize ret=-22 fw_error=0 ''\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "refuses this kind of guest", "ret=-22 fw_error=0 '')"},
        {"qemu-system-x86_64: sev_snp_launch_update: SNP_LAUNCH_UPDATE ret=-5 fw_error=22 'Invalid "
         "parameter'\nqemu-system-x86_64: SEV-SNP: CPUID validation failed for function "
         "0x8000001d, index: 0x3.\nprovided: eax:0x000bc163\n",
         "--cpu-model EPYC-v4", "index: 0x3.)"},
        {"qemu-system-x86_64: sev_ram_block_added: failed to register region "
         "(0x7f0000000000+0x40000000) error 'Cannot allocate memory'\n",
         "ulimit -l", "allocate memory')"},
        {"qemu-system-x86_64: sev_kvm_init: Failed to open /dev/sev 'Permission denied'\n",
         "vmrun doctor", "denied')"},
        {"qemu-system-x86_64: Could not open '/dev/sev': No such file or directory\n",
         "vmrun doctor", "directory)"},
        {"Could not access KVM kernel module: Permission denied\nqemu-system-x86_64: -accel kvm: "
         "failed to initialize kvm: Permission denied\n",
         "KVM is not there or not allowed", "module: Permission denied)"},
        {"qemu-system-x86_64: cannot set up guest memory 'ram1': Cannot allocate memory\n",
         "not enough free memory", "Cannot allocate memory)"},
        {"qemu-system-x86_64: unable to map backing store for guest RAM: Cannot allocate memory\n",
         "huge pages", "Cannot allocate memory)"},
        {"qemu-system-x86_64: failed to resize memfd to 67108864: Invalid argument\n",
         "no huge pages of the size", "Invalid argument)"},
        {"-sandbox support is not enabled in this QEMU binary\n", "without its sandbox",
         "QEMU binary)"},
        {"qemu-system-x86_64: -object sev-guest,id=sev0: Parameter 'qom-type' does not accept "
         "value 'sev-guest'\n",
         "built without SEV", "'sev-guest')"},
        {"KVM internal error. Suberror: 1\nemulation failure\nRAX=0\n", "only emulates",
         "emulation failure)"},
        /* What stood last was "failed to initialize kvm: Operation not permitted" in all of these.
         */
        {"qemu-system-x86_64: sev_kvm_init: failed to initialize ret=-25 fw_error=0 ''\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "no ASID for this kind of guest", "ret=-25 fw_error=0 '')"},
        {"qemu-system-x86_64: sev_kvm_init: failed to initialize ret=-95 fw_error=0 ''\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "switched off", "ret=-95 fw_error=0 '')"},
        {"qemu-system-x86_64: sev_kvm_init: failed to initialize ret=-5 fw_error=14 'WBINVD "
         "required'\nqemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "firmware refuses: caches have to be written back", "fw_error=14 'WBINVD required')"},
        {"qemu-system-x86_64: sev_launch_update_vmsa: LAUNCH_UPDATE_VMSA ret=-5 fw_error=3 "
         "'Platform configuration is invalid'\n",
         "the platform's configuration does not allow it", "fw_error=3 '"},
        {"qemu-system-x86_64: some_call: NEW_CALL ret=-13 fw_error=0 ''\n",
         "the host's KVM refuses: Permission denied", "fw_error=0 '')"},
        {"qemu-system-x86_64: some_call: NEW_CALL ret=-5 fw_error=99 ''\n",
         "for a reason that is not known here", "fw_error=99 '')"},
        {"qemu-system-x86_64: -accel kvm: sev_snp_launch_start: SNP_LAUNCH_START ret=-5 fw_error=7 "
         "'Policy is not allowed'\nqemu-system-x86_64: failed to initialize kvm: Operation not "
         "permitted\n",
         "this guest's policy", "'Policy is not allowed')"},
        {"qemu-system-x86_64: kernel does not support restricted guest memory\n"
         "qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n",
         "guest_memfd", "restricted guest memory)"},
        {"qemu-system-x86_64: kvm_set_user_memory_region: KVM_SET_USER_MEMORY_REGION2 failed, "
         "slot=1, start=0xffc00000: Invalid argument\n",
         "-bios", "Invalid argument)"},
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
	/* The first of its errors: the others follow from it. */
	explain_qemu("qemu: warning: old\nqemu: the cause\nqemu: the end\n", sentence,
	             sizeof(sentence));
	assert_string_equal(sentence, "qemu: the cause");
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
