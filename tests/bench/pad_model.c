#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "classifier/model_impl.h"
#include "classifier/walk.h"
#include "tests/bench/tools.h"

/*
 * Make a model larger without changing what it says.
 *
 *   pad_model MODEL FOLDER TOKENS
 *
 * writes to FOLDER/ID.model the model in the file MODEL with tokens added that no comment has, until there
 * are TOKENS of them, and prints ID and the sizes.
 */
#define TOKENS_MOST 200000000.0

struct padded {
	struct count *v;
	size_t n, cap;
};

/* Copy the tokens of M to P, with the places of their names. */
static int
copy_tokens(struct padded *p, const struct model *m, struct err *err)
{
	const bool named = model_header(m)->section[SNAPSHOT_NAMES].bytes > 0;
	struct walk w;
	size_t at = 0;

	if (walk_start(&w, m, true, err) == -1)
		return -1;
	while (w.more && p->n < p->cap) {
		struct walked t = walk_take(&w);

		p->v[p->n++] = (struct count){ .hash = t.hash,
			.spam = (int32_t)t.counts.spam,
			.ham = (int32_t)t.counts.ham,
			.name = named ? (uint32_t)at + 1 : 0 };
		at += 2 + (size_t)(t.name == NULL ? 0 : t.name[0]);
	}
	return walk_end(&w, err);
}

static int
by_hash(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* Fill P up; a hash that is there already, once in 10^13 times, is passed over. */
static void
add_tokens(struct padded *p)
{
	size_t real = p->n, kept = 0;
	uint64_t i = 0;

	while (p->n < p->cap) {
		uint64_t hash = hash_bytes(&i, sizeof(i), 0x70616464);
		bool spam = i % 2 == 0;

		p->v[p->n++] = (struct count){ .hash = hash + (hash == 0), .spam = spam, .ham = !spam };
		i++;
	}
	if (p->n == real)
		return;
	qsort(p->v, p->n, sizeof(p->v[0]), by_hash);
	for (size_t k = 0; k < p->n; k++) {
		if (kept == 0 || p->v[k].hash != p->v[kept - 1].hash)
			p->v[kept++] = p->v[k];
	}
	p->n = kept;
}

static int
encode(const struct model *m, struct padded *p, void **bytes, size_t *size, struct err *err)
{
	const struct snapshot_header *h = model_header(m);
	const struct snapshot_section *in = &h->section[SNAPSHOT_NAMES];
	struct slice names = { model_bytes(m).p + in->at, in->bytes };

	if (copy_tokens(p, m, err) == -1)
		return -1;
	add_tokens(p);
	return snapshot_encode(h, p->v, p->n, names, bytes, size, err);
}

/* Write the N bytes at BYTES under the name that they have as a model, and print what it is. */
static int
publish(const char *folder, void *bytes, size_t n, struct err *err)
{
	struct model *m;
	const struct snapshot_header *h;
	char *path = NULL;
	int rc;

	if (model_open_memory(&m, bytes, n, err) == -1)
		return -1;
	h = model_header(m);
	rc = asprintf(&path, "%s/%s.model", folder, model_info(m)->id);
	if (rc == -1)
		err_set(err, ERR_NOMEM, "out of memory");
	else
		rc = file_write_whole(path, bytes, n, err);
	if (rc == 0)
		printf("id=%s tokens=%llu bytes=%zu table_bytes=%llu\n", model_info(m)->id,
		    (unsigned long long)h->tokens, n,
		    (unsigned long long)(h->section[SNAPSHOT_HALVES].at - h->section[SNAPSHOT_TABLE].at));
	free(path);
	model_unref(m);
	return rc;
}

static int
pad(const char *from, const char *folder, size_t tokens, struct err *err)
{
	struct padded p = { NULL, 0, 0 };
	struct model *m;
	void *bytes;
	size_t n;
	int rc;

	if (model_open(&m, from, err) == -1)
		return -1;
	p.cap = tokens > model_info(m)->tokens ? tokens : model_info(m)->tokens;
	p.v = calloc(p.cap, sizeof(p.v[0]));
	rc = p.v == NULL ? err_set(err, ERR_NOMEM, "out of memory") : encode(m, &p, &bytes, &n, err);
	if (rc == 0)
		rc = publish(folder, bytes, n, err);
	free(p.v);
	model_unref(m);
	return rc;
}

int
main(int argc, char **argv)
{
	struct err err;
	double tokens;

	if (argc != 4) {
		fprintf(stderr, "usage: pad_model MODEL FOLDER TOKENS\n");
		return 2;
	}
	if (number_parse(&tokens, "TOKENS", argv[3], 1, TOKENS_MOST, &err) == -1 ||
	    pad(argv[1], argv[2], (size_t)tokens, &err) == -1) {
		fprintf(stderr, "pad_model: %s\n", err.text);
		return 1;
	}
	return 0;
}
