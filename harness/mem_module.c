/* SPDX-License-Identifier: MIT */
#include "harness/mem_module.h"

#include <errno.h>
#include <numaif.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/module.h"
#include "harness/place.h"

enum { BITS = 8 * sizeof(unsigned long) };

static int check(const struct mem_spec *spec, struct err *e)
{
	if (spec->pages != MEM_4K)
		return err_set(e, ENOTSUP,
		               "the guest kernel module maps its memory with pages of 4 KiB, not "
		               "%s",
		               mem_pages_name(spec->pages));
	if (spec->untouched)
		return err_set(e, ENOTSUP,
		               "memory of the guest kernel module is there before it is touched: "
		               "its first touch cannot be measured");
	return 0;
}

/* The module allocates at once, by the policy of the thread that maps. */
static int map_on_node(int fd, const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	unsigned long mask[PLACE_NODES / BITS] = {0};
	bool shared = spec->backing == MEM_SHARED;
	int rc;

	if (spec->node < 0)
		return module_map(fd, mem->mapped, shared, &mem->base, e);
	mask[spec->node / BITS] = 1UL << spec->node % BITS;
	if (set_mempolicy(MPOL_BIND, mask, PLACE_NODES + 1) != 0)
		return err_errno(e, "cannot allocate on NUMA node %d", spec->node);
	rc = module_map(fd, mem->mapped, shared, &mem->base, e);
	set_mempolicy(MPOL_DEFAULT, NULL, 0);
	return rc;
}

int mem_module_map(const struct mem_spec *spec, struct mem *mem, struct err *e)
{
	int fd, rc = check(spec, e);

	if (rc)
		return rc;
	fd = module_open(NULL, e);
	if (fd < 0)
		return fd;
	mem->mapped = (spec->bytes + SEVBENCH_BLOCK - 1) / SEVBENCH_BLOCK * SEVBENCH_BLOCK;
	rc = map_on_node(fd, spec, mem, e);
	/* The mapping keeps the device open. */
	close(fd);
	return rc;
}

void mem_module_unmap(struct mem *mem)
{
	munmap(mem->base, mem->mapped);
}
