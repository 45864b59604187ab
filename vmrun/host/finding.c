/* SPDX-License-Identifier: MIT */
#include "vmrun/host/finding.h"

#include <stdarg.h>
#include <stdio.h>

const char *finding_word(enum verdict verdict)
{
	static const char *const words[] = {
	        [VERDICT_NONE] = "",     [VERDICT_OK] = "ok",   [VERDICT_UNKNOWN] = "?",
	        [VERDICT_WARN] = "warn", [VERDICT_FAIL] = "no",
	};

	return words[verdict];
}

void finding_judge(struct finding *finding, enum platform platform, enum verdict verdict,
                   const char *fmt, ...)
{
	va_list ap;

	finding->verdict[platform] = verdict;
	va_start(ap, fmt);
	vsnprintf(finding->reason[platform], sizeof(finding->reason[platform]), fmt, ap);
	va_end(ap);
}

void finding_say(struct finding *finding, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(finding->found, sizeof(finding->found), fmt, ap);
	va_end(ap);
}

void finding_judge_all(struct finding *finding, unsigned modes, enum verdict verdict,
                       const char *reason)
{
	for (int p = 0; p < PLATFORM_LAUNCH_END; p++) {
		if (modes >> p & 1)
			finding_judge(finding, (enum platform)p, verdict, "%s", reason);
	}
}
