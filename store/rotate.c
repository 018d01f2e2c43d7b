#include "config.h"

#include <inttypes.h>

#include "base/json.h"
#include "store/chain.h"
#include "store/link.h"

/* Read the keys of ST's chain into K, which the caller gives back. */
static int
read_keys(struct store *st, struct keys *k, struct err *err)
{
	if (keys_init(k, st->path, err) == -1)
		return -1;
	if (keys_read(k, err) == 0)
		return 0;
	keys_fini(k);
	return -1;
}

int
store_chain_head(struct store *st, int64_t *seq, struct digest *digest, struct err *err)
{
	struct digest seal;
	struct keys k;
	struct head h;

	/* in this order: new keys are in the file before they seal anything */
	if (chain_read_head(st, &h, err) == -1 || read_keys(st, &k, err) == -1)
		return -1;
	chain_head_seal(&seal, keys_chain(&k, h.seq), h.seq, &h.digest);
	keys_fini(&k);
	if (!crypto_equal(&seal, &h.seal, sizeof(seal)) || h.last != h.seq ||
	    (h.seq > 0 && !crypto_equal(&h.digest, &h.last_digest, sizeof(h.digest))))
		return err_set(err, ERR_DAMAGED,
		    "%s: the head of the chain was altered: 'hamlet audit verify' tells more", st->path);
	*seq = h.seq;
	*digest = h.digest;
	return 0;
}

int
store_chain_sign(struct store *st, int64_t seq, const void *p, size_t n,
    unsigned char public_key[SIGN_KEY_BYTES], unsigned char signature[SIGNATURE_BYTES], struct err *err)
{
	struct keys k;

	if (read_keys(st, &k, err) == -1)
		return -1;
	sign_public_key(keys_sign(&k, seq), public_key);
	sign_bytes(keys_sign(&k, seq), p, n, signature);
	keys_fini(&k);
	return 0;
}

/* The new keys are on disk before the event that tells of them: should it fail, they were never used. */
static int
rotate(struct store *st, const char *who, struct err *err)
{
	unsigned char public_key[SIGN_KEY_BYTES];
	char hex[2 * SIGN_KEY_BYTES + 1];
	struct chain *c = st->chain;
	struct buf detail;
	int64_t from;
	int rc;

	if (chain_find_head(st, err) == -1)
		return -1;
	from = c->seq + 2;
	if (keys_add(&c->keys, from, err) == -1)
		return -1;
	sign_public_key(keys_sign(&c->keys, from), public_key);
	hex_encode(hex, public_key, sizeof(public_key));
	buf_init(&detail, BUF_NO_LIMIT);
	json_open(&detail, '{');
	json_key(&detail, "from");
	json_put_int(&detail, from);
	json_key(&detail, "public_key");
	json_put_str(&detail, hex);
	json_close(&detail, '}');
	rc = store_event_json(st, "keys-rotated", who, &detail, err);
	buf_fini(&detail);
	return rc;
}

int
store_chain_rotate(struct store *st, const char *who, struct err *err)
{
	bool own;

	if (chain_begin_own(st, &own, err) == -1)
		return -1;
	return chain_end_own(st, own, rotate(st, who, err), err);
}
