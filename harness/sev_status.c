/* SPDX-License-Identifier: MIT */
#include "harness/sev_status.h"

#include <stddef.h>

static const char *const texts[] = {
        [0x01] = "the platform is not in a state for it",
        [0x02] = "the guest is not in a state for it",
        [0x03] = "the platform's configuration does not allow it",
        [0x04] = "a buffer is too small",
        [0x05] = "the platform is owned already",
        [0x06] = "a certificate is invalid",
        [0x07] = "the guest's policy is not allowed on this platform",
        [0x08] = "the guest is not active",
        [0x09] = "an address is invalid",
        [0x0a] = "a signature is wrong",
        [0x0b] = "a measurement is wrong",
        [0x0c] = "the ASID is in use",
        [0x0d] = "the ASID is invalid",
        [0x0e] = "caches have to be written back first (WBINVD)",
        [0x0f] = "data fabric has to be flushed first (DF_FLUSH)",
        [0x10] = "there is no such guest",
        [0x11] = "it does not know the command",
        [0x12] = "the guest is active already",
        [0x13] = "the hardware reports an error",
        [0x14] = "it would not be safe on this hardware",
        [0x15] = "it does not support it",
        [0x16] = "a parameter is invalid",
        [0x17] = "it has no room for more",
        [0x18] = "secure data failed their check",
        [0x19] = "a page has the wrong size",
        [0x1a] = "a page is in the wrong state",
        [0x1b] = "a metadata entry is invalid",
        [0x1c] = "a page belongs to somebody else",
        [0x1d] = "a counter of messages is exhausted",
        [0x20] = "the RMP table is not initialised",
        [0x21] = "a security version number is wrong",
        [0x22] = "a firmware version is wrong",
        [0x23] = "it has to be shut down first",
        [0x24] = "its update failed",
        [0x25] = "its image has to be restored",
        [0x26] = "the RMP table could not be initialised",
        [0x27] = "a key is invalid",
};

const char *sev_status_text(unsigned long status)
{
	return status < sizeof(texts) / sizeof(*texts) ? texts[status] : NULL;
}
