#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timetext.h"
#include "engine/drift.h"

#define MAD_TO_SIGMA 1.4826
#define DATE_CHARS 10
#define COUNT_WHOLE 100 /* a count from here on is told without a fraction */
#define DIGITS 6

/* A site's days, the oldest first. */
struct history {
	struct daily_row days[DRIFT_DAYS + 2];
	size_t n;
};

struct search {
	struct engine *e;
	struct arena *a;
	int64_t today;
	struct history site; /* the one that is being read */
	struct drift *found;
	size_t n, cap;
	struct err *err;
	int rc;
};

const char *
drift_figure_name(enum drift_figure figure)
{
	switch (figure) {
	case DRIFT_VOLUME:
		return "volume";
	case DRIFT_SPAM:
		return "spam_share";
	case DRIFT_UNSURE:
		return "unsure_share";
	case DRIFT_UNKNOWN:
		return "unknown_share";
	case DRIFT_CORRECTIONS:
		return "corrections";
	case DRIFT_FIGURES:
		break;
	}
	return "";
}

static bool
is_count(enum drift_figure figure)
{
	return figure == DRIFT_VOLUME || figure == DRIFT_CORRECTIONS;
}

/* Return the figure of a day, NaN when there are too few verdicts for it. */
static double
figure_of(const struct daily_row *d, enum drift_figure figure)
{
	bool enough = d->verdicts >= DRIFT_VERDICTS_LEAST;

	switch (figure) {
	case DRIFT_VOLUME:
		return (double)d->verdicts;
	case DRIFT_SPAM:
		return enough ? (double)d->spam / (double)d->verdicts : NAN;
	case DRIFT_UNSURE:
		return enough ? (double)d->unsure / (double)d->verdicts : NAN;
	case DRIFT_UNKNOWN:
		return d->measured >= DRIFT_VERDICTS_LEAST ? d->unknown / (double)d->measured : NAN;
	case DRIFT_CORRECTIONS:
		return (double)d->corrections;
	case DRIFT_FIGURES:
		break;
	}
	return NAN;
}

static int
compare_numbers(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Return the median of the N numbers at V, which are put in order; 0 of none. */
static double
median(double *v, size_t n)
{
	if (n == 0)
		return 0;
	qsort(v, n, sizeof(*v), compare_numbers);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Return what chance alone does to a figure that is CENTRE on the whole, on a day of N verdicts. */
static double
chance(enum drift_figure figure, double centre, int64_t n)
{
	double p = fmin(fmax(centre, DRIFT_LEAST), 1 - DRIFT_LEAST);

	if (is_count(figure))
		return sqrt(centre + 1);
	return n > 0 ? fmax(sqrt(p * (1 - p) / (double)n), DRIFT_LEAST) : 1;
}

/* Set the range of D's figure from the BEFORE first days of H, for a day of N verdicts; false: too few days.
 */
static bool
usual_range(const struct history *h, size_t before, int64_t n, struct drift *d)
{
	double v[DRIFT_DAYS + 2], centre, spread;
	size_t k = 0, with_verdicts = 0;

	for (size_t i = 0; i < before; i++) {
		double x = figure_of(&h->days[i], d->figure);

		with_verdicts += h->days[i].verdicts > 0;
		if (!isnan(x))
			v[k++] = x;
	}
	if (k < DRIFT_DAYS_LEAST || with_verdicts < DRIFT_DAYS_LEAST)
		return false;
	centre = median(v, k);
	for (size_t i = 0; i < k; i++)
		v[i] = fabs(v[i] - centre);
	spread = DRIFT_SPREADS * fmax(MAD_TO_SIGMA * median(v, k), chance(d->figure, centre, n));
	d->low = fmax(0, centre - spread);
	d->high = is_count(d->figure) ? centre + spread : fmin(1, centre + spread);
	return true;
}

/* Return what the field NAME weighed in the mean comment of a day. */
static double
field_mean(const struct daily_row *d, const char *name)
{
	struct daily_fields f;

	daily_fields_read(&f, d->fields);
	for (size_t i = 0; d->sampled > 0 && i < f.n; i++) {
		if (strcmp(f.at[i].name, name) == 0)
			return f.at[i].sum / (double)d->sampled;
	}
	return 0;
}

/* Set the field of D that moved most on day DAY of H, against the median of the days before. */
static void
find_field(const struct history *h, size_t day, struct drift *d)
{
	double v[DRIFT_DAYS + 2], change;
	struct daily_fields now;
	size_t k;

	daily_fields_read(&now, h->days[day].fields);
	for (size_t i = 0; h->days[day].sampled > 0 && i < now.n; i++) {
		k = 0;
		for (size_t before = 0; before < day; before++) {
			if (h->days[before].sampled > 0)
				v[k++] = field_mean(&h->days[before], now.at[i].name);
		}
		change = now.at[i].sum / (double)h->days[day].sampled - median(v, k);
		if (k == 0 || fabs(change) <= fabs(d->moved))
			continue;
		d->moved = change;
		memcpy(d->field, now.at[i].name, sizeof(d->field));
	}
}

/* Append D to what was found. */
static int
keep(struct search *s, const struct drift *d)
{
	if (s->n == s->cap) {
		size_t cap = s->cap == 0 ? 16 : 2 * s->cap;
		struct drift *more = arena_alloc(s->a, cap * sizeof(*more));

		if (more == NULL)
			return err_set(s->err, ERR_NOMEM, "out of memory");
		if (s->n > 0)
			memcpy(more, s->found, s->n * sizeof(*more));
		s->found = more;
		s->cap = cap;
	}
	s->found[s->n] = *d;
	s->found[s->n].site = arena_copy(s->a, d->site, strlen(d->site));
	return s->found[s->n++].site != NULL ? 0 : err_set(s->err, ERR_NOMEM, "out of memory");
}

/* Look at day DAY of the site in hand. */
static int
judge_day(struct search *s, size_t day)
{
	const struct history *h = &s->site;
	const struct daily_row *row = &h->days[day];
	struct drift d;

	for (enum drift_figure figure = 0; figure < DRIFT_FIGURES; figure++) {
		d = (struct drift){ .site = row->site_name, .day = row->day, .figure = figure };
		d.value = figure_of(row, figure);
		if (isnan(d.value) || !usual_range(h, day, row->verdicts, &d))
			continue;
		if (d.value <= d.high && (d.value >= d.low || (row->day == s->today && is_count(figure))))
			continue;
		if (!is_count(figure))
			find_field(h, day, &d);
		d.model_changed = strcmp(row->model, h->days[day - 1].model) != 0 && row->verdicts > 0;
		if (keep(s, &d) == -1)
			return -1;
	}
	return 0;
}

/* Look at the last days of the site that was read, and make room for the next. */
static int
judge_site(struct search *s)
{
	struct history *h = &s->site;

	for (size_t i = 1; i < h->n; i++) {
		if (h->days[i].day >= s->today - 1 && judge_day(s, i) == -1)
			return -1;
	}
	h->n = 0;
	return 0;
}

/* Put a day of the site in hand after the others; days on which nothing came stand in between. */
static void
put_day(struct search *s, const struct daily_row *row)
{
	struct history *h = &s->site;
	struct daily_row quiet = *row, *last;

	quiet.verdicts = quiet.unsure = quiet.spam = quiet.corrections = quiet.measured = quiet.sampled = 0;
	quiet.fields = "";
	while (h->n > 0 && (last = &h->days[h->n - 1])->day + 1 < row->day && h->n < DRIFT_DAYS + 1) {
		quiet.day = last->day + 1;
		quiet.model = last->model;
		h->days[h->n++] = quiet;
	}
	if (h->n < DRIFT_DAYS + 2)
		h->days[h->n++] = *row;
}

/* Add the quiet days up to yesterday, which no row stands for, and judge. */
static int
end_site(struct search *s)
{
	struct history *h = &s->site;
	struct daily_row quiet;

	if (h->n == 0)
		return 0;
	if (h->days[h->n - 1].day < s->today - 1) {
		quiet = (struct daily_row){ .site_name = h->days[0].site_name,
			.site = h->days[0].site,
			.day = s->today - 1,
			.fields = "",
			.model = h->days[h->n - 1].model };
		put_day(s, &quiet);
	}
	return judge_site(s);
}

static int
take_day(const struct daily_row *row, void *arg)
{
	struct search *s = arg;
	struct daily_row copy = *row;

	if (row->day > s->today)
		return 0; /* a clock was wrong */
	if (s->site.n > 0 && s->site.days[0].site != row->site)
		s->rc = end_site(s);
	copy.site_name = arena_copy(s->a, row->site_name, strlen(row->site_name));
	copy.fields = arena_copy(s->a, row->fields, strlen(row->fields));
	copy.model = arena_copy(s->a, row->model, strlen(row->model));
	if (copy.site_name == NULL || copy.fields == NULL || copy.model == NULL)
		s->rc = err_set(s->err, ERR_NOMEM, "out of memory");
	if (s->rc == 0)
		put_day(s, &copy);
	return s->rc;
}

int
drift_find(struct engine *e, int64_t now_ms, struct arena *a, struct drift **out, size_t *n, struct err *err)
{
	struct err failed = { 0 };
	struct search s = { .e = e, .a = a, .today = now_ms / DAY_MS, .err = &failed };
	int rc = store_daily_walk(e->store, s.today - DRIFT_DAYS - 1, take_day, &s, err);

	if (rc == 0 && s.rc == 0)
		s.rc = end_site(&s);
	if (rc == 0 && s.rc == -1)
		rc = err_set(err, failed.code, "%s", failed.text);
	*out = s.found;
	*n = rc == 0 ? s.n : 0;
	return rc;
}

static void
put_date(struct buf *b, int64_t day)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, day * DAY_MS);
	buf_add(b, time, DATE_CHARS);
}

/* Append X, a figure of the kind of D's, in three digits; a large count in all that it has. */
static void
put_figure(const struct drift *d, double x, struct buf *b)
{
	if (is_count(d->figure))
		buf_addf(b, x >= COUNT_WHOLE ? "%.0f" : "%.3g", x);
	else
		buf_addf(b, "%.3g", 100 * x);
}

void
drift_text(const struct drift *d, struct buf *b)
{
	static const char *const what[DRIFT_FIGURES] = { "comments", "% spam", "% unsure",
		"% of the words unknown", "corrections" };

	buf_addf(b, "%s: ", d->site);
	put_figure(d, d->value, b);
	buf_addf(b, " %s on ", what[d->figure]);
	put_date(b, d->day);
	buf_add_str(b, ", usually ");
	put_figure(d, d->low, b);
	buf_add_str(b, " to ");
	put_figure(d, d->high, b);
	if (d->field[0] != '\0')
		buf_addf(b, "; the field %s moved most (%+.2f a comment)", d->field, d->moved);
	if (d->model_changed)
		buf_add_str(b, "; another model judges since");
}

void
drift_json(const struct drift *d, struct buf *b)
{
	json_open(b, '{');
	json_key(b, "site");
	json_put_str(b, d->site);
	json_key(b, "day");
	buf_add_char(b, '"');
	put_date(b, d->day);
	buf_add_char(b, '"');
	json_key(b, "figure");
	json_put_str(b, drift_figure_name(d->figure));
	json_key(b, "value");
	json_put_double(b, d->value, DIGITS);
	json_key(b, "low");
	json_put_double(b, d->low, DIGITS);
	json_key(b, "high");
	json_put_double(b, d->high, DIGITS);
	json_key(b, "field");
	json_put_str(b, d->field[0] != '\0' ? d->field : NULL);
	json_key(b, "moved");
	json_put_double(b, d->moved, DIGITS);
	json_key(b, "model_changed");
	json_put_bool(b, d->model_changed);
	json_close(b, '}');
}
