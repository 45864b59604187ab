/* SPDX-License-Identifier: MIT */
#include "bench/run/run_stop.h"

#include "harness/standard.h"
#include "vmrun/launch/vm.h"

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = number;
	vm_interrupt();
}

const volatile sig_atomic_t *run_stop(void)
{
	standard_catch(on_signal);
	return &stop;
}
