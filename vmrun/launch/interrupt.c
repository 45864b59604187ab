/* SPDX-License-Identifier: MIT */
#include "vmrun/launch/interrupt.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmrun/launch/vm.h"

/*
 * vm_interrupt's side: an eventfd that stays readable until the run that it ended has seen it, and
 * whether an interrupt came before there was one.
 */
static _Atomic int interrupt_fd = -1;
static atomic_bool interrupted_early;

void vm_interrupt(void)
{
	const uint64_t one = 1;
	int fd;

	interrupted_early = true; /* before the look: see interrupt_open */
	fd = interrupt_fd;
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return; /* it is full of interrupts already */
}

/* The descriptor is made once and never closed: a signal may come at any time. */
int interrupt_open(struct err *e)
{
	int none = -1, fd;

	if (interrupt_fd >= 0)
		return 0;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return err_errno(e, "eventfd");
	if (!atomic_compare_exchange_strong(&interrupt_fd, &none, fd))
		close(fd);
	else if (interrupted_early)
		vm_interrupt();
	return 0;
}

int interrupt_descriptor(void)
{
	return interrupt_fd;
}

void interrupt_clear(void)
{
	uint64_t count;

	interrupted_early = false;
	if (read(interrupt_fd, &count, sizeof(count)) < 0)
		return; /* there was none */
}
