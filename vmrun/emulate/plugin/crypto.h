/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cryptography of guest requests, by nettle, which QEMU has loaded for its own. */
#ifndef VMRUN_EMULATE_PLUGIN_CRYPTO_H
#define VMRUN_EMULATE_PLUGIN_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_KEY 32u /* bytes of a key of AES-256 */

/* Is nettle there? NULL, or the name of what of it is missing. */
const char *crypto_find(void);

/* AES-256-GCM in place; `tag` is 16 bytes, `iv` 12. */
void crypto_seal(const uint8_t key[CRYPTO_KEY], const uint8_t *iv, const void *authenticated,
                 size_t authenticated_size, uint8_t *data, size_t size, uint8_t tag[16]);
/* False: it was not sealed with that key. */
bool crypto_unseal(const uint8_t key[CRYPTO_KEY], const uint8_t *iv, const void *authenticated,
                   size_t authenticated_size, uint8_t *data, size_t size, const uint8_t tag[16]);

/*
 * ECDSA P-384 over SHA-384 of `data`, with a key that is made the first time: r, s, and the public
 * key's x and y, little-endian. False: there is no hogweed, or no GMP.
 */
bool crypto_sign(const void *data, size_t size, uint8_t signature[4][72]);

/* SHA-384's first 32 bytes. */
void crypto_hash(const void *data, size_t size, uint8_t hash[32]);

#endif
