#include "config.h"

#include <math.h>
#include <string.h>

#include "base/real.h"
#include "classifier/evidence.h"
#include "engine/outlook.h"

/* The fields whose evidence comes from outside the model. */
static const char *const fields[] = { CHECK_FIELD_RULE, CHECK_FIELD_FLOOD, CHECK_FIELD_HONEYPOT };

/* Return whether the form field that people don't see holds more than blanks. */
static bool
is_trapped(const struct comment *c)
{
	const struct slice *s = &c->field[COMMENT_HONEYPOT];

	for (size_t i = 0; i < s->n; i++) {
		if ((unsigned char)s->p[i] > ' ')
			return true;
	}
	return false;
}

static int
new_outlook(struct outlook **o, struct arena *a, struct err *err)
{
	*o = arena_alloc(a, sizeof(**o));
	return *o != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for a check");
}

static int
make_room(struct outlook *o, size_t n, struct arena *a, struct err *err)
{
	o->outside = arena_alloc(a, (n + 1) * sizeof(*o->outside));
	return o->outside != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory for a check");
}

/* List what was found about C as evidence, held within what that may come to. */
static int
list_outside(struct outlook *o, const struct comment *c, struct arena *a, struct err *err)
{
	double room = OUTSIDE_MAX;

	if (make_room(o, o->hits.n + o->found.n + 1, a, err) == -1)
		return -1;
	for (size_t i = 0; i < o->hits.n; i++) {
		struct rule_info info = rule_info(o->hits.v[i].rule);

		o->outside[o->n++] = (struct outside){ CHECK_FIELD_RULE, info.name, info.weight };
		o->told = o->told || info.weight != 0;
	}
	for (size_t i = 0; i < o->found.n; i++)
		o->outside[o->n++] = o->found.v[i];
	if (is_trapped(c))
		o->outside[o->n++] = (struct outside){ CHECK_FIELD_HONEYPOT, "filled in",
			OUTLOOK_HONEYPOT_WEIGHT };
	for (size_t i = 0; i < o->n; i++)
		o->sum += o->outside[i].weight;
	for (size_t i = 0; i < o->n && fabs(o->sum) > room; i++)
		o->outside[i].weight *= room / fabs(o->sum);
	if (is_trapped(c))
		o->trapped = o->outside[o->n - 1].weight;
	o->sum = fmax(-room, fmin(room, o->sum));
	return 0;
}

int
outlook_now(struct outlook **out, const struct check_request *request, struct slice text, int64_t now_ms,
    struct arena *a, struct err *err)
{
	struct outlook *o;
	struct subject s;
	int rc = 0;

	if (new_outlook(out, a, err) == -1)
		return -1;
	o = *out;
	subject_init(&s, request->comment);
	s.text = text;
	if (request->rules != NULL)
		rc = rules_find(request->rules, request->site->name, &s, a, &o->hits, err);
	if (rc == 0 && request->flood != NULL) {
		flood_keys(&o->keys, &s, request->site, now_ms);
		flood_find(request->flood, &o->keys, now_ms, &o->found);
	}
	subject_fini(&s);
	return rc == 0 ? list_outside(o, request->comment, a, err) : -1;
}

/* -- From the record -- */

/* Take E, a piece of recorded evidence, if it comes from outside the model. */
static int
take_recorded(struct outlook *o, const struct evidence_piece *e, struct arena *a)
{
	struct outside *out = &o->outside[o->n];

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(e->field, fields[i]) != 0)
			continue;
		*out = (struct outside){ fields[i], arena_copy(a, e->name.p, e->name.n), e->weight };
		o->sum += out->weight;
		o->n++;
		return out->token != NULL ? 0 : -1;
	}
	return 0;
}

int
outlook_recorded(struct outlook **out, const struct verdict_row *row, struct arena *a, struct err *err)
{
	struct slice rest = row->evidence;
	struct evidence_piece e;
	size_t n = 0;
	int rc;

	if (new_outlook(out, a, err) == -1)
		return -1;
	while ((rc = evidence_take(&rest, &e)) == 1)
		n++;
	if (rc == -1)
		return err_set(err, ERR_DAMAGED, "verdict %s: evidence that was not recorded so", row->id);
	if (make_room(*out, n, a, err) == -1)
		return -1;
	for (rest = row->evidence; evidence_take(&rest, &e) == 1;) {
		if (take_recorded(*out, &e, a) == -1)
			return err_set(err, ERR_NOMEM, "out of memory");
	}
	return 0;
}

/* Take what the guard said from the record. */
static int
recall_flood(struct flood_found *found, const struct verdict_row *row, struct arena *a, struct err *err)
{
	struct outlook *then;

	if (outlook_recorded(&then, row, a, err) == -1)
		return -1;
	for (size_t i = 0; i < then->n && found->n < FLOOD_FOUND_MAX; i++) {
		if (strcmp(then->outside[i].field, CHECK_FIELD_FLOOD) == 0)
			found->v[found->n++] = then->outside[i];
	}
	return 0;
}

int
outlook_again(struct outlook **out, const struct verdict_row *row, const struct rules *rules, struct arena *a,
    struct err *err)
{
	struct outlook *o;
	struct subject s;
	int rc = 0;

	if (new_outlook(out, a, err) == -1)
		return -1;
	o = *out;
	if (rules != NULL) {
		subject_init(&s, &row->comment);
		rc = rules_find(rules, row->site_name, &s, a, &o->hits, err);
		subject_fini(&s);
	}
	if (rc == 0)
		rc = recall_flood(&o->found, row, a, err);
	return rc == 0 ? list_outside(o, &row->comment, a, err) : -1;
}

/* -- What follows from it -- */

/* Return whether a rule decides, and then set *VERDICT to what it makes of the comment. */
static bool
decides(const struct outlook *o, enum verdict *verdict)
{
	static const enum verdict verdicts[] = {
		[RULE_ALLOW] = VERDICT_HAM,
		[RULE_BLOCK] = VERDICT_SPAM,
		[RULE_HOLD] = VERDICT_UNSURE,
	};

	if (o->hits.decisive == NULL)
		return false;
	*verdict = verdicts[rule_info(o->hits.decisive).action];
	return true;
}

void
outlook_settle(const struct outlook *o, struct judgement *j)
{
	double without = j->log_odds - o->trapped;

	if (decides(o, &j->verdict) || j->verdict != VERDICT_SPAM || o->trapped == 0)
		return;
	if (without < 0 && 1 / (1 + real_exp(-without)) < j->spam_threshold)
		j->verdict = VERDICT_UNSURE;
}

void
outlook_note(
    const struct outlook *o, const struct check_request *request, const struct judgement *j, int64_t now_ms)
{
	enum verdict ruled;
	bool decided = decides(o, &ruled);

	if (request->test)
		return;
	rules_count_hits(&o->hits);
	if (request->flood != NULL && !(decided && ruled == VERDICT_HAM)) /* friends come in no bursts */
		flood_note(request->flood, &o->keys,
		    (decided && ruled == VERDICT_SPAM) || j->log_odds - o->sum > 0, now_ms);
}
