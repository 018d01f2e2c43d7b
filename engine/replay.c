#include "config.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "classifier/evidence.h"
#include "engine/check.h"
#include "engine/outlook.h"
#include "engine/replay.h"
#include "engine/sites.h"
#include "store/chain.h"

/*
 * Rows are read in batches; then the calling thread judges one half and a second thread the other.  A batch
 * is small enough for memory and large enough for what a thread costs.
 */
#define BATCH_ROWS 1024
#define THREADS 2
#define BATCH_BYTES ((size_t)2 << 30) /* no more than the rows can be */
#define SITES_BYTES ((size_t)256 << 20)

#define PARTS_NEEDED (PART_SET(PART_CONTENT) | PART_SET(PART_PERSON))

struct opinion {
	enum verdict verdict;
	double probability;
	const char *evidence; /* of a flip */
};

struct run;

/* What one thread works with. */
struct half {
	struct run *run;
	struct classifier *classifier;
	struct arena *arena; /* of the batch's evidence */
	size_t from, to;
	struct err err;
};

struct run {
	struct replay *r;
	const struct replay_options *o;
	struct sites *sites;
	int (*each)(const struct replay_flip *flip, void *arg);
	void *arg;
	struct arena *arena; /* of the batch's rows */
	struct verdict_row *rows;
	struct opinion *opinions;
	size_t n;
	struct half halves[THREADS];
	int64_t first_seq, last_seq; /* of all that may be seen, for the progress */
	double share; /* of the comments that are judged */
	bool ended; /* EACH has had enough */
	struct err err;
};

static int
keep_evidence(struct half *h, struct judgement *j, struct opinion *out)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	evidence_list(h->classifier, j, h->run->o->evidence, &b);
	out->evidence = buf_ok(&b) ? arena_copy(h->arena, b.p, b.n) : NULL;
	buf_fini(&b);
	return out->evidence != NULL ? 0 : err_set(&h->err, ERR_NOMEM, "out of memory");
}

static int
judge_row(struct half *h, const struct verdict_row *row, struct opinion *out)
{
	const struct replay_options *o = h->run->o;
	const struct site *known = sites_by_id(h->run->sites, row->site);
	struct judgement j;
	struct outlook *outlook;
	struct site site;

	if (known == NULL)
		return err_set(&h->err, ERR_DAMAGED, "verdict %s: its site is missing", row->id);
	site = *known;
	if (o->spam_threshold > 0)
		site.spam_threshold = o->spam_threshold;
	if (outlook_again(&outlook, row, o->rules, h->arena, &h->err) == -1 ||
	    check_opinion(h->classifier, o->model, &site, &row->comment, outlook, &j, &h->err) == -1)
		return -1;
	*out = (struct opinion){ j.verdict, j.probability, "[]" };
	return j.verdict == row->verdict ? 0 : keep_evidence(h, &j, out);
}

static void *
judge_half(void *arg)
{
	struct half *h = arg;

	for (size_t i = h->from; i < h->to; i++) {
		if (judge_row(h, &h->run->rows[i], &h->run->opinions[i]) == -1)
			break;
	}
	return NULL;
}

/* Return the counts of the row's site, which come in order of id. */
static struct replay_site *
counts_of(struct replay *r, const struct site *site)
{
	size_t i = 0;

	while (i < r->nsites && r->sites[i].id < site->id)
		i++;
	if (i == r->nsites || r->sites[i].id != site->id) {
		memmove(&r->sites[i + 1], &r->sites[i], (r->nsites - i) * sizeof(*r->sites));
		r->sites[i] = (struct replay_site){ .id = site->id };
		r->sites[i].name = arena_copy(r->arena, site->name, strlen(site->name));
		r->nsites++;
	}
	return &r->sites[i];
}

static int
count_row(struct run *run, const struct verdict_row *row, const struct opinion *opinion)
{
	struct replay_site *site = counts_of(run->r, sites_by_id(run->sites, row->site));
	const struct replay_flip flip = { row, opinion->verdict, opinion->probability, opinion->evidence };

	if (site->name == NULL)
		return err_set(&run->err, ERR_NOMEM, "out of memory");
	run->r->judged++;
	run->r->incomplete += row->gone != 0;
	site->moved[row->verdict][opinion->verdict]++;
	if (row->verdict == opinion->verdict)
		return 0;
	run->r->flips++;
	run->ended = run->each != NULL && run->each(&flip, run->arg) != 0;
	return run->ended;
}

/* Have both threads judge the batch; a second thread that can't be had is made up for. */
static int
judge_batch(struct run *run)
{
	struct half *a = &run->halves[0], *b = &run->halves[1];
	pthread_t thread;
	bool two;

	a->from = 0;
	a->to = b->from = run->n / 2;
	b->to = run->n;
	two = pthread_create(&thread, NULL, judge_half, b) == 0;
	judge_half(a);
	if (two)
		pthread_join(thread, NULL);
	else
		judge_half(b);
	for (int i = 0; i < THREADS; i++) {
		if (run->halves[i].err.code != ERR_NONE) {
			run->err = run->halves[i].err;
			return -1;
		}
	}
	return 0;
}

static void
report(const struct run *run)
{
	const struct replay_options *o = run->o;
	int64_t seq = run->rows[run->n - 1].seq;

	if (o->progress != NULL && run->last_seq >= run->first_seq)
		o->progress((double)(seq - run->first_seq + 1) / (double)(run->last_seq - run->first_seq + 1),
		    o->progress_arg);
}

static int
finish_batch(struct run *run)
{
	int rc = 0;

	if (run->n == 0)
		return 0;
	if (judge_batch(run) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < run->n; i++)
		rc = count_row(run, &run->rows[i], &run->opinions[i]);
	report(run);
	run->n = 0;
	arena_reset(run->arena);
	for (int i = 0; i < THREADS; i++)
		arena_reset(run->halves[i].arena);
	return rc;
}

static int
keep_row(struct run *run, const struct verdict_row *from)
{
	struct verdict_row *row = &run->rows[run->n];
	const char **const strings[] = { &row->site_name, &row->client, &row->model, &row->forced };
	bool whole;

	*row = *from;
	whole = arena_keep(run->arena, &row->evidence) == 0;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		*strings[i] = arena_copy(run->arena, *strings[i], strlen(*strings[i]));
		whole = whole && *strings[i] != NULL;
	}
	for (int f = 0; f < COMMENT_FIELDS; f++)
		whole = arena_keep(run->arena, &row->comment.field[f]) == 0 && whole;
	run->n++;
	return whole ? 0 : err_set(&run->err, ERR_NOMEM, "out of memory");
}

/* Whether the row is one of those that are judged: its fingerprint decides, so they are the same each time.
 */
static bool
is_of_sample(const struct run *run, const struct verdict_row *row)
{
	return run->share >= 1 || (double)hash_mix(row->fingerprint, 0) / 0x1p64 < run->share;
}

/* Whether the verdict isn't by what the comment is judged by again. */
static bool
is_forced(const struct run *run, const struct verdict_row *row)
{
	return run->o->rules != NULL ? check_unasked(row->forced) : row->forced[0] != '\0';
}

static int
take_row(const struct verdict_row *row, void *arg)
{
	struct run *run = arg;

	if (run->first_seq == 0)
		run->first_seq = row->seq;
	if (row->test)
		run->r->tests++;
	else if (is_forced(run, row))
		run->r->forced++;
	else if ((row->gone & PARTS_NEEDED) != 0 || row->comment.field[COMMENT_CONTENT].p == NULL)
		run->r->erased++;
	else if (is_of_sample(run, row) && keep_row(run, row) == -1)
		return -1;
	return run->n == BATCH_ROWS ? finish_batch(run) : 0;
}

static int
note_last(const struct verdict_row *row, void *arg)
{
	*(int64_t *)arg = row->seq;
	return 1;
}

/* Find out how far there is to go, and what share of it. */
static int
survey(struct run *run, struct engine *e, const struct verdict_filter *filter, struct err *err)
{
	struct verdict_filter newest = *filter;
	struct verdict_counts counts;
	int64_t all;

	run->share = 1;
	newest.newest_first = true;
	newest.limit = 1;
	if (store_verdict_walk(e->store, &newest, note_last, &run->last_seq, err) == -1)
		return -1;
	if (run->o->at_most == 0)
		return 0;
	if (store_verdict_counts(e->store, filter->site, filter->since_ms, &counts, err) == -1)
		return -1;
	all = counts.ham + counts.unsure + counts.spam;
	if (all > 0)
		run->share = (double)run->o->at_most / (double)all;
	return 0;
}

static int
prepare(struct run *run, struct engine *e, struct err *err)
{
	size_t sites;

	if (sites_load_all(&run->sites, e, err) == -1)
		return -1;
	sites = sites_count(run->sites);
	run->r->arena = arena_new(SITES_BYTES);
	run->arena = arena_new(BATCH_BYTES);
	run->rows = calloc(BATCH_ROWS, sizeof(*run->rows));
	run->opinions = calloc(BATCH_ROWS, sizeof(*run->opinions));
	if (run->r->arena != NULL)
		run->r->sites = arena_alloc(run->r->arena, (sites + 1) * sizeof(*run->r->sites));
	if (run->arena == NULL || run->rows == NULL || run->opinions == NULL || run->r->sites == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (int i = 0; i < THREADS; i++) {
		struct half *h = &run->halves[i];

		h->run = run;
		h->arena = arena_new(BATCH_BYTES);
		if (h->arena == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
		if (classifier_new(&h->classifier, err) == -1)
			return -1;
	}
	return 0;
}

static void
clear(struct run *run)
{
	for (int i = 0; i < THREADS; i++) {
		classifier_free(run->halves[i].classifier);
		arena_free(run->halves[i].arena);
	}
	free(run->rows);
	free(run->opinions);
	arena_free(run->arena);
	sites_unref(run->sites);
}

int
replay_run(struct replay *r, struct engine *e, const struct replay_options *o,
    int (*each)(const struct replay_flip *flip, void *arg), void *arg, struct err *err)
{
	const struct verdict_filter filter = {
		.since_ms = o->since_ms, .until_ms = o->until_ms, .site = o->site, .verdict = -1
	};
	struct run run = { .r = r, .o = o, .each = each, .arg = arg };
	int rc;

	*r = (struct replay){ .judged = 0 };
	rc = prepare(&run, e, err);
	if (rc == 0)
		rc = survey(&run, e, &filter, err);
	if (rc == 0)
		rc = store_verdict_walk(e->store, &filter, take_row, &run, err);
	if (rc == 0 && run.err.code == ERR_NONE && !run.ended)
		finish_batch(&run);
	if (rc == 0 && run.err.code != ERR_NONE)
		rc = err_set(err, run.err.code, "%s", run.err.text);
	clear(&run);
	return rc;
}

void
replay_fini(struct replay *r)
{
	arena_free(r->arena);
	*r = (struct replay){ .judged = 0 };
}
