/* SPDX-License-Identifier: MIT */
#include "harness/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS (TARGET_COUNT / PLATFORM_COUNT)
#define PAGES (1 + MEM_PAGES_COUNT) /* the unnamed ones among them */
#define OFF   "@snpoff"

unsigned target_on(enum platform platform, enum mem_pages pages)
{
	return (unsigned)platform + PLATFORM_COUNT * (1U + (unsigned)pages);
}

enum platform target_platform(unsigned target)
{
	return (enum platform)(target % PLATFORM_COUNT);
}

bool target_pages(unsigned target, enum mem_pages *pages)
{
	unsigned kind = target / PLATFORM_COUNT % PAGES;

	if (!kind)
		return false;
	*pages = (enum mem_pages)(kind - 1);
	return true;
}

bool target_snp_is_off(unsigned target)
{
	return target / PLATFORM_COUNT >= PAGES;
}

unsigned target_snp_off(unsigned target, bool off)
{
	return target % (PLATFORM_COUNT * PAGES) + (off ? PLATFORM_COUNT * PAGES : 0);
}

unsigned target_usual(unsigned target)
{
	return target_snp_off(target_platform(target), target_snp_is_off(target));
}

unsigned target_at(unsigned place)
{
	return place / KINDS + PLATFORM_COUNT * (place % KINDS);
}

unsigned target_place(unsigned target)
{
	return target % PLATFORM_COUNT * KINDS + target / PLATFORM_COUNT;
}

const char *target_name(unsigned target)
{
#define ON(pages)                                                                                  \
	"native" pages, "nosev" pages, "sev" pages, "sev-es" pages, "snp" pages, "snp-vtom" pages, \
	        "tdx" pages, "unknown" pages
	static const char *const names[TARGET_COUNT] = {
	        ON(""),  ON("@4k"),     ON("@thp"),     ON("@2m"),     ON("@1g"),
	        ON(OFF), ON("@4k" OFF), ON("@thp" OFF), ON("@2m" OFF), ON("@1g" OFF)};
#undef ON

	return names[target];
}

/* "nosev" or "nosev@thp". */
static int parse_on_pages(const char *text, unsigned *target, struct err *e)
{
	const char *at = strchr(text, '@');
	char name[32];
	enum platform platform;
	enum mem_pages pages;
	int rc;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "@"), text);
	rc = platform_parse(name, &platform, e);
	if (!rc && at)
		rc = mem_pages_parse(at + 1, &pages, e);
	if (rc)
		return rc;
	*target = platform;
	if (!at)
		return 0;
	if (platform == PLATFORM_NATIVE)
		return err_set(e, EINVAL, "%s: native is no guest, and has no host pages to choose",
		               text);
	if (platform == PLATFORM_SNP)
		return err_set(
		        e, EINVAL,
		        "%s: Linux maps an SNP guest's private memory with 4 KiB pages, whatever "
		        "backs it",
		        text);
	if (!platform_launched(platform))
		return err_set(e, EINVAL,
		               "%s: a guest that others launch does not know its host pages", text);
	*target = target_on(platform, pages);
	return 0;
}

int target_parse(const char *text, unsigned *target, struct err *e)
{
	size_t size = strlen(text), end = strlen(OFF);
	bool off = size > end && !strcmp(text + size - end, OFF);
	char rest[64];
	int rc;

	snprintf(rest, sizeof(rest), "%.*s", (int)(off ? size - end : size), text);
	rc = parse_on_pages(rest, target, e);
	if (rc || !off)
		return rc;
	if (target_platform(*target) == PLATFORM_SNP ||
	    target_platform(*target) == PLATFORM_SNP_VTOM)
		return err_set(e, EINVAL, "%s: where SNP is off there are no SNP guests", text);
	*target = target_snp_off(*target, true);
	return 0;
}

int target_parse_list(const char *text, bool targets[TARGET_COUNT], struct err *e)
{
	char *copy = strdup(text), *rest = copy, *word;
	int rc = copy ? 0 : err_set(e, ENOMEM, "no memory");

	memset(targets, 0, TARGET_COUNT * sizeof(*targets));
	while (!rc && (word = strsep(&rest, ","))) {
		unsigned target;

		rc = target_parse(word, &target, e);
		if (!rc && target_platform(target) >= (enum platform)PLATFORM_LAUNCH_END)
			rc = err_set(e, EINVAL,
			             "%s is no guest to launch: a platform to measure on is "
			             "native, nosev, "
			             "sev, sev-es or snp",
			             word);
		if (!rc && target_snp_is_off(target))
			rc = err_set(e, EINVAL,
			             "%s: SNP is switched by the host's BIOS and not by a launch: "
			             "measure with it off, and name those results to sevbench "
			             "compare --snp-off",
			             word);
		if (!rc)
			targets[target] = true;
	}
	free(copy);
	return rc;
}
