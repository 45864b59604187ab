/* SPDX-License-Identifier: MIT */
/* The bytes that the guest program `fault print N` prints: binary, and different at every place. */
#ifndef TESTS_VMRUN_FAULT_H
#define TESTS_VMRUN_FAULT_H

#include <stdint.h>

static inline uint8_t fault_byte(uint64_t index)
{
	return (uint8_t)(index * 2654435761U >> 13);
}

#endif
