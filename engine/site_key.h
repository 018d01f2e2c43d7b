#ifndef HAMLET_ENGINE_SITE_KEY_H
#define HAMLET_ENGINE_SITE_KEY_H

#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/slice.h"
#include "store/store.h"

/*
 * Sites' keys are kept as digests only, keyed with a salt of the database's own: whoever reads a copy of the
 * database can't compare its keys with another's, nor with a table made beforehand.
 */
#define SITE_SALT_BYTES 32

/* Read the database's salt to SALT; ERR_NOT_FOUND when no key was ever made. */
int site_salt_read(struct store *st, unsigned char salt[SITE_SALT_BYTES], struct err *err);

/* The same, making one first where there is none.  Inside the caller's transaction. */
int site_salt_make(struct store *st, unsigned char salt[SITE_SALT_BYTES], struct err *err);

/* Fill *OUT with what is kept of KEY. */
void site_key_digest(struct digest *out, struct slice key, const unsigned char salt[SITE_SALT_BYTES]);

#endif
