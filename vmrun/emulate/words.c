/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/words.h"

#include <stddef.h>

#include "vmrun/emulate/ghcb.h"

/* Set 0 is the specification's: GHCB_SEV_ES_* in the file below. */
static const char *const general[] = {
        "general reasons",
        "none of the offered versions of the GHCB protocol suits it",
        "the hypervisor lacks features of SNP that it needs",
};

/* Set 1 is Linux's: GHCB_TERM_* in arch/x86/include/asm/sev-common.h. */
static const char *const linux_reasons[] = {
        "its GHCB could not be registered",    "the state of a page could not be changed",
        "a page could not be validated",       "it does not run at VMPL 0",
        "the CPUID page is not as it must be", "the hypervisor's CPUID could not be asked",
        "the secrets page cannot be used",     "the SVSM that it needs is not there",
        "its SVSM runs at VMPL 0 with it",     "the SVSM's calling area cannot be used",
        "the secure TSC cannot be used",       "the SVSM's calling area could not be mapped again",
        "the secure AVIC cannot be used",
};

const char *words_termination(unsigned set, unsigned code)
{
	if (set == 0 && code < sizeof(general) / sizeof(*general))
		return general[code];
	if (set == 1 && code < sizeof(linux_reasons) / sizeof(*linux_reasons))
		return linux_reasons[code];
	return "a reason that is not known here";
}

const char *words_exit(uint64_t code)
{
	static const struct {
		uint32_t code;
		const char *word;
	} names[] = {
	        {EXIT_DR7_READ, "DR7 read"},
	        {EXIT_DR7_WRITE, "DR7 write"},
	        {EXIT_RDTSC, "RDTSC"},
	        {EXIT_RDPMC, "RDPMC"},
	        {EXIT_CPUID, "CPUID"},
	        {EXIT_INVD, "INVD"},
	        {EXIT_IOIO, "port"},
	        {EXIT_MSR, "MSR"},
	        {EXIT_VMMCALL, "VMMCALL"},
	        {EXIT_RDTSCP, "RDTSCP"},
	        {EXIT_WBINVD, "WBINVD"},
	        {EXIT_MONITOR, "MONITOR"},
	        {EXIT_MWAIT, "MWAIT"},
	        {EXIT_NPF, "MMIO"},
	        {EXIT_NOT_VALIDATED, "page not validated"},
	        {EXIT_MMIO_READ, "MMIO read"},
	        {EXIT_MMIO_WRITE, "MMIO write"},
	        {EXIT_NMI_COMPLETE, "NMI complete"},
	        {EXIT_AP_HOLD, "AP reset hold"},
	        {EXIT_JUMP_TABLE, "AP jump table"},
	        {EXIT_PAGE_STATE, "page state"},
	        {EXIT_GUEST_REQUEST, "guest request"},
	        {EXIT_EXTENDED_REQUEST, "extended guest request"},
	        {EXIT_AP_CREATE, "AP creation"},
	        {EXIT_FEATURES, "hypervisor features"},
	        {EXIT_TERMINATE, "termination"},
	        {EXIT_UNSUPPORTED, "unsupported event"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].code == code)
			return names[i].word;
	return "?";
}
