/* SPDX-License-Identifier: MIT */
/* How much memory, and how many huge pages, a guest needs for the cells of a suite. */
#ifndef BENCH_RUN_RUN_MEMORY_H
#define BENCH_RUN_RUN_MEMORY_H

#include "bench/select/suite.h"
#include "vmrun/launch/vm.h"

/*
 * Give `vm` the memory that the cells of `suite` want, and pools of huge pages for those on
 * hugetlb pages. A cell that would take the guest beyond the memory that `vm` states already, or
 * beyond what a host with `available` bytes (0: not known) can give, is left out of account: its
 * program finds too little memory in the guest and says so.
 */
void run_memory_plan(const struct suite *suite, uint64_t available, struct vm_spec *vm);

#endif
