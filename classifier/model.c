#include "config.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/file.h"
#include "classifier/model_impl.h"

#define MODEL_BYTES_MAX ((size_t)8 << 30)

struct model {
	atomic_uint references;
	struct file_map map; /* the bytes, if they are those of a file */
	void *memory; /* or if they are memory of ours */
	const unsigned char *p;
	size_t n;
	struct model_info info;
};

static void
read_info(struct model *m)
{
	static const unsigned char none[DIGEST_BYTES];
	const struct snapshot_header *h = model_header(m);

	m->info = (struct model_info){
		.spam = h->spam,
		.ham = h->ham,
		.own_spam = h->own_spam,
		.own_ham = h->own_ham,
		.tokens = h->tokens,
		.bytes = m->n,
		.position = h->position,
		.spam_share = h->spam_share,
		.prior = h->weights.bias,
		.spam_threshold = h->spam_threshold,
		.unsure_threshold = h->unsure_threshold,
		.blocked_ham_budget = h->blocked_ham_budget,
	};
	hex_encode(m->info.id, m->p + h->digest_at, DIGEST_BYTES);
	if (memcmp(h->parent, none, sizeof(none)) != 0)
		hex_encode(m->info.parent, h->parent, DIGEST_BYTES);
}

static void
model_free(struct model *m)
{
	file_map_close(&m->map);
	free(m->memory);
	free(m);
}

static int
model_start(struct model *m, const void *p, size_t n, struct err *err)
{
	m->p = p;
	m->n = n;
	atomic_init(&m->references, 1);
	if (snapshot_verify(p, n, err) == -1)
		return -1;
	read_info(m);
	return 0;
}

/* Make a model of the bytes of MAP, which it owns from now on. */
static int
open_map(struct model **out, const struct file_map *map, const char *path, struct err *err)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		struct file_map unused = *map;

		file_map_close(&unused);
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	}
	m->map = *map;
	if (model_start(m, m->map.p, m->map.n, err) == -1) {
		model_free(m);
		return err_prefix(err, "%s", path);
	}
	*out = m;
	return 0;
}

int
model_open(struct model **out, const char *path, struct err *err)
{
	struct file_map map;

	return file_map_open(&map, path, err) == -1 ? -1 : open_map(out, &map, path, err);
}

int
model_open_copy(struct model **out, const char *path, struct err *err)
{
	struct file_map map;

	return file_copy_open(&map, path, MODEL_BYTES_MAX, err) == -1 ? -1 : open_map(out, &map, path, err);
}

int
model_open_memory(struct model **out, void *p, size_t n, struct err *err)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		free(p);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	m->memory = p;
	if (model_start(m, p, n, err) == -1) {
		model_free(m);
		return -1;
	}
	*out = m;
	return 0;
}

struct model *
model_ref(struct model *m)
{
	atomic_fetch_add_explicit(&m->references, 1, memory_order_relaxed);
	return m;
}

void
model_unref(struct model *m)
{
	if (m != NULL && atomic_fetch_sub_explicit(&m->references, 1, memory_order_acq_rel) == 1)
		model_free(m);
}

const struct model_info *
model_info(const struct model *m)
{
	return &m->info;
}

struct slice
model_bytes(const struct model *m)
{
	return (struct slice){ (const char *)m->p, m->n };
}

const struct snapshot_header *
model_header(const struct model *m)
{
	return (const struct snapshot_header *)(const void *)m->p;
}

const struct snapshot_slot *
model_slots(const struct model *m)
{
	return (const struct snapshot_slot *)(const void *)(m->p + model_header(m)->slots_at);
}

const unsigned char *
model_names(const struct model *m)
{
	return m->p + model_header(m)->names_at;
}
