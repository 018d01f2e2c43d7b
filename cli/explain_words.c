#include "config.h"

#include <math.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/report.h"
#include "engine/check.h"

#define WRAP_COLUMNS 100
#define WRAP_UNSEEN 80 /* where there is no terminal */

double
explain_threshold(const struct explanation *x)
{
	return x->site_spam > 0 ? x->site_spam : x->model_spam;
}

/* Append a share or probability: "95.5 %", "over 99.99 %". */
static void
put_percent(struct buf *b, double p)
{
	double percent = 100 * p;

	if (percent > 99.99 && percent < 100)
		buf_add_str(b, "over 99.99 %");
	else if (percent > 0 && percent < 0.01)
		buf_add_str(b, "under 0.01 %");
	else if (fabs(percent - round(percent)) < 1e-9)
		buf_addf(b, "%.0f %%", percent);
	else
		buf_addf(b, percent < 1 || percent > 99 ? "%.2f %%" : "%.1f %%", percent);
}

/* -- The verdict -- */

static const char *
probability_in_words(double p)
{
	static const struct {
		double from;
		const char *words;
	} steps[] = {
		{ 0.999, "almost certainly spam" },
		{ 0.95, "very probably spam" },
		{ 0.8, "probably spam" },
		{ 0.6, "more likely spam than not" },
		{ 0.4, "as likely spam as not" },
		{ 0.2, "more likely not spam" },
		{ 0.05, "probably not spam" },
		{ 0.001, "very probably not spam" },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (p >= steps[i].from)
			return steps[i].words;
	return "almost certainly not spam";
}

static void
say_forced(const struct explanation *x, struct buf *b)
{
	buf_addf(b, "Judged %s without asking the classifier, because ", verdict_name(x->row.verdict));
	if (strcmp(x->row.forced, "administrator") == 0) {
		buf_add_str(b, "the blog said that an administrator wrote it");
	} else if (strcmp(x->row.forced, "guaranteed-spam") == 0) {
		buf_add_str(
		    b, "it carries the name or the address that clients use to test that spam is found");
	} else {
		text_safe(b, slice_of(x->row.forced));
	}
	buf_add_str(b, ". No word of it and no threshold had a part in that.");
}

/* A rule decided; what the classifier thought is told all the same. */
static void
say_rule(const struct explanation *x, struct buf *b)
{
	if (x->row.verdict == VERDICT_UNSURE)
		buf_add_str(b, "Held for somebody to look at");
	else
		buf_addf(b, "Judged %s", verdict_name(x->row.verdict));
	buf_add_str(b, " because the owner's rule \xe2\x80\x9c");
	text_safe(b, slice_of(check_rule(x->row.forced)));
	buf_addf(b, "\xe2\x80\x9d says so, whatever the classifier makes of it: %s by that. ",
	    probability_in_words(x->row.probability));
}

static void
say_verdict(const struct explanation *x, struct buf *b)
{
	double p = x->row.probability;

	if (x->row.verdict == VERDICT_UNSURE)
		buf_add_str(b, "Hamlet is unsure");
	else
		buf_addf(b, "Judged %s", verdict_name(x->row.verdict));
	buf_addf(b, ": %s. ", probability_in_words(p));
}

/* -- The threshold -- */

/* Append a distance between probabilities: "4.5 points". */
static void
put_points(struct buf *b, double distance)
{
	double points = 100 * fabs(distance);

	if (points < 0.01)
		buf_add_str(b, "less than 0.01 points");
	else
		buf_addf(b, points < 1 ? "%.2f points" : "%.1f points", points);
}

static void
put_threshold_name(const struct explanation *x, struct buf *b)
{
	buf_addf(b, "%s threshold of ", x->site_spam > 0 ? "the site's own" : "the model's");
	put_percent(b, explain_threshold(x));
	if (x->site_spam > 0 && x->model_spam > 0) {
		buf_add_str(b, " (the model's is ");
		put_percent(b, x->model_spam);
		buf_add_char(b, ')');
	}
}

static bool
has_field(const struct explanation *x, const char *name)
{
	for (size_t i = 0; i < x->nfields; i++)
		if (slice_is(x->fields[i].name, name))
			return true;
	return false;
}

/* Return whether it would be spam, but nothing that it says or names was seen before, and no rule spoke. */
static bool
is_only_unheard_of(const struct explanation *x)
{
	static const char *const telling[] = { "word", "url", "author", "email", "site", "own", "rule" };
	double spam = explain_threshold(x);

	if (x->row.verdict != VERDICT_UNSURE || spam <= 0 || x->row.probability < spam ||
	    x->incomplete != NULL)
		return false;
	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++)
		if (has_field(x, telling[i]))
			return false;
	return true;
}

/* Return whether it would be spam, but for the sake of those whose browser fills in what they don't see. */
static bool
is_only_trapped(const struct explanation *x)
{
	double spam = explain_threshold(x);

	return x->row.verdict == VERDICT_UNSURE && spam > 0 && x->row.probability >= spam &&
	    has_field(x, CHECK_FIELD_HONEYPOT);
}

/* Say why a comment that isn't probable enough for it was left unsure. */
static void
say_held_back(const struct explanation *x, struct buf *b)
{
	buf_add_str(b, "By that alone it would be ham, but ");
	if (x->incomplete == NULL && !has_field(x, "word"))
		buf_add_str(b, "it has no word that was seen before, and what isn't known isn't trusted. ");
	else
		buf_add_str(b, "too little of it is known for that. ");
}

bool
explain_threshold_counted(const struct explanation *x)
{
	double spam = explain_threshold(x), p = x->row.probability;

	if (x->row.forced[0] != '\0' || spam <= 0)
		return false;
	switch (x->row.verdict) {
	case VERDICT_SPAM:
		return p >= spam;
	case VERDICT_UNSURE:
		return p < spam;
	case VERDICT_HAM:
		return p < spam && p < x->unsure;
	}
	return false;
}

static void
say_threshold(const struct explanation *x, struct buf *b)
{
	double spam = explain_threshold(x), p = x->row.probability;

	buf_add_str(b, "The probability of spam is ");
	put_percent(b, p);
	if (spam <= 0) {
		buf_add_str(b, "; which threshold counted then is no longer known. ");
		return;
	}
	if (is_only_unheard_of(x)) {
		buf_add_str(b,
		    ", enough for spam, but nothing that it says or names was seen before, and who is to say "
		    "then? ");
		return;
	}
	if (is_only_trapped(x)) {
		buf_add_str(b,
		    ", enough for spam, but without the hidden field that was filled in it would "
		    "more likely be good, and a browser can do that. ");
		return;
	}
	if (!explain_threshold_counted(x)) {
		buf_addf(b, "; the thresholds have changed since, those in force then made it %s. ",
		    verdict_name(x->row.verdict));
		return;
	}
	buf_add_str(b, ", ");
	put_points(b, p - spam);
	buf_add_str(b, x->row.verdict == VERDICT_SPAM ? " over " : " short of ");
	put_threshold_name(x, b);
	if (x->row.verdict == VERDICT_UNSURE && p >= x->unsure) {
		buf_add_str(b, ", but doubt begins at ");
		put_percent(b, x->unsure);
	} else if (x->row.verdict == VERDICT_HAM) {
		buf_add_str(b, ", and below ");
		put_percent(b, x->unsure);
		buf_add_str(b, ", where doubt begins");
	}
	buf_add_str(b, ". ");
	if (x->row.verdict == VERDICT_UNSURE && p < x->unsure)
		say_held_back(x, b);
}

/* -- The comment and the model -- */

static void
say_disguises(const struct explanation *x, struct buf *b)
{
	size_t n = json_length(x->disguises);

	if (n == 0)
		return;
	buf_add_str(b, "It was written in disguise, which was undone before it was judged: ");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_str(b, i + 1 == n ? " and " : ", ");
		text_safe(b, json_text(json_item(x->disguises, i)));
	}
	buf_add_str(b, ". ");
}

static const char *
known_in_words(double share)
{
	return share <= 0 ? "nothing"
	    : share < 0.2 ? "little"
	    : share < 0.5 ? "less than half"
	    : share < 0.8 ? "more than half"
			  : "nearly all";
}

static void
say_model(const struct explanation *x, struct buf *b)
{
	buf_addf(b, "Model %.*s", REPORT_ID_DIGITS, x->row.model);
	if (x->spam >= 0)
		buf_addf(b, ", which has learnt from %lld spam and %lld ham comments,", (long long)x->spam,
		    (long long)x->ham);
	if (isnan(x->known)) {
		buf_add_str(b, " judged it.");
		return;
	}
	buf_addf(b, " knew %s of this one", known_in_words(x->known));
	if (x->known > 0 && x->known < 1) {
		buf_add_str(b, ": ");
		put_percent(b, x->known);
		buf_add_str(b, " of its tokens");
	}
	buf_add_char(b, '.');
}

void
explain_summary(const struct explanation *x, struct buf *b)
{
	if (check_unasked(x->row.forced)) {
		say_forced(x, b);
		return;
	}
	if (check_rule(x->row.forced) != NULL) {
		say_rule(x, b);
	} else {
		say_verdict(x, b);
		say_threshold(x, b);
	}
	explain_evidence(x, b);
	say_disguises(x, b);
	say_model(x, b);
}

/* -- Lines -- */

void
explain_wrap(const struct out *out, struct slice text)
{
	size_t columns = out->width == 0 ? WRAP_UNSEEN
	    : out->width > WRAP_COLUMNS	 ? WRAP_COLUMNS
					 : out->width;
	size_t taken = 0, n, width;
	const char *end;

	for (; text.n > 0; text.p += n, text.n -= n) {
		end = memchr(text.p, ' ', text.n);
		n = end == NULL ? text.n : (size_t)(end - text.p) + 1;
		width = text_width((struct slice){ text.p, end == NULL ? n : n - 1 });
		if (width == 0)
			continue;
		if (taken > 0 && taken + 1 + width > columns) {
			fputc('\n', out->file);
			taken = 0;
		}
		fprintf(out->file, "%s%.*s", taken > 0 ? " " : "", (int)(end == NULL ? n : n - 1), text.p);
		taken += width + (taken > 0);
	}
	fputc('\n', out->file);
}
