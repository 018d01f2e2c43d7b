#include "config.h"

#include <string.h>

#include "engine/site_key.h"

#define SALT_NAME "site_key_salt"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int
parse_salt(unsigned char salt[SITE_SALT_BYTES], const char *text, struct err *err)
{
	if (strlen(text) != 2 * SITE_SALT_BYTES)
		return err_set(err, ERR_DAMAGED, "the database's " SALT_NAME " has the wrong length");
	for (size_t i = 0; i < SITE_SALT_BYTES; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high == -1 || low == -1)
			return err_set(err, ERR_DAMAGED, "the database's " SALT_NAME " isn't hexadecimal");
		salt[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

int
site_salt_read(struct store *st, unsigned char salt[SITE_SALT_BYTES], struct err *err)
{
	struct arena *a = arena_new(65536);
	char *text;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_meta_get(st, SALT_NAME, a, &text, err);
	if (rc == 0 && text == NULL)
		rc = err_set(err, ERR_NOT_FOUND, "the database has no " SALT_NAME " yet");
	else if (rc == 0)
		rc = parse_salt(salt, text, err);
	arena_free(a);
	return rc;
}

int
site_salt_make(struct store *st, unsigned char salt[SITE_SALT_BYTES], struct err *err)
{
	char text[2 * SITE_SALT_BYTES + 1];
	struct err why;

	if (site_salt_read(st, salt, &why) == 0)
		return 0;
	if (why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	crypto_random(salt, SITE_SALT_BYTES);
	hex_encode(text, salt, SITE_SALT_BYTES);
	return store_meta_set(st, SALT_NAME, text, err);
}

void
site_key_digest(struct digest *out, struct slice key, const unsigned char salt[SITE_SALT_BYTES])
{
	digest_bytes(out, key.p, key.n, salt, SITE_SALT_BYTES);
}
