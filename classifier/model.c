#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/file.h"
#include "base/large.h"
#include "base/tree.h"
#include "classifier/model_impl.h"

#define MODEL_BYTES_MAX ((size_t)8 << 30)

struct model {
	atomic_uint references;
	struct file_map map; /* the bytes, if they are a mapped file */
	void *memory; /* or if they are memory of ours, from malloc() */
	void *large; /* or from large_alloc(), this much: */
	size_t large_n;
	const unsigned char *p;
	size_t n; /* of the snapshot */
	bool judges_only; /* only what judging takes is there */
	int file; /* opened to learn from: where all but the header is; else -1 */
	struct model_info info;
};

static void
read_info(struct model *m, const void *digest)
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
	hex_encode(m->info.id, digest, DIGEST_BYTES);
	if (memcmp(h->parent, none, sizeof(none)) != 0)
		hex_encode(m->info.parent, h->parent, DIGEST_BYTES);
}

static struct model *
model_new(void)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->file = -1;
	atomic_init(&m->references, 1);
	return m;
}

static void
model_free(struct model *m)
{
	file_map_close(&m->map);
	free(m->memory);
	large_free(m->large, m->large_n);
	if (m->file != -1)
		close(m->file);
	free(m);
}

static int
model_start(struct model *m, const void *p, size_t n, struct err *err)
{
	m->p = p;
	m->n = n;
	if (snapshot_verify(p, n, err) == -1)
		return -1;
	read_info(m, m->p + model_header(m)->digest_at);
	return 0;
}

int
model_open(struct model **out, const char *path, struct err *err)
{
	struct model *m = model_new();

	if (m == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	if (file_map_open(&m->map, path, err) == -1) {
		free(m);
		return -1;
	}
	if (model_start(m, m->map.p, m->map.n, err) == -1) {
		model_free(m);
		return err_prefix(err, "%s", path);
	}
	*out = m;
	return 0;
}

/* -- Reading a file part by part, and checking it on the way -- */

static int
read_part(int fd, void *p, size_t n, uint64_t at, struct err *err)
{
	ssize_t got = pread(fd, p, n, (off_t)at);

	if (got == -1)
		return err_set(err, ERR_IO, "%s", strerror(errno));
	return (size_t)got == n ? 0 : err_set(err, ERR_DAMAGED, "cut off");
}

/* Read the header of FD into *H: its layout is right for the size of the file, *N. */
static int
read_header(int fd, struct snapshot_header *h, size_t *n, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_set(err, ERR_IO, "%s", strerror(errno));
	*n = (size_t)st.st_size;
	if (!S_ISREG(st.st_mode) || *n < sizeof(*h) + DIGEST_BYTES || *n > MODEL_BYTES_MAX)
		return err_set(err, ERR_DAMAGED, "not of a size that model snapshots have");
	if (read_part(fd, h, sizeof(*h), 0, err) == -1)
		return -1;
	return snapshot_check_layout(h, *n, err);
}

enum use { WHOLE, TO_JUDGE, TO_LEARN };

/* Return how many of the parts of a snapshot are kept in memory for that use: the first ones. */
static unsigned
kept_parts(enum use use)
{
	switch (use) {
	case WHOLE:
		return SNAPSHOT_PARTS;
	case TO_JUDGE:
		return SNAPSHOT_HALVES;
	case TO_LEARN:
		return 0;
	}
	return 0;
}

/* Return how many bytes these are. */
static size_t
kept_bytes(const struct snapshot_header *h, unsigned parts)
{
	return parts == SNAPSHOT_PARTS ? h->digest_at + DIGEST_BYTES : h->section[parts].at;
}

/* Read what stands before the table in FD to M's memory, and check it. */
static int
read_head(struct model *m, int fd, const struct snapshot_header *h, struct digest *at_end, struct err *err)
{
	if (read_part(fd, at_end, sizeof(*at_end), h->digest_at, err) == -1 ||
	    read_part(fd, m->large, h->section[SNAPSHOT_TABLE].at, 0, err) == -1)
		return -1;
	if (memcmp(m->p, h, sizeof(*h)) != 0)
		return err_set(err, ERR_DAMAGED, "changed while it was read");
	if (snapshot_check_header(m->p, at_end, err) == -1)
		return -1;
	read_info(m, at_end);
	return 0;
}

/* Check PART in FD against its digest; if it is KEPT, on its way to M's memory. */
static int
check_part(struct model *m, int fd, const struct snapshot_header *h, enum snapshot_part part, bool kept,
    struct err *err)
{
	const uint64_t at = h->section[part].at, n = snapshot_part_end(h, part) - at;
	struct digest found;
	int rc;

	if (kept)
		rc = tree_digest_read(&found, fd, at, (unsigned char *)m->large + at, n, err);
	else
		rc = tree_digest_file(&found, fd, at, n, err);
	return rc == 0 ? snapshot_check_digest(h, part, &found, err) : -1;
}

static int
read_parts(struct model *m, int fd, const struct snapshot_header *h, enum use use, struct err *err)
{
	const unsigned kept = kept_parts(use), checked = use == TO_LEARN ? SNAPSHOT_PARTS : kept;
	struct digest at_end;

	if (read_head(m, fd, h, &at_end, err) == -1)
		return -1;
	for (unsigned i = 0; i < checked; i++) {
		if (check_part(m, fd, h, (enum snapshot_part)i, i < kept, err) == -1)
			return -1;
	}
	if (use == WHOLE)
		memcpy((unsigned char *)m->large + h->digest_at, &at_end, sizeof(at_end));
	return kept == 0 ? 0 : snapshot_check_content(m->p, (enum snapshot_part)(kept - 1), err);
}

static int
read_model(struct model *m, int fd, enum use use, struct err *err)
{
	struct snapshot_header h;

	m->judges_only = use != WHOLE;
	if (read_header(fd, &h, &m->n, err) == -1)
		return -1;
	m->large_n = kept_bytes(&h, kept_parts(use));
	m->large = large_alloc(m->large_n);
	if (m->large == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	m->p = m->large;
	return read_parts(m, fd, &h, use, err);
}

static int
open_file(struct model **out, const char *path, enum use use, struct err *err)
{
	struct model *m = model_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (m == NULL || fd == -1)
		rc = err_set(err, m == NULL ? ERR_NOMEM : ERR_IO, "%s", strerror(errno));
	else
		rc = read_model(m, fd, use, err);
	if (rc == 0 && use == TO_LEARN)
		m->file = fd;
	else if (fd != -1)
		close(fd);
	if (rc == -1) {
		model_unref(m);
		return err_prefix(err, "%s", path);
	}
	*out = m;
	return 0;
}

int
model_open_copy(struct model **out, const char *path, bool judges_only, struct err *err)
{
	return open_file(out, path, judges_only ? TO_JUDGE : WHOLE, err);
}

int
model_open_to_learn(struct model **out, const char *path, struct err *err)
{
	return open_file(out, path, TO_LEARN, err);
}

int
model_open_memory(struct model **out, void *p, size_t n, struct err *err)
{
	struct model *m = model_new();

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

int
model_take(struct model **out, void *p, size_t n, const struct digest *id, bool judges_only, struct err *err)
{
	struct model *m = model_new();

	if (m == NULL) {
		large_free(p, n);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	m->large = p;
	m->large_n = n;
	m->p = p;
	m->n = model_header(m)->digest_at + DIGEST_BYTES;
	m->judges_only = judges_only;
	read_info(m, id);
	*out = m;
	return 0;
}

void
model_judge_only(struct model *m)
{
	if (m->large == NULL || m->judges_only)
		return;
	m->judges_only = true;
	m->large_n = large_shrink(m->large, m->large_n, kept_bytes(model_header(m), SNAPSHOT_HALVES));
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

struct lookup
model_lookup(const struct model *m)
{
	return m->file != -1 ? (struct lookup){ .bucket = NULL } : snapshot_lookup(m->p);
}

int
model_section(const struct model *m, enum snapshot_part part, struct section *s, struct err *err)
{
	const struct snapshot_section *in = &model_header(m)->section[part];

	if (m->judges_only && m->file == -1)
		return err_set(err, ERR_REFUSED, "a model opened to judge only can't be learnt from");
	if (m->file != -1)
		return section_in_file(s, m->file, in->at, in->bytes, err);
	section_in_memory(s, m->p + in->at, in->bytes);
	return 0;
}
