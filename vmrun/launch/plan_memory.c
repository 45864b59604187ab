/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/plan_memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/mem.h"
#include "harness/mem_available.h"
#include "harness/units.h"

/* What Debian's Linux 6.1 boots in; OVMF keeps more for itself, and hangs in less (tried). */
#define MEMORY_MIN      (80ULL << 20)
#define MEMORY_MIN_OVMF (160ULL << 20)

static int free_huge_pages(const struct host_source *host, unsigned long kib, uint64_t *bytes)
{
	char path[128], text[32];
	unsigned long long count;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%lukB/free_hugepages",
	         kib);
	if (host_read_choice(host, path, text, sizeof(text)) || sscanf(text, "%llu", &count) != 1)
		return -1;
	*bytes = count * kib * 1024;
	return 0;
}

/* Bytes that the guest's Linux sets aside. */
static uint64_t pools(const struct vm_spec *spec)
{
	return spec->huge_2m * (uint64_t)mem_page_bytes(MEM_2M) +
	       spec->huge_1g * (uint64_t)mem_page_bytes(MEM_1G);
}

/* How many such guests the host has to hold that are not there yet. */
static unsigned guests_to_come(const struct vm_spec *spec)
{
	return spec->guests && !spec->line ? spec->guests : 1;
}

/* What may be taken of the host: private and shared pages of an SNP guest beside each other. Seen:
 * one of 4 GB that took about 7 (github.com/AMDESE/AMDSEV, issue 250). */
static bool takes_twice(const struct vm_spec *spec, const struct plan *plan)
{
	return spec->platform == PLATFORM_SNP && !plan->emulated;
}

static int check_memory(const struct vm_spec *spec, const struct host_source *host,
                        const struct plan *plan, struct err *e)
{
	bool ovmf = plan->argv.firmware != NULL;
	unsigned guests = guests_to_come(spec);
	bool huge = spec->backing == MEM_2M || spec->backing == MEM_1G;
	unsigned long kib = spec->backing == MEM_1G ? 1048576 : 2048;
	uint64_t least = ovmf ? MEMORY_MIN_OVMF : MEMORY_MIN;
	char want[UNITS_TEXT], have[UNITS_TEXT], times[32] = "";
	uint64_t available = mem_available();

	if (spec->memory < least)
		return err_set(e, EINVAL, "guest memory of %s is too little: Linux%s needs %s",
		               units_size(spec->memory, want), ovmf ? " behind OVMF" : "",
		               units_size(least, have));
	if (pools(spec) > spec->memory - least)
		return err_set(e, EINVAL,
		               "guest memory of %s is too little for %s of huge pages and a Linux "
		               "beside them",
		               units_size(spec->memory, want), units_size(pools(spec), have));
	if (huge && free_huge_pages(host, kib, &available))
		return err_set(e, EINVAL, "this host's Linux has no huge pages of %s",
		               kib == 2048 ? "2M" : "1G");
	if (guests > 1)
		snprintf(times, sizeof(times), "%u times ", guests);
	if ((huge || available) && spec->memory > available / guests)
		return err_set(
		        e, EINVAL,
		        huge ? "%sguest memory of %s is more than the %s of free huge pages; raise "
		               "/sys/kernel/mm/hugepages/*/nr_hugepages"
		             : "%sguest memory of %s is more than the %s that this host has "
		               "available%s: free some, or give guests less (--memory)",
		        times, units_size(spec->memory, want), units_size(available, have),
		        takes_twice(spec, plan) ? ", and an SNP guest may take nearly twice its "
		                                  "memory, private and shared pages together"
		                                : "");
	return 0;
}

int plan_memory_find(const struct vm_spec *spec, const struct host_source *host, struct plan *plan,
                     struct err *e)
{
	int rc = check_memory(spec, host, plan, e);

	if (rc)
		return rc;
	if (takes_twice(spec, plan))
		plan_memory_doubt(spec, mem_available(), &plan->memory_doubt);
	plan->argv.memory = spec->memory;
	plan->argv.backing = spec->backing;
	plan->argv.huge_2m = spec->huge_2m;
	plan->argv.huge_1g = spec->huge_1g;
	return 0;
}

int plan_memory_doubt(const struct vm_spec *spec, uint64_t available, struct err *e)
{
	char want[UNITS_TEXT], most[UNITS_TEXT], have[UNITS_TEXT];

	if (!available || spec->memory <= available / guests_to_come(spec) / 2)
		return 0;
	return err_set(
	        e, ENOMEM,
	        "an SNP guest of %s may take nearly %s, private and shared pages together, and "
	        "this host has %s available: free some, or give guests less (--memory)",
	        units_size(spec->memory, want), units_size(2 * spec->memory, most),
	        units_size(available, have));
}

int plan_memory_allow(const struct vm_spec *spec, const struct host_source *host, struct err *e)
{
	static const char path[] = "/sys/kernel/mm/transparent_hugepage/enabled";
	char choice[32];

	if (spec->backing != MEM_THP)
		return 0;
	if (host_read_choice(host, path, choice, sizeof(choice)))
		return err_set(e, ENOTSUP,
		               "this host's Linux has no transparent huge pages (no %s)", path);
	if (!strcmp(choice, "never"))
		return err_set(
		        e, ENOTSUP,
		        "transparent huge pages are off (%s is never); as root: echo madvise > %s",
		        path, path);
	return 0;
}
