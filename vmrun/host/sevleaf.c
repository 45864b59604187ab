/* SPDX-License-Identifier: MIT */
#include "vmrun/host/sevleaf.h"

#include <stdio.h>

#include "harness/cpu.h"
#include "harness/text.h"

static const struct sevleaf_field fields[] = {
        {CPU_EAX, 0, 1, "sme", "SME: secure memory encryption support"},
        {CPU_EAX, 1, 1, "sev", "SEV: secure encrypted virtualize support"},
        {CPU_EAX, 2, 1, "page_flush_msr", "VM page flush MSR support"},
        {CPU_EAX, 3, 1, "sev_es", "SEV-ES: SEV encrypted state support"},
        {CPU_EAX, 4, 1, "sev_snp", "SEV-SNP: SEV secure nested paging"},
        {CPU_EAX, 5, 1, "vmpl", "VMPL: VM permission levels"},
        {CPU_EAX, 6, 1, "rmpquery", "RMPQUERY instruction support"},
        {CPU_EAX, 7, 1, "vmpl_sss", "VMPL supervisor shadow stack support"},
        {CPU_EAX, 8, 1, "secure_tsc", "Secure TSC supported"},
        {CPU_EAX, 9, 1, "virtual_tsc_aux", "virtual TSC_AUX supported"},
        {CPU_EAX, 10, 1, "coherent", "hardware cache coher across enc domains"},
        {CPU_EAX, 11, 1, "host_64bit_only", "SEV guest exec only from 64-bit host"},
        {CPU_EAX, 12, 1, "restricted_injection", "restricted injection"},
        {CPU_EAX, 13, 1, "alternate_injection", "alternate injection"},
        {CPU_EAX, 14, 1, "debug_swap", "full debug state swap for SEV-ES/SEV-SNP"},
        {CPU_EAX, 15, 1, "no_host_ibs", "disallowing IBS use by host"},
        {CPU_EAX, 16, 1, "vte", "VTE: SEV virtual transparent encryption"},
        {CPU_EAX, 17, 1, "vmgexit_parameter", "VMGEXIT parameter support"},
        {CPU_EAX, 18, 1, "virtual_tom_msr", "virtual TOM MSR support"},
        {CPU_EAX, 19, 1, "ibs_virtual", "IBS virtual support for SEV-ES/SEV-SNP"},
        {CPU_EAX, 20, 1, "pmc_virtual", "PMC virtual support for SEV-ES/SEV-SNP"},
        {CPU_EAX, 21, 1, "rmpread", "RMPREAD instruction"},
        {CPU_EAX, 22, 1, "guest_intercept_control", "guest intercept control support"},
        {CPU_EAX, 23, 1, "segmented_rmp", "segmented RMP support"},
        {CPU_EAX, 24, 1, "vmsa_protection", "VMSA register protection support"},
        {CPU_EAX, 25, 1, "smt_protection", "SMT protection support"},
        {CPU_EAX, 26, 1, "secure_avic", "secure AVIC support"},
        {CPU_EAX, 27, 1, "allowed_sev_features", "allowed SEV features support"},
        {CPU_EAX, 28, 1, "svsm_page_msr", "SVSM communication page MSR support"},
        {CPU_EAX, 29, 1, "virt_rmpupdate", "VIRT_RMPUPDATE & VIRT_PSMASH MSR support"},
        {CPU_EAX, 30, 1, "hv_in_use_write", "write to hypervisor in-used allowed"},
        {CPU_EAX, 31, 1, "ibpb_on_entry", "IBPB on entry support"},
        {CPU_EBX, 0, 6, "c_bit", "encryption bit position in PTE"},
        {CPU_EBX, 6, 6, "address_reduction", "physical address space width reduction"},
        {CPU_EBX, 12, 4, "vmpl_count", "number of VM permission levels"},
        {CPU_ECX, 0, 32, "guests", "number of SEV-enabled guests supported"},
        {CPU_EDX, 0, 32, "min_sev_asid", "minimum SEV guest ASID"},
};

const struct sevleaf_field *sevleaf_fields(size_t *count)
{
	*count = sizeof(fields) / sizeof(fields[0]);
	return fields;
}

uint32_t sevleaf_value(const struct sevleaf_field *field, const uint32_t regs[4])
{
	uint32_t mask = field->width == 32 ? UINT32_MAX : (1U << field->width) - 1;

	return regs[field->reg] >> field->low & mask;
}

void sevleaf_modes(const uint32_t regs[4], char *text, size_t size)
{
	static const struct {
		unsigned bit;
		const char *name;
	} modes[] = {{0, "SME"}, {1, "SEV"}, {3, "SEV-ES"}, {4, "SEV-SNP"}};

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (regs[CPU_EAX] >> modes[i].bit & 1)
			text_add(text, size, "%s%s", *text ? ", " : "", modes[i].name);
	}
	if (!*text)
		text_add(text, size, "none");
}
