/* SPDX-License-Identifier: MIT */
#include "vmrun/host/need.h"

static const struct need needs[PLATFORM_LAUNCH_END] = {
        [PLATFORM_SEV] = {"SEV", "sev", "SMEE", 1, 2, 10, 4, 16},
        [PLATFORM_SEV_ES] = {"SEV-ES", "sev_es", "SMEE and a SEV-ES ASID Space Limit above 1", 3, 3,
                             10, 5, 11},
        [PLATFORM_SNP] = {"SEV-SNP", "sev_snp", "SMEE, " NEED_BIOS_SNP, 4, 4, 11, 6, 11},
};

const struct need *need_of(enum platform platform)
{
	return &needs[platform];
}
