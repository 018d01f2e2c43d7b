#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "engine/findings.h"

#define Z_95 1.959964

/* A curve's length in its own units: its height, its width, and its left end once more, drawn larger. */
#define CURVE_UNITS 300.0
#define LEFT_END 0.05

static const double budgets[FINDINGS_BUDGETS] = { 0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05 };

static void
spread(struct findings *f, const struct judged *v, size_t n)
{
	const double width = 2 * FINDINGS_LOG_ODDS / FINDINGS_COLUMNS;

	memset(f->spam, 0, sizeof(f->spam));
	memset(f->ham, 0, sizeof(f->ham));
	for (size_t i = 0; i < n; i++) {
		double p = v[i].probability, place = (log(p / (1 - p)) + FINDINGS_LOG_ODDS) / width;
		size_t column = place > 0 ? (size_t)fmin(place, FINDINGS_COLUMNS - 1) : 0;

		v[i].spam ? f->spam[column]++ : f->ham[column]++;
	}
}

/* How far along the curve the point SPAM, HAM is. */
static double
along(size_t spam, size_t ham, size_t all_spam, size_t all_ham)
{
	double y = all_spam > 0 ? (double)spam / (double)all_spam : 0;
	double x = all_ham > 0 ? (double)ham / (double)all_ham : 0;

	return CURVE_UNITS * (y + x + fmin(x, LEFT_END) / LEFT_END);
}

/* Rows of equal probability are one step; steps too small to be seen are joined. */
static void
trace(struct findings *f, const struct judged *sorted, size_t n, size_t all_spam)
{
	size_t spam = 0, ham = 0;
	double drawn = 0, now;

	f->npoints = 0;
	for (size_t i = 0; i < n; i++) {
		sorted[i].spam ? spam++ : ham++;
		if (i + 1 < n && sorted[i + 1].probability >= sorted[i].probability)
			continue;
		now = along(spam, ham, all_spam, n - all_spam);
		if ((now - drawn < 1 && i + 1 < n) || f->npoints == FINDINGS_POINTS)
			continue;
		f->points[f->npoints++] = (struct operating_point){ sorted[i].probability, spam, ham };
		drawn = now;
	}
}

int
findings_measure(struct findings *f, const struct judged *v, size_t n, struct err *err)
{
	struct judged *sorted = judged_sorted(v, n, err);
	size_t spam = 0;

	if (sorted == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		spam += v[i].spam;
	calibration_bins(f->bins, v, n);
	spread(f, v, n);
	trace(f, sorted, n, spam);
	for (size_t i = 0; i < FINDINGS_BUDGETS; i++) {
		struct budget *b = &f->budgets[i];

		b->share = budgets[i];
		b->allowed = judged_allowed(n - spam, b->share);
		b->caught = judged_caught(sorted, n, b->allowed);
		b->caught_share = spam > 0 ? (double)b->caught / (double)spam : 0;
	}
	free(sorted);
	return 0;
}

static void
widen(double range[2], double x, bool first)
{
	range[0] = first ? x : fmin(range[0], x);
	range[1] = first ? x : fmax(range[1], x);
}

void
findings_model(struct findings *f, const struct model_info *model)
{
	bool first = f->models++ == 0;

	f->model = *model;
	widen(f->spam_threshold, model->spam_threshold, first);
	widen(f->unsure_threshold, model->unsure_threshold, first);
}

/* Return where a mistake of row ROW, this confident, stands among those of M; MISTAKES_MAX: nowhere. */
static size_t
rank(const struct mistakes *m, size_t row, double confidence)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct mistake *other = &m->list[i];

		if (confidence > other->confidence || (confidence >= other->confidence && row < other->row))
			break;
	}
	return i;
}

/* Make room at AT, letting go of the last one when all places are taken. */
static struct mistake *
insert(struct mistakes *m, size_t at)
{
	size_t kept = m->n < MISTAKES_MAX ? m->n++ : MISTAKES_MAX - 1;

	memmove(&m->list[at + 1], &m->list[at], (kept - at) * sizeof(m->list[0]));
	return &m->list[at];
}

/* Copy S to OUT, which has room for BYTES. */
static void
copy_cut(char *out, size_t bytes, struct slice s)
{
	static const char more[] = "…"; /* its size includes the NUL */
	size_t n = 0, length = 0;

	if (s.n < bytes) {
		memcpy(out, s.p, s.n);
		out[s.n] = '\0';
		return;
	}
	while (n + length + sizeof(more) <= bytes) {
		n += length;
		length = utf8_sequence(s.p + n, s.n - n);
		length = length > 0 ? length : 1;
	}
	memcpy(out, s.p, n);
	memcpy(out + n, more, sizeof(more));
}

/* Add WEIGHT to field NAME's. */
static void
add_to_field(struct mistake *m, const char *name, double weight)
{
	size_t i;

	for (i = 0; i < m->nfields; i++) {
		if (strcmp(m->fields[i].name, name) == 0)
			break;
	}
	if (i == MISTAKE_FIELDS)
		return;
	if (i == m->nfields) {
		copy_cut(m->fields[i].name, sizeof(m->fields[i].name), slice_of(name));
		m->fields[i].weight = 0;
		m->nfields++;
	}
	m->fields[i].weight += weight;
}

static int
by_weight(const void *a, const void *b)
{
	const struct mistake_field *f = a, *g = b;
	double x = fabs(f->weight), y = fabs(g->weight);

	if (x < y || x > y)
		return x < y ? 1 : -1;
	return strcmp(f->name, g->name);
}

static void
sum_fields(struct mistake *m, const struct judgement *j)
{
	for (size_t i = 0; i < j->nevidence; i++)
		add_to_field(m, j->evidence[i].field, j->evidence[i].weight);
	qsort(m->fields, m->nfields, sizeof(m->fields[0]), by_weight);
}

static int
keep_evidence(struct mistake *m, const struct classifier *c, struct judgement *j, struct err *err)
{
	struct buf name;
	int rc;

	buf_init(&name, BUF_NO_LIMIT);
	sum_fields(m, j);
	m->pieces = j->nevidence;
	m->nevidence = judgement_rank(j, MISTAKE_EVIDENCE);
	if (m->nevidence > MISTAKE_EVIDENCE)
		m->nevidence = MISTAKE_EVIDENCE;
	for (size_t i = 0; i < m->nevidence; i++) {
		struct mistake_evidence *e = &m->evidence[i];

		buf_clear(&name);
		classifier_token_name(c, &j->evidence[i], &name);
		copy_cut(e->token, sizeof(e->token), (struct slice){ buf_str(&name), name.n });
		copy_cut(e->field, sizeof(e->field), slice_of(j->evidence[i].field));
		e->weight = j->evidence[i].weight;
	}
	rc = buf_ok(&name) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	buf_fini(&name);
	return rc;
}

int
worst_add(
    struct worst *w, size_t row, bool spam, const struct classifier *c, struct judgement *j, struct err *err)
{
	struct mistakes *kind = spam ? &w->missed : &w->blocked;
	double confidence = spam ? -j->log_odds : j->log_odds;
	struct mistake *m;
	size_t at;

	if (spam == (j->verdict == VERDICT_SPAM))
		return 0;
	at = rank(kind, row, confidence);
	if (at == MISTAKES_MAX)
		return 0;
	m = insert(kind, at);
	*m = (struct mistake){
		.row = row,
		.confidence = confidence,
		.probability = j->probability,
		.log_odds = j->log_odds,
		.prior = j->prior,
		.unsure = j->verdict == VERDICT_UNSURE,
	};
	return keep_evidence(m, c, j, err);
}

static void
merge(struct mistakes *to, const struct mistakes *from)
{
	for (size_t i = 0; i < from->n; i++) {
		size_t at = rank(to, from->list[i].row, from->list[i].confidence);

		if (at < MISTAKES_MAX)
			*insert(to, at) = from->list[i];
	}
}

void
worst_merge(struct worst *w, const struct worst *from)
{
	merge(&w->blocked, &from->blocked);
	merge(&w->missed, &from->missed);
}

void
share_interval(size_t part, size_t whole, double *low, double *high)
{
	double n = (double)whole, p, middle, half;

	*low = 0;
	*high = 1;
	if (whole == 0)
		return;
	p = (double)part / n;
	middle = (p + Z_95 * Z_95 / (2 * n)) / (1 + Z_95 * Z_95 / n);
	half = Z_95 * sqrt(p * (1 - p) / n + Z_95 * Z_95 / (4 * n * n)) / (1 + Z_95 * Z_95 / n);
	*low = part == 0 ? 0 : fmax(middle - half, 0);
	*high = part == whole ? 1 : fmin(middle + half, 1);
}
