#include "config.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "classifier/fold.h"
#include "classifier/normal.h"
#include "corpus/clusters.h"
#include "corpus/near_duplicates.h"

#define SHINGLE_WORDS 4
#define LONG_WORDS 8 /* from here on texts are compared by shingles, */
#define SHORT_WORDS 3 /* and below that not at all */
#define STEPS_MAX ((uint64_t)1 << 30) /* some seconds */

/* A shingle of a row; while they are collected, and sorted. */
struct posting {
	uint64_t hash;
	uint32_t row;
	uint32_t group; /* number of the hash in ascending order */
};

struct index {
	struct posting *postings; /* by hash, then row; no two the same */
	size_t n, cap;
	size_t *group_at; /* where in postings a group begins; one more than there are groups */
	size_t groups;
	uint32_t *row_groups; /* the groups of row 0, of row 1... */
	size_t *row_at; /* where in row_groups a row begins; one more than there are rows */
	uint32_t *shared; /* with the row in hand, for each row */
	uint32_t *touched; /* the rows whose count isn't 0 */
	size_t *cluster; /* of each row, where no more than that is wanted; or NULL */
	size_t *run; /* if so: for each posting where those before it begin that are in its cluster, so far
			as was looked */
	uint64_t steps; /* postings that were looked at */
};

/* A text being cut into words. */
struct cutter {
	struct index *ix;
	uint32_t row;
	uint64_t word[SHINGLE_WORDS]; /* the last ones, newest last */
	size_t words, characters; /* words; of them, single characters of scripts without spaces */
	uint64_t all; /* hash of all words in order */
	bool failed;
};

static int
add_posting(struct index *ix, uint32_t row, uint64_t hash)
{
	if (ix->n == ix->cap) {
		size_t cap = ix->cap == 0 ? 4096 : ix->cap * 2;
		struct posting *p = reallocarray(ix->postings, cap, sizeof(*p));

		if (p == NULL)
			return -1;
		ix->postings = p;
		ix->cap = cap;
	}
	ix->postings[ix->n++] = (struct posting){ hash, row, 0 };
	return 0;
}

static void
add_word(struct cutter *k, const char *p, size_t n)
{
	uint64_t hash = 0;

	if (n == 0)
		return;
	for (int i = 0; i + 1 < SHINGLE_WORDS; i++)
		k->word[i] = k->word[i + 1];
	k->word[SHINGLE_WORDS - 1] = hash_bytes(p, n, 0);
	k->all = hash_mix(k->all, k->word[SHINGLE_WORDS - 1]);
	k->words++;
	if (k->words < SHINGLE_WORDS)
		return;
	for (int i = 0; i < SHINGLE_WORDS; i++)
		hash = hash_mix(hash, k->word[i]);
	k->failed |= add_posting(k->ix, k->row, hash) == -1;
}

static unsigned
code_point(const char *p, size_t n)
{
	unsigned c = (unsigned char)p[0];

	if (n == 1)
		return c;
	c &= 0xffu >> (n + 1);
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 63);
	return c;
}

/* Cut S, which normalise() wrote, into words of letters. */
static void
cut_words(struct cutter *k, struct slice s)
{
	size_t from = 0, step;

	for (size_t i = 0; i < s.n; i += step) {
		enum script script;

		step = utf8_sequence(s.p + i, s.n - i);
		if (step == 0)
			step = 1;
		script = fold_script(code_point(s.p + i, step));
		if (script != SCRIPT_NONE && !script_unspaced(script))
			continue;
		add_word(k, s.p + from, i - from);
		if (script != SCRIPT_NONE) {
			add_word(k, s.p + i, step);
			k->characters++;
		}
		from = i + step;
	}
	add_word(k, s.p + from, s.n - from);
}

/* Put row R of C into the index. */
static int
add_row(struct index *ix, const struct corpus *c, uint32_t row, struct buf *text, struct buf *scratch)
{
	struct cutter k = { .ix = ix, .row = row };
	struct normal_counts counts = { 0 };
	size_t before = ix->n, length;

	buf_clear(text);
	normalise(text, c->rows[row].comment.field[COMMENT_CONTENT], &counts, NULL, scratch);
	if (!buf_ok(text) || !buf_ok(scratch))
		return -1;
	cut_words(&k, buf_slice(text));
	length = k.words - k.characters + k.characters / 2;
	if (length < LONG_WORDS) {
		ix->n = before;
		if (length >= SHORT_WORDS)
			k.failed |= add_posting(ix, row, hash_mix(~k.all, k.words)) == -1;
	}
	return k.failed ? -1 : 0;
}

static int
compare_postings(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Sort the postings, drop repetitions, number the groups of equal hashes. */
static int
make_groups(struct index *ix)
{
	size_t kept = 0;

	if (ix->n > 0)
		qsort(ix->postings, ix->n, sizeof(*ix->postings), compare_postings);
	ix->group_at = calloc(ix->n + 1, sizeof(*ix->group_at));
	if (ix->group_at == NULL)
		return -1;
	for (size_t i = 0; i < ix->n; i++) {
		struct posting p = ix->postings[i];

		if (kept > 0 && compare_postings(&p, &ix->postings[kept - 1]) == 0)
			continue;
		if (kept == 0 || p.hash != ix->postings[kept - 1].hash)
			ix->group_at[ix->groups++] = kept;
		p.group = (uint32_t)(ix->groups - 1);
		ix->postings[kept++] = p;
	}
	ix->n = kept;
	ix->group_at[ix->groups] = kept;
	return 0;
}

/* List the groups of each row. */
static int
make_rows(struct index *ix, size_t rows)
{
	size_t at = 0;

	ix->row_at = calloc(rows + 2, sizeof(*ix->row_at));
	ix->row_groups = calloc(ix->n + 1, sizeof(*ix->row_groups));
	ix->shared = calloc(rows + 1, sizeof(*ix->shared));
	ix->touched = calloc(rows + 1, sizeof(*ix->touched));
	if (ix->row_at == NULL || ix->row_groups == NULL || ix->shared == NULL || ix->touched == NULL)
		return -1;
	/* Count each row's one place further on; then filling a row moves its start to where it belongs. */
	for (size_t i = 0; i < ix->n; i++)
		ix->row_at[ix->postings[i].row + 2]++;
	for (size_t r = 0; r < rows + 2; r++) {
		at += ix->row_at[r];
		ix->row_at[r] = at;
	}
	for (size_t i = 0; i < ix->n; i++)
		ix->row_groups[ix->row_at[ix->postings[i].row + 1]++] = ix->postings[i].group;
	return 0;
}

/* Return where the run of postings of one cluster begins that ends with I, in the group that begins at FIRST.
 */
static size_t
run_from(struct index *ix, size_t i, size_t first)
{
	size_t cluster = clusters_root(ix->cluster, ix->postings[i].row), from = ix->run[i];

	while (from > first && clusters_root(ix->cluster, ix->postings[from - 1].row) == cluster)
		from = ix->run[from - 1];
	ix->run[i] = from;
	return from;
}

/*
 * Count GROUP for those later rows that share it with row A and aren't known to be in its cluster: of many
 * texts that are all alike, nearly all are passed over in one step.
 */
static void
count_group(struct index *ix, size_t a, size_t group, size_t *touched)
{
	size_t first = ix->group_at[group], i = ix->group_at[group + 1];
	size_t own = ix->cluster != NULL ? clusters_root(ix->cluster, a) : 0;

	while (i > first && ix->postings[i - 1].row > a) {
		uint32_t b = ix->postings[--i].row;

		ix->steps++;
		if (ix->cluster != NULL && clusters_root(ix->cluster, b) == own)
			i = run_from(ix, i, first);
		else if (ix->shared[b]++ == 0)
			ix->touched[(*touched)++] = b;
	}
}

/* Count what row A shares with each later row; return how many rows were touched. */
static size_t
count_shared(struct index *ix, size_t a)
{
	size_t touched = 0;

	for (size_t g = ix->row_at[a]; g < ix->row_at[a + 1]; g++)
		count_group(ix, a, ix->row_groups[g], &touched);
	return touched;
}

/* Return how similar rows A and B are, which was counted, and forget the count. */
static double
take_similarity(struct index *ix, size_t a, size_t b)
{
	size_t sizes = ix->row_at[a + 1] - ix->row_at[a] + ix->row_at[b + 1] - ix->row_at[b];
	size_t both = ix->shared[b];

	ix->shared[b] = 0;
	return (double)both / (double)(sizes - both);
}

static int
compare_rows(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct pairs {
	struct near_pair *p;
	size_t n, cap;
};

static int
add_pair(struct pairs *pairs, struct near_pair pair)
{
	if (pairs->n == pairs->cap) {
		size_t cap = pairs->cap == 0 ? 64 : pairs->cap * 2;
		struct near_pair *p = reallocarray(pairs->p, cap, sizeof(*p));

		if (p == NULL)
			return -1;
		pairs->p = p;
		pairs->cap = cap;
	}
	pairs->p[pairs->n++] = pair;
	return 0;
}

/* Add the pairs of row A with later rows. */
static int
pair_row(struct pairs *pairs, struct index *ix, size_t a)
{
	size_t n = count_shared(ix, a);
	int rc = 0;

	if (n > 1)
		qsort(ix->touched, n, sizeof(*ix->touched), compare_rows);
	for (size_t i = 0; i < n; i++) {
		size_t b = ix->touched[i];
		double similarity = take_similarity(ix, a, b);

		if (similarity >= NEAR_DUPLICATE && pairs->n < NEAR_PAIRS_MAX)
			rc |= add_pair(pairs, (struct near_pair){ a, b, similarity });
	}
	return rc;
}

static int
make_index(struct index *ix, const struct corpus *c)
{
	struct buf text, scratch;
	int rc = 0;

	buf_init(&text, BUF_NO_LIMIT);
	buf_init(&scratch, BUF_NO_LIMIT);
	for (size_t r = 0; r < c->n && rc == 0; r++)
		rc = add_row(ix, c, (uint32_t)r, &text, &scratch);
	buf_fini(&text);
	buf_fini(&scratch);
	return rc == -1 || make_groups(ix) == -1 ? -1 : make_rows(ix, c->n);
}

/* Free IX; return RC, with the reason that there is for it to fail. */
static int
end_index(struct index *ix, int rc, struct err *err)
{
	free(ix->postings);
	free(ix->group_at);
	free(ix->row_groups);
	free(ix->row_at);
	free(ix->shared);
	free(ix->touched);
	free(ix->run);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory while looking for near-duplicates");
}

int
near_duplicates(struct near_pair **out, size_t *n, const struct corpus *c, struct err *err)
{
	struct pairs pairs = { NULL, 0, 0 };
	struct index ix = { 0 };
	int rc = make_index(&ix, c);

	for (size_t r = 0; r < c->n && rc == 0 && pairs.n < NEAR_PAIRS_MAX; r++)
		rc = pair_row(&pairs, &ix, r);
	if (end_index(&ix, rc, err) == -1) {
		free(pairs.p);
		return -1;
	}
	*out = pairs.p;
	*n = pairs.n;
	return 0;
}

/* -- Clusters -- */

/* Begin with each row and each posting by itself. */
static int
begin_clusters(struct index *ix, size_t *cluster, size_t rows)
{
	ix->run = calloc(ix->n + 1, sizeof(*ix->run));
	if (ix->run == NULL)
		return -1;
	for (size_t i = 0; i < ix->n; i++)
		ix->run[i] = i;
	for (size_t r = 0; r < rows; r++)
		cluster[r] = r;
	ix->cluster = cluster;
	return 0;
}

int
near_clusters(size_t *cluster, const struct corpus *c, struct err *err)
{
	struct index ix = { 0 };
	int rc = make_index(&ix, c);

	if (rc == 0)
		rc = begin_clusters(&ix, cluster, c->n);
	for (size_t a = 0; a < c->n && rc == 0 && ix.steps < STEPS_MAX; a++) {
		size_t n = count_shared(&ix, a);

		for (size_t i = 0; i < n; i++)
			if (take_similarity(&ix, a, ix.touched[i]) >= NEAR_DUPLICATE)
				clusters_join(cluster, a, ix.touched[i]);
	}
	for (size_t a = 0; a < c->n && rc == 0; a++)
		cluster[a] = clusters_root(cluster, a);
	return end_index(&ix, rc, err);
}
