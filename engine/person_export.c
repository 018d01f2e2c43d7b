#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "corpus/comment_json.h"
#include "classifier/evidence.h"
#include "engine/check.h"
#include "engine/person_impl.h"

struct listing {
	const struct person_found *found;
	struct buf *b;
	size_t next; /* example */
	struct err err; /* why a verdict couldn't be written */
};

static int
put_verdict(const struct verdict_row *row, void *arg)
{
	struct listing *l = arg;
	struct buf evidence;

	buf_init(&evidence, BUF_NO_LIMIT);
	if (evidence_json(row->evidence, &evidence, &l->err) == -1 || !buf_ok(&evidence))
		l->b->failed = true;
	verdict_json(row, buf_slice(&evidence), true, l->b);
	buf_fini(&evidence);
	return l->b->failed ? -1 : 0;
}

/* Return whether the example SEQ is in force; they come in the order in which they were found. */
static bool
in_force(struct listing *l, int64_t seq)
{
	while (l->next < l->found->nexamples && l->found->examples[l->next].seq < seq)
		l->next++;
	return l->next < l->found->nexamples && l->found->examples[l->next].seq == seq &&
	    l->found->examples[l->next].in_force;
}

static int
put_example(const struct example_row *row, void *arg)
{
	struct listing *l = arg;
	struct buf *b = l->b;
	char time[TIME_TEXT_BYTES];

	time_format(time, row->time_ms);
	json_open(b, '{');
	json_add_str(b, "id", row->id);
	json_add_str(b, "time", time);
	json_add_str(b, "label", row->label == LABEL_NONE ? NULL : label_name(row->label));
	json_key(b, "learnt");
	json_put_bool(b, in_force(l, row->seq));
	json_add_str(b, "origin", row->origin);
	json_add_str(b, "who", row->who);
	json_add_str(b, "source", *row->source != '\0' ? row->source : NULL);
	json_add_str(b, "verdict", *row->verdict_id != '\0' ? row->verdict_id : NULL);
	json_key(b, "comment");
	json_open(b, '{');
	comment_to_json(&row->comment, b);
	json_close(b, '}');
	json_close(b, '}');
	return b->failed ? -1 : 0;
}

static void
put_person(const struct person_found *found, struct buf *b)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, time_now_ms());
	json_add_str(b, "time", time);
	json_key(b, "person");
	json_open(b, '{');
	if (found->who.email != NULL)
		json_add_str(b, "email", found->who.email);
	if (found->who.ip != NULL)
		json_add_str(b, "ip", found->who.ip);
	if (found->who.author != NULL)
		json_add_str(b, "author", found->who.author);
	json_close(b, '}');
	json_key(b, "counts");
	json_open(b, '{');
	json_add_int(b, "verdicts", found->nverdicts);
	json_add_int(b, "examples", found->nexamples);
	json_add_int(b, "learnt", found->in_force);
	json_close(b, '}');
}

static int
put_all(struct engine *e, const struct person_found *found, struct buf *b, struct err *err)
{
	struct listing l = { .found = found, .b = b };

	json_open(b, '{');
	put_person(found, b);
	json_key(b, "verdicts");
	json_open(b, '[');
	if (store_person_verdicts(e->store, &found->who, 0, INT64_MAX, put_verdict, &l, err) == -1)
		return -1;
	if (l.err.code != ERR_NONE)
		return err_set(err, l.err.code, "%s", l.err.text);
	json_close(b, ']');
	json_key(b, "examples");
	json_open(b, '[');
	if (store_person_examples(e->store, &found->who, put_example, &l, err) == -1)
		return -1;
	json_close(b, ']');
	json_close(b, '}');
	return buf_ok(b) ? 0 : err_set(err, ERR_NOMEM, "out of memory for what is held");
}

int
person_export(
    struct engine *e, const struct person_found *found, const char *by, struct buf *b, struct err *err)
{
	struct buf detail;
	int rc;

	if (put_all(e, found, b, err) == -1)
		return -1;
	buf_init(&detail, BUF_NO_LIMIT);
	json_open(&detail, '{');
	json_add_int(&detail, "verdicts", found->nverdicts);
	json_add_int(&detail, "examples", found->nexamples);
	json_close(&detail, '}');
	rc = store_event_json(e->store, "person-exported", by, &detail, err);
	buf_fini(&detail);
	return rc;
}
