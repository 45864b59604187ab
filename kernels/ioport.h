/* SPDX-License-Identifier: MIT */
/* What the ioport kernel needs to know of the machine before it may touch a port. */
#ifndef KERNELS_IOPORT_H
#define KERNELS_IOPORT_H

#include <stdint.h>

#include "harness/err.h"

/*
 * The ACPI power management timer's port, from the FADT in `root`/sys/firmware/acpi/tables/FACP (""
 * for the running system). -ENOTSUP, with the reason, when the table is missing, may not be read,
 * or names no timer in port space; -EPROTO when it is not a FADT.
 */
int ioport_pm_timer(const char *root, uint16_t *port, struct err *e);

#endif
