#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"
#include "classifier/evidence.h"
#include "engine/check.h"
#include "engine/example.h"
#include "engine/review.h"
#include "engine/review_clusters.h"
#include "engine/sites.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define ARENA_BYTES ((size_t)4 << 30)
#define ROWS_MAX (REVIEW_UNSURE_MAX + REVIEW_OTHERS_MAX + REVIEW_SETTLED_MAX)
#define EVIDENCE_KEPT 12

/* A comment of the record, or one that somebody has labelled. */
struct candidate {
	struct verdict_row row; /* of a labelled one: comment and site only */
	bool labelled, for_all; /* for_all: the label counts for every site */
	size_t cluster;
	enum verdict verdict;
	double probability, known, entropy;
	const char *evidence;
};

struct search {
	struct engine *e;
	struct arena *arena, *scratch;
	struct candidate *all;
	size_t n, nlabelled; /* nlabelled: how many labels were seen, of which the newest are kept */
	struct err err;
};

/* -- Gathering -- */

static int
keep_comment(struct search *s, struct comment *c)
{
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		if (arena_keep(s->arena, &c->field[f]) == -1)
			return err_set(&s->err, ERR_NOMEM, "out of memory");
	}
	return 0;
}

/* Labels come first and oldest first; of too many the oldest are written over. */
static int
take_label(const struct example_row *row, void *arg)
{
	struct search *s = arg;
	struct candidate *c;

	if (row->site == 0 || row->comment.field[COMMENT_CONTENT].p == NULL)
		return 0;
	c = &s->all[s->nlabelled++ % REVIEW_SETTLED_MAX];
	*c = (struct candidate){ .labelled = true, .for_all = row->scope != SCOPE_OWN };
	c->row.site = row->site;
	c->row.comment.field[COMMENT_CONTENT] = row->comment.field[COMMENT_CONTENT];
	s->n = s->nlabelled < REVIEW_SETTLED_MAX ? s->nlabelled : REVIEW_SETTLED_MAX;
	return keep_comment(s, &c->row.comment);
}

/* Note whether somebody has said what the comment is. */
static int
find_label(struct search *s, struct candidate *c)
{
	struct example_row said;
	bool found;

	arena_reset(s->scratch);
	if (example_known(s->e->store, c->row.site, c->row.fingerprint, s->scratch, &said, &found, &s->err) ==
	    -1)
		return -1;
	c->labelled = found;
	c->for_all = c->labelled && said.scope != SCOPE_OWN;
	return 0;
}

static int
take_verdict(const struct verdict_row *row, void *arg)
{
	struct search *s = arg;
	struct candidate *c = &s->all[s->n];

	if (row->test || row->forced[0] != '\0' || row->comment.field[COMMENT_CONTENT].p == NULL)
		return 0;
	*c = (struct candidate){ .row = *row };
	c->row.site_name = arena_copy(s->arena, row->site_name, strlen(row->site_name));
	c->row.client = c->row.forced = "";
	c->row.evidence = (struct slice){ NULL, 0 };
	c->row.model = arena_copy(s->arena, row->model, strlen(row->model));
	if (c->row.site_name == NULL || c->row.model == NULL)
		return err_set(&s->err, ERR_NOMEM, "out of memory");
	s->n++;
	return keep_comment(s, &c->row.comment) == -1 ? -1 : find_label(s, c);
}

static int
take_verdicts(
    struct search *s, int64_t since_ms, int64_t site, enum verdict v, int64_t limit, struct err *err)
{
	const struct verdict_filter filter = {
		.since_ms = since_ms, .site = site, .verdict = (int)v, .limit = limit, .newest_first = true
	};

	if (store_verdict_walk(s->e->store, &filter, take_verdict, s, err) == -1)
		return -1;
	return s->err.code == ERR_NONE ? 0 : err_set(err, s->err.code, "%s", s->err.text);
}

static int
gather(struct search *s, int64_t since_ms, int64_t site, struct err *err)
{
	s->all = calloc(ROWS_MAX, sizeof(*s->all));
	s->scratch = arena_new(ARENA_BYTES);
	if (s->all == NULL || s->scratch == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (store_example_walk(s->e->store, LABEL_NONE, since_ms, take_label, s, err) == -1)
		return -1;
	if (s->err.code != ERR_NONE)
		return err_set(err, s->err.code, "%s", s->err.text);
	if (take_verdicts(s, since_ms, site, VERDICT_UNSURE, REVIEW_UNSURE_MAX, err) == -1 ||
	    take_verdicts(s, since_ms, site, VERDICT_HAM, REVIEW_OTHERS_MAX / 2, err) == -1)
		return -1;
	return take_verdicts(s, since_ms, site, VERDICT_SPAM, REVIEW_OTHERS_MAX / 2, err);
}

static int
find_clusters(struct search *s, struct err *err)
{
	struct slice *texts = calloc(s->n + 1, sizeof(*texts));
	size_t *cluster = calloc(s->n + 1, sizeof(*cluster));
	int rc = -1;

	if (texts == NULL || cluster == NULL) {
		err_set(err, ERR_NOMEM, "out of memory");
	} else {
		for (size_t i = 0; i < s->n; i++)
			texts[i] = s->all[i].row.comment.field[COMMENT_CONTENT];
		rc = review_clusters(cluster, texts, s->n, err);
		for (size_t i = 0; rc == 0 && i < s->n; i++)
			s->all[i].cluster = cluster[i];
	}
	free(texts);
	free(cluster);
	return rc;
}

/* -- Judging -- */

/* Return the entropy, in bits, of a coin that falls so with probability P. */
static double
entropy(double p)
{
	return p <= 0 || p >= 1 ? 0 : -p * log2(p) - (1 - p) * log2(1 - p);
}

static int
judge(struct search *s, struct classifier *c, const struct model *model, const struct site *site,
    struct candidate *one, struct err *err)
{
	struct judgement j;
	struct buf b;

	if (check_opinion(c, model, site, &one->row.comment, NULL, &j, err) == -1)
		return -1;
	one->verdict = j.verdict;
	one->probability = j.probability;
	one->known = j.known;
	one->entropy = entropy(j.probability);
	buf_init(&b, BUF_NO_LIMIT);
	evidence_list(c, &j, EVIDENCE_KEPT, &b);
	one->evidence = buf_ok(&b) ? arena_copy(s->arena, b.p, b.n) : NULL;
	buf_fini(&b);
	return one->evidence != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
judge_all(struct search *s, const struct model *model, struct err *err)
{
	struct classifier *c = NULL;
	struct sites *sites = NULL;
	int rc;

	rc = sites_load_all(&sites, s->e, err);
	if (rc == 0)
		rc = classifier_new(&c, err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		const struct site *site = sites_by_id(sites, s->all[i].row.site);

		if (site == NULL)
			rc = err_set(err, ERR_DAMAGED, "verdict %s: its site is missing", s->all[i].row.id);
		else if (!s->all[i].labelled)
			rc = judge(s, c, model, site, &s->all[i], err);
	}
	classifier_free(c);
	sites_unref(sites);
	return rc;
}

/* -- Making entries -- */

/* By cluster, the labelled ones first; then by site, and there what is to be shown first. */
static int
compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->cluster != y->cluster)
		return x->cluster < y->cluster ? -1 : 1;
	if (x->labelled != y->labelled)
		return x->labelled ? -1 : 1;
	if (x->row.site != y->row.site)
		return x->row.site < y->row.site ? -1 : 1;
	if ((x->verdict == VERDICT_UNSURE) != (y->verdict == VERDICT_UNSURE))
		return x->verdict == VERDICT_UNSURE ? -1 : 1;
	if (x->entropy != y->entropy)
		return x->entropy > y->entropy ? -1 : 1;
	return strcmp(y->row.id, x->row.id);
}

/* Return whether one of the N labelled comments at LABELLED settles those of SITE. */
static bool
is_settled(const struct candidate *labelled, size_t n, int64_t site)
{
	for (size_t i = 0; i < n; i++) {
		if (labelled[i].for_all || labelled[i].row.site == site)
			return true;
	}
	return false;
}

/* Let the entry show C if that teaches more than what it shows already. */
static void
pick(struct review_entry *entry, const struct candidate *c)
{
	bool unsure = c->verdict == VERDICT_UNSURE, shown_unsure = entry->verdict == VERDICT_UNSURE;
	struct review_pick *last = &entry->picks[entry->npicks++], first = entry->picks[0];

	memcpy(last->id, c->row.id, sizeof(last->id));
	last->site = c->row.site_name;
	if (entry->npicks > 1 &&
	    (unsure != shown_unsure ? !unsure : c->entropy <= entropy(entry->probability)))
		return;
	entry->picks[0] = *last;
	if (entry->npicks > 1)
		*last = first;
	entry->row = c->row;
	entry->verdict = c->verdict;
	entry->probability = c->probability;
	entry->known = c->known;
	entry->evidence = c->evidence;
}

/* Make an entry of one cluster, the N candidates at C; what is settled stays out. */
static int
add_entry(struct review *r, const struct candidate *c, size_t n, struct err *err)
{
	struct review_entry *entry = &r->entries[r->n];
	size_t labelled = 0;
	int64_t site = 0;

	while (labelled < n && c[labelled].labelled)
		labelled++;
	*entry = (struct review_entry){ .picks = arena_alloc(r->arena, (n + 1) * sizeof(*entry->picks)) };
	if (entry->picks == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = labelled; i < n; i++) {
		if (is_settled(c, labelled, c[i].row.site))
			continue;
		entry->alike++;
		if (c[i].row.site != site)
			pick(entry, &c[i]);
		site = c[i].row.site;
	}
	if (entry->alike == 0)
		return 0;
	entry->teaches = entropy(entry->probability) * log2(1 + (double)entry->alike) * (2 - entry->known);
	r->n++;
	return 0;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct review_entry *x = a, *y = b;

	if ((x->verdict == VERDICT_UNSURE) != (y->verdict == VERDICT_UNSURE))
		return x->verdict == VERDICT_UNSURE ? -1 : 1;
	if (x->teaches != y->teaches)
		return x->teaches > y->teaches ? -1 : 1;
	return strcmp(y->row.id, x->row.id);
}

static int
make_entries(struct review *r, struct search *s, struct err *err)
{
	size_t from = 0;

	r->entries = arena_alloc(r->arena, (s->n + 1) * sizeof(*r->entries));
	if (r->entries == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (s->n > 1)
		qsort(s->all, s->n, sizeof(*s->all), compare_candidates);
	for (size_t i = 1; i <= s->n; i++) {
		if (i < s->n && s->all[i].cluster == s->all[from].cluster)
			continue;
		if (add_entry(r, &s->all[from], i - from, err) == -1)
			return -1;
		from = i;
	}
	if (r->n > 1)
		qsort(r->entries, r->n, sizeof(*r->entries), compare_entries);
	return 0;
}

int
review_find(struct review *r, struct engine *e, const struct model *model, int64_t since_ms, int64_t site,
    struct err *err)
{
	struct search s = { .e = e };
	int rc = -1;

	*r = (struct review){ .arena = arena_new(ARENA_BYTES) };
	s.arena = r->arena;
	if (since_ms == 0)
		since_ms = time_now_ms() - REVIEW_DAYS * DAY_MS;
	if (r->arena == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	else if (gather(&s, since_ms, site, err) == 0 && find_clusters(&s, err) == 0 &&
	    judge_all(&s, model, err) == 0)
		rc = make_entries(r, &s, err);
	arena_free(s.scratch);
	free(s.all);
	return rc;
}

void
review_fini(struct review *r)
{
	arena_free(r->arena);
	*r = (struct review){ .n = 0 };
}
