#include "config.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/timetext.h"
#include "classifier/evidence.h"
#include "corpus/comment_json.h"
#include "engine/check.h"
#include "engine/fingerprint.h"
#include "engine/outlook.h"
#include "store/chain.h"

#define EVIDENCE_USUAL 1023 /* bytes that most comments' packed evidence fits into */
#define KNOWN_DIGITS 3
#define PROBABILITY_DIGITS 17 /* gives back the same double */
#define FORCED_DOUBT 2e-9 /* near the probability of JUDGEMENT_LOG_ODDS_MAX */

/* Fill *J for a comment whose verdict stands without looking at it. */
static void
judge_forced(enum verdict verdict, struct judgement *j)
{
	double p = verdict == VERDICT_SPAM ? 1 - FORCED_DOUBT : FORCED_DOUBT;

	*j = (struct judgement){ .verdict = verdict, .probability = p };
	j->log_odds = log(p) - log1p(-p);
	j->prior = j->log_odds;
}

/* As check_opinion(), of the comment that C has read. */
static int
opinion(struct classifier *c, const struct model *model, const struct site *site, const struct outlook *o,
    struct judgement *j, struct err *err)
{
	struct place place = { .site = (uint64_t)site->id,
		.has_prior = site->spam_share > 0,
		.spam_threshold = site->spam_threshold };

	if (place.has_prior)
		place.prior = place_prior(model, site->spam_share);
	if (o != NULL) {
		place.outside = o->outside;
		place.noutside = o->n;
		place.outside_counts = o->told;
	}
	if (classify_read(c, model, &place, j, err) == -1)
		return -1;
	if (o != NULL)
		outlook_settle(o, j);
	return 0;
}

int
check_opinion(struct classifier *c, const struct model *model, const struct site *site,
    const struct comment *comment, const struct outlook *o, struct judgement *j, struct err *err)
{
	if (classifier_read(c, comment, FIELDS_ALL, err) == -1)
		return -1;
	return opinion(c, model, site, o, j, err);
}

/* Set *WHY to what goes into the row's "forced" for RULE, in A. */
static int
name_rule(const struct rule *rule, struct arena *a, const char **why, struct err *err)
{
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	buf_add_str(&b, CHECK_FORCED_RULE);
	buf_add_str(&b, rule_info(rule).name);
	*why = buf_ok(&b) ? arena_copy(a, b.p, b.n) : NULL;
	buf_fini(&b);
	return *why != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for a check");
}

/* Return whether REQUEST's verdict is forced, and no rule of O stands over that. */
static bool
stays_forced(const struct check_request *request, const struct outlook *o)
{
	const struct rule *rule = o->hits.decisive;

	return request->forced != NULL &&
	    (rule == NULL || (request->overruled & CHECK_BY(rule_info(rule).action)) == 0);
}

/* Return whether REQUEST's comment is looked at, which takes reading it. */
static bool
is_asked(const struct check_request *request)
{
	return request->forced == NULL || request->overruled != 0;
}

static int
judge(struct classifier *c, const struct model *model, const struct check_request *request, int64_t now_ms,
    struct arena *a, struct judgement *j, const char **forced, struct err *err)
{
	bool asked = is_asked(request);
	struct outlook *o = NULL;

	*forced = request->forced != NULL ? request->forced : "";
	if (asked &&
	    (classifier_read(c, request->comment, FIELDS_ALL, err) == -1 ||
		outlook_now(&o, request, classifier_text(c), now_ms, a, err) == -1))
		return -1;
	if (!asked || stays_forced(request, o)) {
		judge_forced(request->forced_verdict, j);
		return 0;
	}
	if (opinion(c, model, request->site, o, j, err) == -1)
		return -1;
	if (o->hits.decisive != NULL && name_rule(o->hits.decisive, a, forced, err) == -1)
		return -1;
	outlook_note(o, request, j, now_ms);
	return 0;
}

bool
check_unasked(const char *forced)
{
	return forced[0] != '\0' && check_rule(forced) == NULL;
}

const char *
check_rule(const char *forced)
{
	size_t n = strlen(CHECK_FORCED_RULE);

	return strncmp(forced, CHECK_FORCED_RULE, n) == 0 ? forced + n : NULL;
}

int
check_judge(struct classifier *c, const struct model *model, const struct check_request *request,
    int64_t now_ms, struct arena *a, struct verdict_row *row, struct judgement *judgement, struct err *err)
{
	const char *forced;
	struct buf evidence;

	if (judge(c, model, request, now_ms, a, judgement, &forced, err) == -1)
		return -1;
	*row = (struct verdict_row){
		.time_ms = now_ms,
		.site = request->site->id,
		.site_name = arena_copy(a, request->site->name, strlen(request->site->name)),
		.client = request->client,
		.model = arena_copy(a, model_info(model)->id, MODEL_ID_BYTES - 1),
		.probability = judgement->probability,
		.prior = judgement->prior,
		.known = check_unasked(forced) ? NAN : judgement->known,
		.verdict = judgement->verdict,
		.discard = judgement->verdict == VERDICT_SPAM &&
		    judgement->probability >= request->discard_threshold,
		.test = request->test,
		.forced = forced,
		.occasion = request->occasion != NULL ? request->occasion : "",
		.fingerprint = comment_fingerprint_of(
		    request->comment, is_asked(request) ? classifier_text(c) : (struct slice){ NULL, 0 }),
		.comment = *request->comment,
	};
	buf_init(&evidence, BUF_NO_LIMIT);
	buf_reserve(&evidence, EVIDENCE_USUAL); /* or it would grow step by step in every check */
	evidence_pack(c, judgement, CHECK_EVIDENCE_TOP, &evidence);
	row->evidence.n = evidence.n;
	row->evidence.p = buf_ok(&evidence) ? arena_copy(a, evidence.p, evidence.n) : NULL;
	buf_fini(&evidence);
	if (row->evidence.p == NULL || row->model == NULL || row->site_name == NULL || row->fingerprint == 0)
		return err_set(err, ERR_NOMEM, "out of memory for a check");
	return 0;
}

/* Append which parts of ROW were erased, if any were. */
static void
put_gone(const struct verdict_row *row, struct buf *b)
{
	static const char *const names[PARTS] = { "content", "person", "addresses", NULL, "evidence" };

	if (row->gone == 0)
		return;
	json_key(b, "erased");
	json_open(b, '[');
	for (int i = 0; i < PARTS; i++) {
		if ((row->gone & PART_SET(i)) != 0 && names[i] != NULL)
			json_put_str(b, names[i]);
	}
	json_close(b, ']');
}

/* Append what only the record shows: "whole" in check.h. */
static void
put_record(const struct verdict_row *row, struct buf *b)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, row->time_ms);
	json_key(b, "time");
	json_put_str(b, time);
	json_key(b, "site");
	json_put_str(b, row->site_name);
	json_key(b, "client");
	json_put_str(b, row->client);
	json_key(b, "forced");
	json_put_str(b, row->forced);
	json_key(b, "occasion");
	json_put_str(b, row->occasion);
	json_key(b, "test");
	json_put_bool(b, row->test);
	json_key(b, "comment");
	json_open(b, '{');
	comment_to_json(&row->comment, b);
	json_close(b, '}');
	put_gone(row, b);
}

void
verdict_json(const struct verdict_row *row, struct slice evidence, bool whole, struct buf *b)
{
	json_open(b, '{');
	if (row->id[0] != '\0') {
		json_key_plain(b, "id");
		json_put_str(b, row->id);
	}
	json_key_plain(b, "verdict");
	json_put_str(b, verdict_name(row->verdict));
	json_key_plain(b, "discard");
	json_put_bool(b, row->discard);
	json_key_plain(b, "probability");
	json_put_double(b, row->probability, PROBABILITY_DIGITS);
	json_key_plain(b, "prior");
	json_put_double(b, row->prior, PROBABILITY_DIGITS);
	if (!isnan(row->known)) {
		json_key_plain(b, "known");
		json_put_double(b, row->known, KNOWN_DIGITS);
	}
	json_key_plain(b, "model");
	json_put_str(b, row->model);
	if (check_rule(row->forced) != NULL) {
		json_key_plain(b, "rule");
		json_put_str(b, check_rule(row->forced));
	}
	if (whole)
		put_record(row, b);
	if (evidence.p != NULL) {
		json_key_plain(b, "evidence");
		json_put_raw(b, evidence);
	}
	json_close(b, '}');
}
