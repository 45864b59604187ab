/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/backing.h"

#include <stdbool.h>
#include <stdio.h>

/* Of the resident memory of a guest on transparent huge pages: below it the host had too few. */
#define THP_LEAST 0.9

struct backing backing_read(pid_t qemu, uint64_t bytes)
{
	struct backing m = {0};
	char path[64], line[512];
	bool inside = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)qemu);
	file = fopen(path, "re");
	if (!file)
		return m;
	while (fgets(line, sizeof(line), file)) {
		unsigned long long kib;
		unsigned long from, to;

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
			inside = to - from == bytes;
		} else if (!inside) {
			continue;
		} else if (sscanf(line, "KernelPageSize: %llu", &kib) == 1) {
			m.page = kib;
		} else if (sscanf(line, "Rss: %llu", &kib) == 1) {
			m.resident += kib;
		} else if (sscanf(line, "AnonHugePages: %llu", &kib) == 1 ||
		           sscanf(line, "ShmemPmdMapped: %llu", &kib) == 1) {
			m.huge += kib;
		} else if (sscanf(line, "Shared_Hugetlb: %llu", &kib) == 1 ||
		           sscanf(line, "Private_Hugetlb: %llu", &kib) == 1) {
			m.huge += kib; /* which Rss leaves out */
			m.resident += kib;
		}
	}
	fclose(file);
	return m;
}

void backing_judge(const struct backing *m, enum mem_pages asked, char *text, size_t size)
{
	static const unsigned long long kib[] = {
	        [MEM_4K] = 4, [MEM_THP] = 4, [MEM_2M] = 2048, [MEM_1G] = 1048576};

	text[0] = '\0';
	if (!m->page || !m->resident)
		snprintf(text, size,
		         "how the guest's memory is backed could not be read from /proc");
	else if (m->page != kib[asked])
		snprintf(text, size, "the guest's memory is on pages of %llu KiB, not on %s",
		         m->page, mem_pages_name(asked));
	else if (asked == MEM_4K && m->huge)
		snprintf(text, size,
		         "%llu of %llu KiB of the guest's memory are on huge pages, where 4k was "
		         "asked for",
		         m->huge, m->resident);
	else if (asked == MEM_THP && (double)m->huge < THP_LEAST * (double)m->resident)
		snprintf(text, size,
		         "only %llu of %llu KiB of the guest's memory are on transparent huge "
		         "pages; the host had too few (echo 1 > /proc/sys/vm/compact_memory)",
		         m->huge, m->resident);
}
