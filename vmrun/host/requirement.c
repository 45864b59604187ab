/* SPDX-License-Identifier: MIT */
#include "vmrun/host/requirement.h"

#include <errno.h>

#include "vmrun/host/check_bios.h"
#include "vmrun/host/check_device.h"
#include "vmrun/host/check_firmware.h"
#include "vmrun/host/check_linux.h"
#include "vmrun/host/check_processor.h"

static const struct requirement rows[] = {
        {"processor", FINDING_ALL, true, check_processor_vendor},
        {"CPUID 0x8000001F", FINDING_ENCRYPTED, true, check_processor_modes},
        {"BIOS", FINDING_ENCRYPTED, false, check_bios_switches},
        {"ASIDs", FINDING_ENCRYPTED, true, check_processor_asids},
        {"RMP table", FINDING_SNP, false, check_bios_rmp},
        {"IOMMU", FINDING_SNP, false, check_bios_iommu},
        {"CPUs", FINDING_SNP, true, check_linux_cpus},
        {"SEV firmware", FINDING_ENCRYPTED, true, check_firmware_sev},
        {"SNP firmware", FINDING_SNP, true, check_firmware_snp},
        {"Linux", FINDING_ALL, false, check_linux_release},
        {"/dev/kvm", FINDING_ALL, true, check_device_kvm},
        {"module kvm_amd", FINDING_ENCRYPTED, true, check_linux_parameters},
        {"/dev/sev", FINDING_ENCRYPTED, true, check_device_sev},
        {"types of guests", FINDING_ENCRYPTED, true, check_linux_types},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct requirement *requirement_rows(size_t *count)
{
	*count = ROWS;
	return rows;
}

int requirement_allow(const struct host_source *source, enum platform platform, struct err *e)
{
	struct facts facts;
	struct err first = {""};
	int rc = 0;

	facts_gather(source, &facts);
	for (size_t i = 0; i < ROWS && !rc; i++) {
		struct finding finding = {0};

		if (!(rows[i].modes >> platform & 1))
			continue;
		rows[i].check(&facts, &finding);
		if (finding.verdict[platform] != VERDICT_FAIL)
			continue;
		if (!first.text[0] || (rows[i].decides && !finding.follows[platform]))
			err_set(&first, ENOTSUP, "%s", finding.reason[platform]);
		if (rows[i].decides)
			rc = err_set(e, ENOTSUP, "%s", first.text);
	}
	facts_release(&facts);
	return rc;
}
