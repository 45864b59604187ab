/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secure processor, as far as a guest talks with it: reports and derived keys. */
#ifndef VMRUN_EMULATE_PLUGIN_SECURE_H
#define VMRUN_EMULATE_PLUGIN_SECURE_H

#include <stdint.h>

#include "vmrun/emulate/ghcb.h"
#include "vmrun/emulate/secrets.h"

/* The keys that launch gave to the guest. */
void secure_open(const uint8_t vmpck[SECRETS_KEYS][SECRETS_KEY_SIZE]);

/*
 * The message at one shared page, answered at another one. *info2: 31:0 what the firmware said of
 * it. An error is one of the hypervisor's: that a page is
 * no memory is one.
 */
enum ghcb_error secure_request(uint64_t request, uint64_t answer, uint64_t *info2);

#endif
