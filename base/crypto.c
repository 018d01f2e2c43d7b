#include "config.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

struct digest_state {
	crypto_generichash_state state;
};

int
crypto_init(struct err *err)
{
	return sodium_init() < 0 ? err_set(err, ERR_IO, "libsodium can't start") : 0;
}

void
digest_bytes(struct digest *out, const void *p, size_t n, const void *key, size_t key_bytes)
{
	crypto_generichash(out->bytes, sizeof(out->bytes), p, n, key, key_bytes);
}

struct digest_state *
digest_begin(void)
{
	struct digest_state *st = NULL;

	/* The state wants 64-byte alignment, which malloc doesn't promise. */
	if (posix_memalign((void **)&st, 64, sizeof(*st)) != 0)
		return NULL;
	crypto_generichash_init(&st->state, NULL, 0, DIGEST_BYTES);
	return st;
}

void
digest_add(struct digest_state *st, const void *p, size_t n)
{
	crypto_generichash_update(&st->state, p, n);
}

void
digest_end(struct digest_state *st, struct digest *out)
{
	crypto_generichash_final(&st->state, out->bytes, sizeof(out->bytes));
	free(st);
}

void
hex_encode(char *out, const void *p, size_t n)
{
	sodium_bin2hex(out, 2 * n + 1, p, n);
}

int
hex_decode(void *out, size_t n, const char *hex)
{
	size_t got;

	if (strlen(hex) != 2 * n || sodium_hex2bin(out, n, hex, 2 * n, NULL, &got, NULL) != 0)
		return -1;
	return got == n ? 0 : -1;
}

bool
crypto_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

void
crypto_random(void *p, size_t n)
{
	unsigned char seed[randombytes_SEEDBYTES];

	if (n <= sizeof(seed)) {
		randombytes_buf(p, n);
		return;
	}
	randombytes_buf(seed, sizeof(seed)); /* one call of the system's for all, by ChaCha20 */
	randombytes_buf_deterministic(p, n, seed);
	sodium_memzero(seed, sizeof(seed));
}

void
crypto_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}

_Static_assert(SIGN_KEY_BYTES == crypto_sign_PUBLICKEYBYTES && SIGNATURE_BYTES == crypto_sign_BYTES &&
	DIGEST_BYTES == crypto_sign_SEEDBYTES,
    "Ed25519's sizes");

void
sign_public_key(const struct digest *seed, unsigned char public_key[SIGN_KEY_BYTES])
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(public_key, secret, seed->bytes);
	sodium_memzero(secret, sizeof(secret));
}

void
sign_bytes(const struct digest *seed, const void *p, size_t n, unsigned char signature[SIGNATURE_BYTES])
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES], public_key[SIGN_KEY_BYTES];

	crypto_sign_seed_keypair(public_key, secret, seed->bytes);
	crypto_sign_detached(signature, NULL, p, n, secret);
	sodium_memzero(secret, sizeof(secret));
}

bool
sign_holds(const unsigned char public_key[SIGN_KEY_BYTES], const void *p, size_t n,
    const unsigned char signature[SIGNATURE_BYTES])
{
	return crypto_sign_verify_detached(signature, p, n, public_key) == 0;
}
