#include "config.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/timetext.h"
#include "corpus/comment_json.h"
#include "engine/check.h"
#include "engine/fingerprint.h"

#define WEIGHT_DIGITS 12
#define KNOWN_DIGITS 3
#define PROBABILITY_DIGITS 17 /* gives back the same double */
#define FORCED_DOUBT 2e-9 /* near the probability of JUDGEMENT_LOG_ODDS_MAX */

void
check_evidence_json(const struct classifier *c, struct judgement *j, size_t max, struct buf *b)
{
	size_t n = judgement_rank(j, max);
	struct buf name;

	buf_init(&name, BUF_NO_LIMIT);
	json_open(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_clear(&name);
		classifier_token_name(c, &j->evidence[i], &name);
		b->failed = b->failed || !buf_ok(&name);
		json_open(b, '{');
		json_key(b, "field");
		json_put_str(b, j->evidence[i].field);
		json_key(b, "token");
		json_put_slice(b, buf_slice(&name));
		json_key(b, "weight");
		json_put_double(b, j->evidence[i].weight, WEIGHT_DIGITS);
		json_close(b, '}');
	}
	json_close(b, ']');
	buf_fini(&name);
}

/* Fill *J for a comment whose verdict stands without looking at it. */
static void
judge_forced(const char *why, struct judgement *j)
{
	bool spam = strcmp(why, "guaranteed-spam") == 0;
	double p = spam ? 1 - FORCED_DOUBT : FORCED_DOUBT;

	*j = (struct judgement){ .verdict = spam ? VERDICT_SPAM : VERDICT_HAM, .probability = p };
	j->log_odds = log(p) - log1p(-p);
	j->prior = j->log_odds;
}

/* Let the site's own threshold decide, if it has one. */
static void
decide_for_site(const struct site *site, const struct model *model, struct judgement *j)
{
	double spam = site->spam_threshold, unsure = model_info(model)->unsure_threshold;

	if (spam <= 0)
		return;
	if (j->probability >= spam)
		j->verdict = VERDICT_SPAM;
	else if (j->verdict == VERDICT_SPAM || j->probability >= unsure)
		j->verdict = VERDICT_UNSURE;
}

/* Fill *PLACE with where a comment of SITE is judged. */
static void
place_of(const struct site *site, const struct model *model, struct place *place)
{
	*place = (struct place){ .site = (uint64_t)site->id, .has_prior = site->spam_share > 0 };
	if (place->has_prior)
		place->prior = place_prior(model, site->spam_share);
}

int
check_opinion(struct classifier *c, const struct model *model, const struct site *site,
    const struct comment *comment, struct judgement *j, struct err *err)
{
	struct place place;

	place_of(site, model, &place);
	if (classify_at(c, model, comment, FIELDS_ALL, &place, j, err) == -1)
		return -1;
	decide_for_site(site, model, j);
	return 0;
}

static int
judge(struct classifier *c, const struct model *model, const struct check_request *request,
    struct judgement *j, struct err *err)
{
	if (request->forced == NULL)
		return check_opinion(c, model, request->site, request->comment, j, err);
	judge_forced(request->forced, j);
	return 0;
}

int
check_judge(struct classifier *c, const struct model *model, const struct check_request *request,
    int64_t now_ms, struct ulid_source *ids, struct arena *a, struct verdict_row *row,
    struct judgement *judgement, struct err *err)
{
	struct buf evidence;

	if (judge(c, model, request, judgement, err) == -1)
		return -1;
	*row = (struct verdict_row){
		.time_ms = now_ms,
		.site = request->site->id,
		.site_name = arena_copy(a, request->site->name, strlen(request->site->name)),
		.client = request->client,
		.model = arena_copy(a, model_info(model)->id, MODEL_ID_BYTES - 1),
		.probability = judgement->probability,
		.prior = judgement->prior,
		.known = request->forced != NULL ? NAN : judgement->known,
		.verdict = judgement->verdict,
		.discard = judgement->verdict == VERDICT_SPAM &&
		    judgement->probability >= request->discard_threshold,
		.test = request->test,
		.forced = request->forced != NULL ? request->forced : "",
		.fingerprint = comment_fingerprint(request->comment),
		.comment = *request->comment,
	};
	buf_init(&evidence, BUF_NO_LIMIT);
	check_evidence_json(c, judgement, CHECK_EVIDENCE_TOP, &evidence);
	row->evidence = buf_ok(&evidence) ? arena_copy(a, evidence.p, evidence.n) : NULL;
	buf_fini(&evidence);
	if (row->evidence == NULL || row->model == NULL || row->site_name == NULL || row->fingerprint == 0)
		return err_set(err, ERR_NOMEM, "out of memory for a check");
	ulid_next(ids, (uint64_t)now_ms, row->id);
	return 0;
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
	json_key(b, "test");
	json_put_bool(b, row->test);
	json_key(b, "comment");
	json_open(b, '{');
	comment_to_json(&row->comment, b);
	json_close(b, '}');
}

void
verdict_json(const struct verdict_row *row, struct slice evidence, bool whole, struct buf *b)
{
	json_open(b, '{');
	if (row->id[0] != '\0') {
		json_key(b, "id");
		json_put_str(b, row->id);
	}
	json_key(b, "verdict");
	json_put_str(b, verdict_name(row->verdict));
	json_key(b, "discard");
	json_put_bool(b, row->discard);
	json_key(b, "probability");
	json_put_double(b, row->probability, PROBABILITY_DIGITS);
	json_key(b, "prior");
	json_put_double(b, row->prior, PROBABILITY_DIGITS);
	if (!isnan(row->known)) {
		json_key(b, "known");
		json_put_double(b, row->known, KNOWN_DIGITS);
	}
	json_key(b, "model");
	json_put_str(b, row->model);
	if (whole)
		put_record(row, b);
	if (evidence.p != NULL) {
		json_key(b, "evidence");
		json_put_raw(b, evidence);
	}
	json_close(b, '}');
}
