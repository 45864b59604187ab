/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmrun/emulate/plugin/crypto.h"

#include <dlfcn.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/gcm.h>
#include <nettle/sha2.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

/* nettle's headers give each function its name with nettle_, and GMP's with __gmpz_. */
#define SYMMETRIC(X)                                                                               \
	X(gcm_aes256_set_key)                                                                      \
	X(gcm_aes256_set_iv)                                                                       \
	X(gcm_aes256_update)                                                                       \
	X(gcm_aes256_encrypt)                                                                      \
	X(gcm_aes256_decrypt)                                                                      \
	X(gcm_aes256_digest)                                                                       \
	X(sha384_init)                                                                             \
	X(sha512_update)                                                                           \
	X(sha384_digest)
#define SIGNING(X)                                                                                 \
	X(nettle_get_secp_384r1)                                                                   \
	X(ecc_point_init)                                                                          \
	X(ecc_point_get)                                                                           \
	X(ecc_scalar_init)                                                                         \
	X(ecdsa_generate_keypair)                                                                  \
	X(ecdsa_sign)                                                                              \
	X(dsa_signature_init)                                                                      \
	X(dsa_signature_clear)                                                                     \
	X(mpz_export)

#define MEMBER(name) __typeof__(&(name)) at_##name;
static struct {
	SYMMETRIC(MEMBER)
	SIGNING(MEMBER)
} library;
#undef MEMBER

#define TAKE(name)                                                                                 \
	at = dlsym(RTLD_DEFAULT, TEXT(name));                                                      \
	if (!at)                                                                                   \
		return TEXT(name);                                                                 \
	memcpy(&library.at_##name, &at, sizeof(at));

const char *crypto_find(void)
{
	void *at;

	SYMMETRIC(TAKE)
	return NULL;
}

static const char *find_signing(void)
{
	void *at;

	SIGNING(TAKE)
	return NULL;
}

static void begin(struct gcm_aes256_ctx *gcm, const uint8_t *key, const uint8_t *iv,
                  const void *authenticated, size_t size)
{
	library.at_gcm_aes256_set_key(gcm, key);
	library.at_gcm_aes256_set_iv(gcm, GCM_IV_SIZE, iv);
	library.at_gcm_aes256_update(gcm, size, authenticated);
}

void crypto_seal(const uint8_t key[CRYPTO_KEY], const uint8_t *iv, const void *authenticated,
                 size_t authenticated_size, uint8_t *data, size_t size, uint8_t tag[16])
{
	struct gcm_aes256_ctx gcm;

	begin(&gcm, key, iv, authenticated, authenticated_size);
	library.at_gcm_aes256_encrypt(&gcm, size, data, data);
	library.at_gcm_aes256_digest(&gcm, GCM_DIGEST_SIZE, tag);
}

bool crypto_unseal(const uint8_t key[CRYPTO_KEY], const uint8_t *iv, const void *authenticated,
                   size_t authenticated_size, uint8_t *data, size_t size, const uint8_t tag[16])
{
	struct gcm_aes256_ctx gcm;
	uint8_t is[GCM_DIGEST_SIZE];

	begin(&gcm, key, iv, authenticated, authenticated_size);
	library.at_gcm_aes256_decrypt(&gcm, size, data, data);
	library.at_gcm_aes256_digest(&gcm, GCM_DIGEST_SIZE, is);
	return memcmp(is, tag, sizeof(is)) == 0;
}

static void hash_384(const void *data, size_t size, uint8_t hash[SHA384_DIGEST_SIZE])
{
	struct sha512_ctx sha;

	library.at_sha384_init(&sha);
	library.at_sha512_update(&sha, size, data);
	library.at_sha384_digest(&sha, SHA384_DIGEST_SIZE, hash);
}

void crypto_hash(const void *data, size_t size, uint8_t hash[32])
{
	uint8_t all[SHA384_DIGEST_SIZE];

	hash_384(data, size, all);
	memcpy(hash, all, 32);
}

static void random_bytes(void *context, size_t size, uint8_t *to)
{
	(void)context;
	while (size > 0) {
		ssize_t n = getrandom(to, size < 256 ? size : 256, 0);

		if (n > 0) {
			to += n;
			size -= (size_t)n;
		}
	}
}

/* The key of the emulated processor, as long as QEMU runs. */
static struct ecc_point public_key;
static struct ecc_scalar private_key;
static bool has_key;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool make_key(void)
{
	pthread_mutex_lock(&lock);
	if (!has_key && !find_signing()) {
		const struct ecc_curve *curve = library.at_nettle_get_secp_384r1();

		library.at_ecc_point_init(&public_key, curve);
		library.at_ecc_scalar_init(&private_key, curve);
		library.at_ecdsa_generate_keypair(&public_key, &private_key, NULL, random_bytes);
		has_key = true;
	}
	pthread_mutex_unlock(&lock);
	return has_key;
}

/* 48 bytes of the 72, least significant byte first. */
static void put(uint8_t to[72], const mpz_t number)
{
	memset(to, 0, 72);
	library.at_mpz_export(to, NULL, -1, 1, -1, 0, number);
}

bool crypto_sign(const void *data, size_t size, uint8_t signature[4][72])
{
	uint8_t hash[SHA384_DIGEST_SIZE];
	struct dsa_signature numbers;

	if (!make_key())
		return false;
	hash_384(data, size, hash);
	library.at_dsa_signature_init(&numbers);
	library.at_ecdsa_sign(&private_key, NULL, random_bytes, sizeof(hash), hash, &numbers);
	put(signature[0], numbers.r);
	put(signature[1], numbers.s);
	library.at_ecc_point_get(&public_key, numbers.r, numbers.s);
	put(signature[2], numbers.r);
	put(signature[3], numbers.s);
	library.at_dsa_signature_clear(&numbers);
	return true;
}
