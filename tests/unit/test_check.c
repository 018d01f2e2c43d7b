#include "config.h"

#include <math.h>

#include "base/json.h"
#include "classifier/evidence.h"
#include "engine/check.h"
#include "engine/outlook.h"
#include "engine_fixture.h"

static const struct site plain = { .id = SITE_DEFAULT, .name = "default", .url = "" };

struct checked {
	struct verdict_row row;
	struct judgement judgement;
	struct classifier *classifier;
	struct model *model;
};

static struct checked
check(struct world *w, const struct check_request *request)
{
	struct checked c;
	struct err err;

	c.model = world_model(w, NULL);
	assert_int_equal(classifier_new(&c.classifier, &err), 0);
	if (check_judge(c.classifier, c.model, request, w->now_ms, w->arena, &c.row, &c.judgement, &err) ==
	    -1)
		fail_msg("%s", err.text);
	ulid_next(&w->ids, (uint64_t)w->now_ms, c.row.id);
	return c;
}

static void
end(struct checked *c)
{
	classifier_free(c->classifier);
	model_unref(c->model);
}

static struct json *
parse(const struct buf *b)
{
	struct json *j;
	struct err err;

	assert_true(buf_ok(b));
	if (json_parse(&j, b->p, b->n, &err) == -1)
		fail_msg("%s in %s", err.text, b->p);
	return j;
}

static double
logit(double p)
{
	return log(p) - log1p(-p);
}

static double
sum_of(const struct json *evidence)
{
	double sum = 0;

	for (size_t i = 0; i < json_length(evidence); i++) {
		const struct json *item = json_item(evidence, i);

		assert_int_equal(json_type_of(json_member(item, "field")), JSON_TEXT);
		assert_int_equal(json_type_of(json_member(item, "token")), JSON_TEXT);
		sum += json_number(json_member(item, "weight"), NAN);
	}
	return sum;
}

/* What is written adds up: all evidence + prior = logit(probability). */
static void
assert_adds_up(struct checked *c)
{
	struct json *evidence, *whole;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	evidence_list(c->classifier, &c->judgement, SIZE_MAX, &b);
	evidence = parse(&b);
	assert_int_equal(json_length(evidence), c->judgement.nevidence);
	buf_clear(&b);
	verdict_json(&c->row, (struct slice){ NULL, 0 }, false, &b);
	whole = parse(&b);
	assert_true(fabs(sum_of(evidence) + json_number(json_member(whole, "prior"), NAN) -
			logit(json_number(json_member(whole, "probability"), NAN))) < 1e-6);
	json_free(evidence);
	json_free(whole);
	buf_fini(&b);
}

static void
test_evidence_adds_up(void **state)
{
	static const char *const texts[] = { "", "hello",
		"I tried this with my garden, thank you for writing it up",
		"Cheap pills and casino bonus, click <a href=\"http://win3.example/x\">here</a> now!!!",
		"\xff\xfe\x80 \xed\xa0\x80 not UTF-8 \x01\x02 casino",
		"зеркало 谢谢 \xf0\x9f\x91\x8d ｆｕｌｌ" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct comment comment = comment_of("Casino 7", texts[i]);
		const struct check_request request = {
			.comment = &comment, .site = &plain, .client = "native"
		};
		struct checked c = check(w, &request);

		assert_adds_up(&c);
		end(&c);
	}
}

static void
test_long_evidence(void **state)
{
	struct comment c = { 0 };
	struct world *w = *state;
	const struct check_request request = { .comment = &c, .site = &plain, .client = "native" };
	struct checked done;
	struct buf text, b;
	struct json *top;
	struct err err;

	buf_init(&text, BUF_NO_LIMIT);
	for (int i = 0; i < 400; i++)
		buf_addf(&text, "casino bonus %d garden day %d pills thank you http://win%d.example/x ", i, i,
		    i % 60);
	c.field[COMMENT_CONTENT] = buf_slice(&text);
	done = check(w, &request);
	assert_true(done.judgement.nevidence > CHECK_EVIDENCE_TOP);
	assert_adds_up(&done);
	buf_init(&b, BUF_NO_LIMIT);
	assert_int_equal(evidence_json(done.row.evidence, &b, &err), 0);
	top = parse(&b);
	assert_int_equal(json_length(top), CHECK_EVIDENCE_TOP);
	assert_true(fabs(json_number(json_member(json_item(top, 0), "weight"), 0)) >=
	    fabs(json_number(json_member(json_item(top, CHECK_EVIDENCE_TOP - 1), "weight"), 0)));
	json_free(top);
	buf_fini(&b);
	buf_fini(&text);
	end(&done);
}

static void
test_row(void **state)
{
	struct world *w = *state;
	const struct comment spam = comment_of("Casino 3", "Cheap pills and casino bonus, click here now!!!");
	const struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	struct check_request request = {
		.comment = &spam, .site = &plain, .client = "akismet", .test = true, .discard_threshold = 0.5
	};
	struct checked c = check(w, &request);

	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	assert_true(c.row.discard);
	assert_true(c.row.test);
	assert_true(ulid_valid(c.row.id, strlen(c.row.id)));
	assert_string_equal(c.row.model, model_info(c.model)->id);
	assert_string_equal(c.row.client, "akismet");
	assert_string_equal(c.row.forced, "");
	assert_int_equal(c.row.time_ms, w->now_ms);
	assert_true(c.row.fingerprint != 0);
	end(&c);
	request.discard_threshold = 1.1;
	c = check(w, &request);
	assert_false(c.row.discard);
	end(&c);
	request.comment = &ham;
	request.discard_threshold = 0;
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_HAM);
	assert_false(c.row.discard); /* only spam is ever discarded */
	end(&c);
}

static void
test_site_threshold(void **state)
{
	struct world *w = *state;
	const struct comment spam = comment_of("Casino 3", "Cheap pills and casino bonus, click here now!!!");
	const struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	struct site site = plain;
	struct check_request request = { .comment = &spam, .site = &site, .client = "native" };
	struct checked c;

	site.spam_threshold = 0.9999999999;
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_UNSURE);
	assert_int_equal(c.judgement.verdict, VERDICT_UNSURE);
	end(&c);
	site.spam_threshold = 1e-12;
	request.comment = &ham;
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	end(&c);
}

static void
test_forced(void **state)
{
	struct world *w = *state;
	const struct comment comment = comment_of("x", "Cheap casino pills");
	struct check_request request = { .comment = &comment,
		.site = &plain,
		.client = "akismet",
		.forced = "administrator",
		.discard_threshold = 0.9 };
	struct checked c = check(w, &request);

	assert_int_equal(c.row.verdict, VERDICT_HAM);
	assert_true(c.row.probability > 0 && c.row.probability < 1e-8);
	assert_int_equal(c.row.evidence.n, 0);
	assert_string_equal(c.row.forced, "administrator");
	assert_adds_up(&c);
	assert_string_equal(c.row.occasion, "");
	end(&c);
	request.forced = "guaranteed-spam";
	request.forced_verdict = VERDICT_SPAM;
	request.occasion = "retry";
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	assert_string_equal(c.row.occasion, "retry");
	assert_true(c.row.probability < 1 && c.row.probability > 1 - 1e-8);
	assert_true(c.row.discard);
	assert_adds_up(&c);
	end(&c);
}

/* What is recorded says the same as what is shown at once, to the last digit; what isn't evidence is refused.
 */
static void
test_recorded_evidence(void **state)
{
	struct world *w = *state;
	struct comment comment = comment_of("Sam", "casino bonus \"pills\" are what my garden needs \x07");
	const struct check_request request = { .comment = &comment, .site = &plain, .client = "native" };
	struct checked c = check(w, &request);
	struct buf shown, recorded;
	struct err err;

	buf_init(&shown, BUF_NO_LIMIT);
	buf_init(&recorded, BUF_NO_LIMIT);
	evidence_list(c.classifier, &c.judgement, CHECK_EVIDENCE_TOP, &shown);
	assert_int_equal(evidence_json(c.row.evidence, &recorded, &err), 0);
	assert_string_equal(buf_str(&recorded), buf_str(&shown));
	assert_true(c.row.evidence.n > 0);
	for (size_t n = 1; n < 20; n++) {
		buf_clear(&recorded);
		assert_int_equal(evidence_json((struct slice){ c.row.evidence.p, c.row.evidence.n - n },
				     &recorded, &err) == 0 &&
			recorded.n >= shown.n,
		    0);
	}
	buf_clear(&recorded);
	assert_int_equal(evidence_json(slice_of("\x20 that is none"), &recorded, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	buf_clear(&recorded);
	assert_int_equal(evidence_json(slice_of("[{\"field\":\"word\"}]"), &recorded, &err), 0);
	assert_string_equal(buf_str(&recorded), "[{\"field\":\"word\"}]");
	assert_int_equal(evidence_json(slice_of("[{\"field\""), &recorded, &err), -1);
	assert_int_equal(err.code, ERR_DAMAGED);
	buf_clear(&recorded);
	assert_int_equal(evidence_json((struct slice){ NULL, 0 }, &recorded, &err), 0);
	assert_string_equal(buf_str(&recorded), "[]");
	buf_fini(&shown);
	buf_fini(&recorded);
	end(&c);
}

static void
test_json(void **state)
{
	struct world *w = *state;
	struct comment comment = comment_of("A \"quoted\" <name>", "casino \x07 bell");
	const struct check_request request = { .comment = &comment, .site = &plain, .client = "native" };
	struct checked c = check(w, &request);
	struct json *j;
	struct buf b;

	buf_init(&b, BUF_NO_LIMIT);
	verdict_json(&c.row, slice_of("[]"), false, &b);
	j = parse(&b);
	assert_true(slice_is(json_text(json_member(j, "id")), c.row.id));
	assert_true(slice_is(json_text(json_member(j, "verdict")), verdict_name(c.row.verdict)));
	assert_int_equal(json_type_of(json_member(j, "discard")), JSON_BOOL);
	assert_true(
	    memcmp(&(double){ json_number(json_member(j, "probability"), 0) }, &c.row.probability, 8) == 0);
	assert_true(slice_is(json_text(json_member(j, "model")), c.row.model));
	assert_int_equal(json_type_of(json_member(j, "evidence")), JSON_LIST);
	assert_int_equal(json_type_of(json_member(j, "time")), JSON_ABSENT);
	assert_int_equal(json_type_of(json_member(j, "comment")), JSON_ABSENT);
	json_free(j);

	buf_clear(&b);
	verdict_json(&c.row, (struct slice){ NULL, 0 }, true, &b);
	j = parse(&b);
	assert_int_equal(json_type_of(json_member(j, "evidence")), JSON_ABSENT);
	assert_int_equal(json_type_of(json_member(j, "time")), JSON_TEXT);
	assert_true(slice_is(json_text(json_member(j, "site")), "default"));
	assert_true(slice_is(json_text(json_member(j, "client")), "native"));
	assert_true(
	    slice_is(json_text(json_member(json_member(j, "comment"), "author")), "A \"quoted\" <name>"));
	assert_int_equal(json_type_of(json_member(j, "test")), JSON_BOOL);
	json_free(j);

	c.row.id[0] = '\0'; /* never recorded */
	buf_clear(&b);
	verdict_json(&c.row, (struct slice){ NULL, 0 }, false, &b);
	j = parse(&b);
	assert_int_equal(json_type_of(json_member(j, "id")), JSON_ABSENT);
	json_free(j);
	buf_fini(&b);
	end(&c);
}

/* A recorded verdict, explained by the model that gave it, though another is current by now. */
static void
test_recompute(void **state)
{
	struct world *w = *state;
	const struct comment comment = comment_of(
	    "Casino 3", "Cheap pills and casino bonus, click here now!!!");
	struct check_request request = { .comment = &comment, .site = &plain, .client = "native" };
	struct checked c = check(w, &request);
	struct verdict_row row;
	struct buf then, now;
	double probability;
	struct err err;

	assert_int_equal(store_verdict_add(w->e->store, &c.row, &err), 0);
	world_say(w, "casino bonus pills are what my garden needs", LABEL_HAM);
	assert_int_equal(world_learn(w), 1);
	buf_init(&then, BUF_NO_LIMIT);
	buf_init(&now, BUF_NO_LIMIT);
	evidence_list(c.classifier, &c.judgement, SIZE_MAX, &then);
	assert_int_equal(store_verdict_get(w->e->store, c.row.id, w->arena, &row, &err), 0);
	assert_int_equal(check_recompute(w->e, &row, &now, &probability, &err), 0);
	assert_string_equal(buf_str(&now), buf_str(&then));
	assert_memory_equal(&probability, &row.probability, sizeof(probability));

	row.forced = "administrator";
	buf_clear(&now);
	assert_int_equal(check_recompute(w->e, &row, &now, &probability, &err), 0);
	assert_string_equal(buf_str(&now), "[]");
	row.forced = "";
	row.model = "0000000000000000000000000000000000000000000000000000000000000000";
	assert_int_equal(check_recompute(w->e, &row, &now, &probability, &err), -1);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	buf_fini(&then);
	buf_fini(&now);
	end(&c);
}

/* -- The owner's rules, and bursts -- */

static struct rules *
rules_of(struct world *w, const char *text)
{
	struct rules *r;
	struct err err;
	char path[128];

	snprintf(path, sizeof(path), "%s/rules.conf", w->state);
	write_text(path, text);
	if (rules_load(&r, w->state, &err) == -1)
		fail_msg("%s", err.text);
	return r;
}

/* Return the weight of the recorded evidence FIELD TOKEN, NaN if it isn't recorded. */
static double
recorded(const struct verdict_row *row, const char *field, const char *token)
{
	struct slice rest = row->evidence;
	struct evidence_piece e;
	double weight = NAN;
	int rc;

	while ((rc = evidence_take(&rest, &e)) == 1) {
		if (strcmp(e.field, field) == 0 && slice_is(e.name, token))
			weight = e.weight;
	}
	assert_int_equal(rc, 0);
	return weight;
}

/* An allow wins against a classifier that is sure of the opposite, and against every other rule. */
static void
test_allow_wins(void **state)
{
	struct world *w = *state;
	const struct comment spam = comment_of("Casino 3", "Cheap pills and casino bonus, click here now!!!");
	struct rules *rules = rules_of(w,
	    "block all\n match content .\nhold some\n match content pills\nevidence much +10\n match content "
	    "pills\n"
	    "allow friend\n author \"casino 3\"\n");
	struct check_request request = {
		.comment = &spam, .site = &plain, .client = "native", .rules = rules, .discard_threshold = 0.5
	};
	struct checked c = check(w, &request);

	assert_int_equal(c.row.verdict, VERDICT_HAM);
	assert_int_equal(c.judgement.verdict, VERDICT_HAM);
	assert_false(c.row.discard);
	assert_string_equal(c.row.forced, "rule:friend");
	assert_true(c.row.probability > 0.9); /* the classifier's own, all the same */
	assert_true(recorded(&c.row, "rule", "friend") == 0);
	assert_true(recorded(&c.row, "rule", "all") == 0);
	assert_true(recorded(&c.row, "rule", "some") == 0);
	assert_true(recorded(&c.row, "rule", "much") == 10);
	assert_adds_up(&c);
	assert_int_equal(rules_info(rules, 0).hits, 1);
	end(&c);
	rules_unref(rules);
}

static void
test_block_and_hold(void **state)
{
	struct world *w = *state;
	const struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	struct rules *rules = rules_of(w, "block bicycles\n words bicycle\n");
	struct check_request request = {
		.comment = &ham, .site = &plain, .client = "native", .rules = rules, .discard_threshold = 0.5
	};
	struct checked c = check(w, &request);

	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	assert_string_equal(c.row.forced, "rule:bicycles");
	assert_true(c.row.probability < 0.5);
	assert_false(c.row.discard); /* nobody but the classifier has it thrown away unseen */
	assert_adds_up(&c);
	end(&c);
	rules_unref(rules);
	rules = rules_of(w, "hold bicycles\n words bicycle\n");
	request.rules = rules;
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_UNSURE);
	end(&c);
	request.test = true; /* a test isn't counted */
	c = check(w, &request);
	assert_int_equal(rules_info(rules, 0).hits, 1);
	end(&c);
	request.forced = "administrator"; /* rules aren't asked */
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_HAM);
	assert_int_equal(c.row.evidence.n, 0);
	end(&c);
	rules_unref(rules);
}

/* Only the rules named stand over a verdict that was forced. */
static void
test_overruled(void **state)
{
	struct world *w = *state;
	const struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	struct rules *rules = rules_of(w, "allow bicycles\n words bicycle\n");
	struct check_request request = { .comment = &ham,
		.site = &plain,
		.client = "blogspam",
		.rules = rules,
		.forced = "some test",
		.forced_verdict = VERDICT_SPAM,
		.overruled = CHECK_BY(RULE_ALLOW) };
	struct checked c = check(w, &request);

	assert_int_equal(c.row.verdict, VERDICT_HAM);
	assert_string_equal(c.row.forced, "rule:bicycles");
	assert_adds_up(&c);
	assert_int_equal(rules_info(rules, 0).hits, 1);
	end(&c);
	request.overruled = CHECK_BY(RULE_HOLD) | CHECK_BY(RULE_BLOCK);
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	assert_string_equal(c.row.forced, "some test");
	assert_int_equal(rules_info(rules, 0).hits, 1);
	end(&c);
	rules_unref(rules);
}

/* A filled honeypot is evidence, but doesn't decide by itself, and blanks don't fill it. */
static void
test_honeypot(void **state)
{
	struct world *w = *state;
	struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	struct comment spam = comment_of("Casino 3", "Cheap pills and casino bonus, click here now!!!");
	struct site strict = plain;
	struct check_request request = { .comment = &ham, .site = &plain, .client = "native" };
	struct checked before = check(w, &request), c;
	double p;

	ham.field[COMMENT_HONEYPOT] = slice_of(" \t\n");
	c = check(w, &request);
	assert_true(isnan(recorded(&c.row, "honeypot", "filled in")));
	end(&c);
	ham.field[COMMENT_HONEYPOT] = slice_of("Ann");
	c = check(w, &request);
	assert_true(recorded(&c.row, "honeypot", "filled in") == OUTLOOK_HONEYPOT_WEIGHT);
	assert_true(fabs(c.judgement.log_odds - before.judgement.log_odds - OUTLOOK_HONEYPOT_WEIGHT) < 1e-9);
	assert_true(before.judgement.log_odds < 0);
	assert_int_not_equal(c.row.verdict, VERDICT_SPAM);
	assert_adds_up(&c);
	end(&c);
	end(&before);
	p = before.row.probability;
	strict.spam_threshold = p / 2; /* spam by that, with it or without it */
	request.site = &strict;
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	end(&c);
	strict.spam_threshold = p * 2; /* only with it */
	c = check(w, &request);
	assert_true(c.row.probability > strict.spam_threshold);
	assert_int_equal(c.row.verdict, VERDICT_UNSURE);
	end(&c);
	request.site = &plain;
	request.comment = &spam;
	spam.field[COMMENT_HONEYPOT] = slice_of("Ann");
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	end(&c);
}

static void
test_evidence_rule(void **state)
{
	struct world *w = *state;
	const struct comment ham = comment_of("Reader 3", "thank you for writing it up, my bicycle agrees");
	const struct comment unheard = comment_of("Q", "xqzzw vbbnk");
	struct check_request request = { .comment = &ham, .site = &plain, .client = "native" };
	struct checked before = check(w, &request), c;
	struct rules *rules = rules_of(
	    w, "evidence one +1.5\n words bicycle\nevidence two -0.001\n author \"reader 3\"\n");

	request.rules = rules;
	c = check(w, &request);
	assert_string_equal(c.row.forced, "");
	assert_true(fabs(c.judgement.log_odds - before.judgement.log_odds - 1.499) < 1e-9);
	assert_true(recorded(&c.row, "rule", "one") == 1.5);
	assert_true(recorded(&c.row, "rule", "two") == -0.001); /* recorded, though far from the strongest */
	assert_adds_up(&c);
	end(&c);
	end(&before);
	rules_unref(rules);

	rules = rules_of(
	    w, "evidence a 10\n match any .\nevidence b 10\n match any .\n"); /* more than may be */
	request.rules = rules;
	c = check(w, &request);
	assert_true(fabs(recorded(&c.row, "rule", "a") - 5) < 1e-9);
	assert_adds_up(&c);
	end(&c);
	request.comment = &unheard; /* an owner's word is enough to judge by */
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	assert_adds_up(&c);
	end(&c);
	rules_unref(rules);
}

/* What nobody has heard of isn't spam by a site's own threshold either, unless a rule speaks or a name is
 * known. */
static void
test_site_threshold_unheard(void **state)
{
	struct world *w = *state;
	const struct comment unheard = comment_of("", "xyzzyq wvutqq");
	const struct comment named = comment_of("casino", "xyzzyq wvutqq");
	struct site site = plain;
	struct check_request request = { .comment = &unheard, .site = &site, .client = "native" };
	struct rules *rules = rules_of(w, "evidence one +0.5\n words xyzzyq\n");
	struct checked c;

	site.spam_share = 0.99;
	site.spam_threshold = 0.6;
	c = check(w, &request);
	assert_true(c.row.probability > 0.6);
	assert_true(c.judgement.spam_threshold == 0.6);
	assert_int_equal(c.row.verdict, VERDICT_UNSURE);
	end(&c);
	request.rules = rules; /* but somebody may tell */
	c = check(w, &request);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	end(&c);
	request.rules = NULL;
	request.comment = &named;
	c = check(w, &request);
	assert_true(c.row.probability > 0.6);
	assert_int_equal(c.row.verdict, VERDICT_SPAM);
	end(&c);
	rules_unref(rules);
}

/* What rules and the guard said is taken as it was recorded; the rest comes out as it was. */
static void
test_recompute_outside(void **state)
{
	struct world *w = *state;
	struct comment comment = comment_of("Casino 3",
	    "Cheap pills and casino bonus for your garden, click here now, there are many of them and more");
	struct rules *rules = rules_of(
	    w, "evidence one +7.123456789\n words casino\nallow two\n words pills\n");
	struct site site = plain;
	struct check_request request = { .comment = &comment, .site = &site, .client = "native" };
	struct verdict_row row;
	struct checked c;
	struct buf then, now;
	double probability;
	struct err err;

	assert_int_equal(flood_new(&request.flood, 1024, 3600000, &err), 0);
	comment.field[COMMENT_IP] = slice_of("203.0.113.1");
	c = check(w, &request);
	end(&c);
	site.id = 2;
	comment.field[COMMENT_IP] = slice_of("203.0.113.2");
	request.rules = rules;
	c = check(w, &request);
	c.row.site = plain.id;
	assert_true(recorded(&c.row, "flood", "the same text on 2 sites from 2 addresses") == 1);
	assert_adds_up(&c);
	assert_int_equal(store_verdict_add(w->e->store, &c.row, &err), 0);
	buf_init(&then, BUF_NO_LIMIT);
	buf_init(&now, BUF_NO_LIMIT);
	evidence_list(c.classifier, &c.judgement, SIZE_MAX, &then);
	assert_int_equal(store_verdict_get(w->e->store, c.row.id, w->arena, &row, &err), 0);
	assert_string_equal(row.forced, "rule:two");
	assert_int_equal(check_recompute(w->e, &row, &now, &probability, &err), 0);
	assert_true(fabs(logit(probability) - logit(row.probability)) < 1e-6);
	assert_int_equal(then.n, now.n);
	buf_fini(&then);
	buf_fini(&now);
	end(&c);
	flood_free(request.flood);
	rules_unref(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_evidence_adds_up, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_long_evidence, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_row, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_site_threshold, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_forced, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_recorded_evidence, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_json, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_recompute, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_allow_wins, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_block_and_hold, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_overruled, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_honeypot, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_evidence_rule, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_site_threshold_unheard, world_set_up_made, world_tear_down),
		cmocka_unit_test_setup_teardown(test_recompute_outside, world_set_up_made, world_tear_down),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
