#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/keys.h"

#define NAME "chain.key"
#define FILE_MAX ((size_t)1 << 20)
#define HEAD                                                                                                 \
	"# The keys of the record's chain, oldest first.  Whoever has this file can rewrite the record: "    \
	"keep\n"                                                                                             \
	"# it secret, and a copy of it elsewhere.  Without it the record can't be verified or added to.\n"

int
keys_init(struct keys *k, const char *db, struct err *err)
{
	const char *slash = strrchr(db, '/');

	*k = (struct keys){ 0 };
	if (asprintf(&k->path, "%.*s" NAME, slash != NULL ? (int)(slash - db) + 1 : 0, db) != -1)
		return 0;
	k->path = NULL;
	return err_set(err, ERR_NOMEM, "%s: out of memory", db);
}

static void
forget(struct keys *k)
{
	for (size_t i = 0; i < k->nchain; i++)
		crypto_wipe(&k->chain[i], sizeof(k->chain[i]));
	for (size_t i = 0; i < k->nsign; i++)
		crypto_wipe(&k->sign[i], sizeof(k->sign[i]));
	free(k->chain);
	free(k->sign);
	k->chain = k->sign = NULL;
	k->nchain = k->nsign = 0;
}

void
keys_fini(struct keys *k)
{
	forget(k);
	free(k->path);
	*k = (struct keys){ 0 };
}

bool
keys_there(const struct keys *k)
{
	struct stat sb;

	return stat(k->path, &sb) == 0;
}

/* Append KEY to the N at *LIST; a key in force from the same number on was never used, and is replaced. */
static int
append(struct key **list, size_t *n, const struct key *key)
{
	struct key *grown;

	if (*n > 0 && (*list)[*n - 1].from == key->from) {
		(*list)[*n - 1] = *key;
		return 0;
	}
	if (*n == KEYS_MAX || (*n > 0 && (*list)[*n - 1].from > key->from))
		return -1;
	grown = realloc(*list, (*n + 1) * sizeof(*grown));
	if (grown == NULL)
		return -1;
	grown[(*n)++] = *key;
	*list = grown;
	return 0;
}

/* -- Reading -- */

static int
parse_line(struct keys *k, const char *line)
{
	char use[8], hex[DIGEST_HEX + 1];
	struct key key;
	int used = 0;

	if (*line == '#' || *line == '\0')
		return 0;
	if (sscanf(line, "%7s %" SCNd64 " %65s%n", use, &key.from, hex, &used) != 3 || line[used] != '\0' ||
	    key.from < 1 || hex_decode(&key.secret, sizeof(key.secret), hex) == -1)
		return -1;
	if (strcmp(use, "chain") == 0)
		return append(&k->chain, &k->nchain, &key);
	return strcmp(use, "sign") == 0 ? append(&k->sign, &k->nsign, &key) : -1;
}

static int
parse(struct keys *k, char *text, struct err *err)
{
	char *rest = text, *line;

	for (int number = 1; (line = strsep(&rest, "\n")) != NULL; number++) {
		if (parse_line(k, line) == -1)
			return err_set(err, ERR_DAMAGED, "%s: line %d is not one of a key", k->path, number);
	}
	if (k->nchain == 0 || k->nsign == 0 || k->chain[0].from != 1 || k->sign[0].from != 1)
		return err_set(err, ERR_DAMAGED, "%s: the first keys are missing", k->path);
	return 0;
}

int
keys_read(struct keys *k, struct err *err)
{
	char *text;
	size_t n;
	int rc;

	if (stat(k->path, &k->seen) == -1)
		return err_set(err, errno == ENOENT ? ERR_DAMAGED : ERR_IO,
		    "%s: %s; the record is chained with it and can't go on without: bring it back from a "
		    "backup",
		    k->path, strerror(errno));
	if (file_read(&text, &n, k->path, FILE_MAX, err) == -1)
		return -1;
	forget(k);
	rc = strlen(text) == n ? parse(k, text, err)
			       : err_set(err, ERR_DAMAGED, "%s: not a file of keys", k->path);
	crypto_wipe(text, n);
	free(text);
	return rc;
}

int
keys_refresh(struct keys *k, struct err *err)
{
	struct stat now;

	if (stat(k->path, &now) == 0 && now.st_ino == k->seen.st_ino && now.st_size == k->seen.st_size &&
	    now.st_mtim.tv_sec == k->seen.st_mtim.tv_sec && now.st_mtim.tv_nsec == k->seen.st_mtim.tv_nsec)
		return 0;
	return keys_read(k, err);
}

/* -- Writing -- */

static void
put_keys(struct buf *b, const char *use, const struct key *list, size_t n)
{
	char hex[DIGEST_HEX];

	for (size_t i = 0; i < n; i++) {
		hex_encode(hex, list[i].secret.bytes, sizeof(list[i].secret.bytes));
		buf_addf(b, "%s %" PRId64 " %s\n", use, list[i].from, hex);
	}
	crypto_wipe(hex, sizeof(hex));
}

static int
write_file(struct keys *k, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, FILE_MAX);
	buf_add_str(&b, HEAD);
	put_keys(&b, "chain", k->chain, k->nchain);
	put_keys(&b, "sign", k->sign, k->nsign);
	rc = buf_ok(&b) ? file_write_whole(k->path, b.p, b.n, err)
			: err_set(err, ERR_LIMIT, "%s: too many keys", k->path);
	if (b.p != NULL)
		crypto_wipe(b.p, b.n);
	buf_fini(&b);
	if (rc == 0 && stat(k->path, &k->seen) == -1)
		rc = err_set(err, ERR_IO, "%s: %s", k->path, strerror(errno));
	return rc;
}

int
keys_add(struct keys *k, int64_t from, struct err *err)
{
	struct key chain = { .from = from }, sign = { .from = from };

	crypto_random(&chain.secret, sizeof(chain.secret));
	crypto_random(&sign.secret, sizeof(sign.secret));
	if (append(&k->chain, &k->nchain, &chain) == -1 || append(&k->sign, &k->nsign, &sign) == -1)
		return err_set(err, ERR_LIMIT, "%s: no room for another key", k->path);
	return write_file(k, err);
}

/* -- Finding -- */

static const struct digest *
find(const struct key *list, size_t n, int64_t seq)
{
	while (n > 1 && list[n - 1].from > seq)
		n--;
	return &list[n - 1].secret;
}

const struct digest *
keys_chain(const struct keys *k, int64_t seq)
{
	return find(k->chain, k->nchain, seq);
}

const struct digest *
keys_sign(const struct keys *k, int64_t seq)
{
	return find(k->sign, k->nsign, seq);
}
