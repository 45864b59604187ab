/* SPDX-License-Identifier: MIT */
/* libFuzzer: any bytes as what a guest of emulated SEV wrote. */
#include "tests/vmrun/emulate/guest_wrote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	guest_wrote(data, size);
	return 0;
}
