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
	randombytes_buf(p, n);
}

void
crypto_wipe(void *p, size_t n)
{
	sodium_memzero(p, n);
}
