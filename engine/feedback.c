#include "config.h"

#include <string.h>

#include "engine/example.h"
#include "engine/feedback.h"
#include "engine/fingerprint.h"
#include "store/chain.h"

/* What a correction is about: a recorded verdict, or a comment that was never judged here. */
struct subject {
	const struct comment *comment;
	uint64_t fingerprint;
	int64_t site;
	const char *verdict_id; /* "" if none */
	struct example_row example; /* where the comment is kept that the verdict no longer has */
	bool erased; /* it is kept nowhere */
};

static int
take_verdict(const struct verdict_row *row, struct subject *s, struct err *err)
{
	if (row->test)
		return err_set(
		    err, ERR_REFUSED, "verdict %s was on a test, which nothing is learnt from", row->id);
	*s = (struct subject){ &row->comment, row->fingerprint, row->site, row->id, { 0 }, false };
	return 0;
}

/* Return whether all that is learnt from is there, GONE being what is not. */
static bool
has_text(unsigned gone)
{
	return (gone & (PART_SET(PART_CONTENT) | PART_SET(PART_PERSON))) == 0;
}

/* The verdict ROW has lost its text: take it from the one who corrects, or from an earlier correction. */
static int
take_elsewhere(struct store *st, const struct feedback *fb, const struct verdict_row *row, struct arena *a,
    struct subject *s, struct err *err)
{
	struct err why = { 0 };

	if (store_example_of_verdict(st, row->id, a, &s->example, &why) == 0 && has_text(s->example.gone)) {
		s->comment = &s->example.comment;
		s->fingerprint = s->example.fingerprint;
		return 0;
	}
	if (why.code != ERR_NONE && why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.text);
	s->erased = fb->comment == NULL;
	if (s->erased)
		return err_set(err, ERR_REFUSED,
		    "the comment of verdict %s is no longer kept, so nothing can be learnt from it", row->id);
	s->comment = fb->comment;
	s->fingerprint = comment_fingerprint(fb->comment);
	return s->fingerprint != 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
find_by_id(struct store *st, const struct feedback *fb, struct arena *a, struct verdict_row *row,
    struct subject *s, struct err *err)
{
	if (!ulid_valid(fb->verdict_id, strlen(fb->verdict_id)))
		return err_set(err, ERR_NOT_FOUND, "'%.40s' is not a verdict's id", fb->verdict_id);
	if (store_verdict_get(st, fb->verdict_id, a, row, err) == -1)
		return -1;
	if (fb->site != 0 && row->site != fb->site)
		return err_set(err, ERR_NOT_FOUND, "there is no verdict %s", fb->verdict_id);
	if (take_verdict(row, s, err) == -1)
		return -1;
	return has_text(row->gone) ? 0 : take_elsewhere(st, fb, row, a, s, err);
}

static int
find_by_comment(struct store *st, const struct feedback *fb, struct arena *a, struct verdict_row *row,
    struct subject *s, struct err *err)
{
	struct err why = { 0 };
	uint64_t fingerprint = comment_fingerprint(fb->comment);

	if (fingerprint == 0)
		return err_set(err, ERR_NOMEM, "out of memory");
	*s = (struct subject){ fb->comment, fingerprint, fb->site, "", { 0 }, false };
	if (store_verdict_match(st, fb->site, fingerprint, 0, a, row, &why) == 0)
		return take_verdict(row, s, err);
	return why.code == ERR_NOT_FOUND ? 0 : err_set(err, why.code, "%s", why.text);
}

/* Set *SCOPE to whom a word on a comment of SITE counts for. */
static int
find_scope(struct store *st, int64_t site, struct arena *a, enum scope *scope, struct err *err)
{
	struct site_row row;

	*scope = SCOPE_ALL;
	if (site == 0)
		return 0;
	if (store_site_get(st, site, a, &row, err) == -1)
		return -1;
	*scope = row.shares ? SCOPE_BOTH : SCOPE_OWN;
	return 0;
}

int
feedback_record(struct store *st, const struct feedback *fb, int64_t now_ms, struct ulid_source *ids,
    struct arena *a, struct feedback_result *out, struct err *err)
{
	struct example_row known, row;
	enum example_outcome outcome;
	struct verdict_row verdict;
	struct subject s = { 0 };
	enum scope scope;
	bool found;
	int rc;

	rc = fb->verdict_id != NULL ? find_by_id(st, fb, a, &verdict, &s, err)
				    : find_by_comment(st, fb, a, &verdict, &s, err);
	out->erased = s.erased;
	if (rc == -1 || find_scope(st, s.site, a, &scope, err) == -1 ||
	    example_find(st, s.site, s.fingerprint, a, &known, &found, err) == -1)
		return -1;
	row = (struct example_row){
		.time_ms = now_ms,
		.label = fb->label,
		.site = s.site,
		.scope = scope,
		.origin = fb->origin,
		.who = fb->who != NULL ? fb->who : "",
		.verdict_id = s.verdict_id,
		.source = "",
		.fingerprint = s.fingerprint,
		.comment = *s.comment,
	};
	ulid_next(ids, (uint64_t)now_ms, row.id);
	if (example_say(st, &row, found ? &known : NULL, &outcome, err) == -1)
		return -1;
	out->changed = outcome != EXAMPLE_SAME;
	memset(out->verdict_id, 0, sizeof(out->verdict_id));
	memcpy(out->verdict_id, s.verdict_id, strnlen(s.verdict_id, ULID_CHARS));
	return 0;
}
