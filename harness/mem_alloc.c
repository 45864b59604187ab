/* SPDX-License-Identifier: MIT */
#include "harness/mem_alloc.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/mman.h>
#include <numaif.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/mem_available.h"
#include "harness/mem_module.h"
#include "harness/mem_random.h"
#include "harness/mem_usage.h"
#include "harness/place.h"

#define PAGE      4096UL
#define HUGE_PAGE (2UL << 20)
#define MIB       (1UL << 20)

#ifndef MADV_POPULATE_WRITE /* Linux 5.14, newer than Debian 12's libc headers */
#define MADV_POPULATE_WRITE 23
#endif

static bool read_number(const char *path, uint64_t *value)
{
	FILE *f = fopen(path, "re");
	bool found;

	if (!f)
		return false;
	found = fscanf(f, "%" SCNu64, value) == 1;
	fclose(f);
	return found;
}

/* Binding to a node that is full would bring the out-of-memory killer, not an error. */
static int check_room(const struct mem_spec *spec, size_t mapped, struct err *e)
{
	uint64_t room = mem_available();

	if (room && mapped > room)
		return err_set(e, ENOMEM,
		               "%zu MiB of memory were asked for, but only %" PRIu64
		               " MiB are available: choose a smaller size",
		               mapped / MIB, room / MIB);
	/* The only node there is has what the machine has. */
	if (spec->node < 0 || place_node_count() == 1)
		return 0;
	room = mem_available_on(spec->node);
	if (room && mapped > room)
		return err_set(e, ENOMEM,
		               "%zu MiB of memory were asked for on NUMA node %d, but only %" PRIu64
		               " MiB are free there: choose a smaller size or another node",
		               mapped / MIB, spec->node, room / MIB);
	return 0;
}

/* Is the pool of the page size large enough? Its pages are not part of MemAvailable. */
int mem_pool_check(enum mem_pages pages, uint64_t bytes, int node, struct err *e)
{
	size_t page = mem_page_bytes(pages);
	uint64_t wanted = bytes / page + (bytes % page != 0);
	uint64_t total = 0;
	uint64_t unused = 0;
	uint64_t reserved = 0;
	uint64_t surplus = 0; /* pages that Linux may add to the pool by itself */
	char pool[96];
	char path[128];

	if (node >= 0)
		snprintf(pool, sizeof(pool),
		         "/sys/devices/system/node/node%d/hugepages/hugepages-%zukB", node,
		         page / 1024);
	else
		snprintf(pool, sizeof(pool), "/sys/kernel/mm/hugepages/hugepages-%zukB",
		         page / 1024);
	snprintf(path, sizeof(path), "%s/nr_hugepages", pool);
	if (!read_number(path, &total))
		return err_set(e, ENOTSUP, "Linux has no huge pages of %zu MiB here (no %s)",
		               page / MIB, pool);
	snprintf(path, sizeof(path), "%s/free_hugepages", pool);
	(void)read_number(path, &unused);
	/* A node's folder has neither of these. */
	snprintf(path, sizeof(path), "%s/resv_hugepages", pool);
	(void)read_number(path, &reserved);
	snprintf(path, sizeof(path), "%s/nr_overcommit_hugepages", pool);
	(void)read_number(path, &surplus);
	unused -= reserved < unused ? reserved : unused;
	if (wanted > unused + surplus)
		return err_set(e, ENOTSUP,
		               "%" PRIu64 " huge pages of %zu MiB are needed, but %" PRIu64
		               " are free: run 'echo %" PRIu64 " > %s/nr_hugepages' as root",
		               wanted, page / MIB, unused, total + wanted - unused, pool);
	return 0;
}

static int map_hugetlb(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;

	flags |= (int)(spec->pages == MEM_1G ? MAP_HUGE_1GB : MAP_HUGE_2MB);
	mem->base = mmap(NULL, mem->mapped, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (mem->base == MAP_FAILED)
		return err_errno(e, "cannot map %zu huge pages of %zu MiB",
		                 mem->mapped / mem_page_bytes(spec->pages),
		                 mem_page_bytes(spec->pages) / MIB);
	return 0;
}

/*
 * A reservation with room to align, cut down to the memory and one page on either side. Those stay
 * without access: Linux cannot merge the mapping with another, whose pages would be counted too.
 */
static int map_anonymous(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	size_t align = mem_page_bytes(spec->pages);
	size_t reserved = mem->mapped + align + 2 * PAGE;
	int advice = spec->pages == MEM_THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
	uintptr_t base;
	uintptr_t start;
	uintptr_t end;
	char *p =
	        mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return err_errno(e, "cannot map %zu MiB of memory", mem->mapped / MIB);
	base = (uintptr_t)p;
	start = (base + PAGE + align - 1) / align * align;
	end = start + mem->mapped;
	if (start - PAGE > base)
		munmap(p, start - PAGE - base);
	if (base + reserved > end + PAGE)
		munmap(p + (end + PAGE - base), base + reserved - end - PAGE);
	mem->base = p + (start - base);
	if (mprotect(mem->base, mem->mapped, PROT_READ | PROT_WRITE) != 0)
		return err_errno(e, "cannot make %zu MiB of memory accessible", mem->mapped / MIB);
	/* A Linux without transparent huge pages refuses both kinds of advice. */
	if (madvise(mem->base, mem->mapped, advice) != 0 && spec->pages == MEM_THP)
		return err_set(e, ENOTSUP, "Linux has no transparent huge pages (madvise: %s)",
		               strerror(errno));
	return 0;
}

static int bind_node(const struct mem *mem, int node, struct err *e)
{
	enum { BITS = 8 * sizeof(unsigned long) };
	unsigned long mask[PLACE_NODES / BITS] = {0};

	mask[node / BITS] = 1UL << node % BITS;
	/* mbind takes one more than the number of bits. */
	if (mbind(mem->base, mem->mapped, MPOL_BIND, mask, PLACE_NODES + 1, MPOL_MF_STRICT) != 0)
		return err_errno(e, "cannot bind memory to NUMA node %d", node);
	return 0;
}

static int write_all(const struct mem_spec *spec, const struct mem *mem, struct err *e)
{
	/*
	 * A hugetlb page that turns out not to be there (another node, a cgroup's limit) is a
	 * signal when it is touched, and an error here. Older Linux does not know the advice.
	 */
	if (mem_pooled(spec->pages) && madvise(mem->base, mem->mapped, MADV_POPULATE_WRITE) != 0 &&
	    errno != EINVAL)
		return err_set(e, ENOTSUP, "the pool of huge pages ran dry (%s)", strerror(errno));
	mem_fill(mem->base, mem->mapped, spec->fill, spec->seed);
	return 0;
}

/* Does the memory have the page size that was asked for? */
static int verify(const struct mem_spec *spec, const struct mem *mem, struct err *e)
{
	static const char smaps[] = "/proc/self/smaps";
	size_t page = mem_pooled(spec->pages) ? mem_page_bytes(spec->pages) : PAGE;
	struct mem_usage usage;
	uint64_t held;
	int rc = mem_usage_read(smaps, mem->base, mem->mapped, &usage, e);

	if (rc)
		return rc;
	if (usage.page != page)
		return err_set(e, ENOTSUP, "%s shows pages of %" PRIu64 " KiB instead of %zu KiB",
		               smaps, usage.page / 1024, page / 1024);
	if (spec->pages == MEM_THP && !usage.eligible)
		return err_set(e, ENOTSUP,
		               "Linux would not use transparent huge pages: write madvise to "
		               "/sys/kernel/mm/transparent_hugepage/enabled");
	if (spec->untouched)
		return 0;
	if (spec->pages == MEM_THP && usage.huge < mem->mapped)
		return err_set(e, ENOTSUP,
		               "transparent huge pages hold only %.1f %% of the memory: memory is "
		               "fragmented, or the limit of a cgroup is reached",
		               100.0 * (double)usage.huge / (double)mem->mapped);
	if (spec->pages == MEM_4K && usage.huge)
		return err_set(e, ENOTSUP,
		               "transparent huge pages hold %.1f %% of memory that asked for none",
		               100.0 * (double)usage.huge / (double)mem->mapped);
	held = spec->backing == MEM_PRIVATE ? usage.anonymous + usage.hugetlb : usage.resident;
	if (held < mem->mapped)
		return err_set(e, ENOMEM,
		               "only %" PRIu64
		               " of %zu MiB stayed in memory: it is short, and swapped out",
		               held / MIB, mem->mapped / MIB);
	return 0;
}

static int map(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	int rc;

	if (spec->backing != MEM_PRIVATE)
		return mem_module_map(spec, mem, e);
	rc = mem_pooled(spec->pages) ? map_hugetlb(spec, mem, e) : map_anonymous(spec, mem, e);
	if (!rc && spec->node >= 0)
		rc = bind_node(mem, spec->node, e);
	return rc;
}

static int prepare(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	int rc = map(spec, mem, e);

	if (!rc && !spec->untouched)
		rc = write_all(spec, mem, e);
	return rc ? rc : verify(spec, mem, e);
}

int mem_alloc(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	size_t page = mem_page_bytes(spec->pages);
	int rc;

	memset(mem, 0, sizeof(*mem));
	if (spec->bytes == 0)
		return err_set(e, EINVAL, "0 bytes of memory were asked for");
	if (spec->bytes > SIZE_MAX - page - HUGE_PAGE - 2 * PAGE)
		return err_set(e, ENOMEM, "%zu bytes of memory do not fit in the address space",
		               spec->bytes);
	if (spec->node >= 0 && !place_node_exists(spec->node))
		return err_set(e, EINVAL, "NUMA node %d does not exist or has no memory",
		               spec->node);
	mem->bytes = spec->bytes;
	mem->mapped = (spec->bytes + page - 1) / page * page;
	mem->pages = spec->pages;
	mem->backing = spec->backing;
	rc = mem_pooled(spec->pages) ? mem_pool_check(spec->pages, mem->mapped, spec->node, e)
	                             : check_room(spec, mem->mapped, e);
	if (!rc)
		rc = prepare(spec, mem, e);
	if (rc)
		mem_free(mem);
	return rc;
}

void mem_free(struct mem *mem)
{
	char *base = mem->base;

	if (base && mem->base != MAP_FAILED) {
		if (mem->backing != MEM_PRIVATE)
			mem_module_unmap(mem);
		else if (mem_pooled(mem->pages))
			munmap(base, mem->mapped);
		else
			munmap(base - PAGE, mem->mapped + 2 * PAGE);
	}
	memset(mem, 0, sizeof(*mem));
}
