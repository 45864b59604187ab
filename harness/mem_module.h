/* SPDX-License-Identifier: MIT */
/* Memory from the guest kernel module: shared with the host, or its private twin. */
#ifndef HARNESS_MEM_MODULE_H
#define HARNESS_MEM_MODULE_H

#include "harness/mem.h"

/*
 * Map memory for `spec`, whose backing is MEM_SHARED or MEM_TWIN, on its NUMA node. mem->mapped
 * becomes whole blocks of 2 MiB. -ENOTSUP without the module, for huge pages, and for memory that
 * is to be untouched, since the module has touched it.
 */
int mem_module_map(const struct mem_spec *spec, struct mem *mem, struct err *e);
void mem_module_unmap(struct mem *mem);

#endif
