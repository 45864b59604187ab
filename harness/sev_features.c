/* SPDX-License-Identifier: MIT */
#include "harness/sev_features.h"

#include <stdio.h>
#include <string.h>

#include "harness/text.h"

static const char *const names[64] = {
        [0] = "SEV",
        [1] = "SEV-ES",
        [2] = "SNP",
        [3] = "vTOM",
        [4] = "reflect #VC",
        [5] = "restricted injection",
        [6] = "alternate injection",
        [7] = "debug swap",
        [8] = "prevent host IBS",
        [9] = "BTB isolation",
        [10] = "VMPL supervisor shadow stack",
        [11] = "Secure TSC",
        [12] = "VMGEXIT parameter",
        [14] = "IBS virtualisation",
        [16] = "VMSA register protection",
        [17] = "SMT protection",
        [18] = "Secure AVIC",
        [23] = "IBPB on entry",
};

const char *sev_features_text(uint64_t status, char text[SEV_FEATURES_TEXT])
{
	text[0] = '\0';
	for (unsigned bit = 0; bit < 64; bit++) {
		const char *before = *text ? ", " : "";

		if (!(status >> bit & 1))
			continue;
		if (names[bit])
			text_add(text, SEV_FEATURES_TEXT, "%s%s", before, names[bit]);
		else
			text_add(text, SEV_FEATURES_TEXT, "%sbit %u", before, bit);
	}
	return text;
}
