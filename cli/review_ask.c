#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/explain.h"
#include "cli/keyboard.h"
#include "cli/report.h"
#include "cli/review.h"
#include "engine/feedback.h"
#include "engine/learn.h"

#define ARENA_BYTES ((size_t)16 << 20)
#define TEXT_SHOWN 1200 /* bytes of a comment's text */
#define REASONS 6
#define LABEL_SKIPPED LABEL_NONE

struct asking {
	struct cli *cli;
	struct engine *e;
	const struct review *r;
	struct arena *arena; /* of one correction */
	struct ulid_source ids;
	enum label *said; /* by entry */
	size_t at; /* the entry that is asked about */
	char who[64];
	struct keyboard keys;
};

/* -- Showing -- */

static void
put_line(const struct out *out, const char *head, struct slice s)
{
	struct buf safe;

	if (s.n == 0)
		return;
	buf_init(&safe, BUF_NO_LIMIT);
	text_safe(&safe, s);
	fprintf(out->file, "%s%s\n", head, buf_str(&safe));
	buf_fini(&safe);
}

static void
put_text(const struct out *out, struct slice text)
{
	struct buf safe;
	bool cut = text.n > TEXT_SHOWN;

	if (cut)
		text.n = TEXT_SHOWN;
	buf_init(&safe, BUF_NO_LIMIT);
	text_safe(&safe, text);
	fputc('\n', out->file);
	explain_wrap(out, buf_slice(&safe));
	fputs(cut ? "(there is more of it)\n\n" : "\n", out->file);
	buf_fini(&safe);
}

static int
put_reasons(const struct out *out, const char *evidence, struct err *err)
{
	struct json *list;
	int rc;

	if (json_parse(&list, evidence, strlen(evidence), err) == -1)
		return -1;
	rc = report_evidence(out, list, REASONS, err);
	json_free(list);
	return rc;
}

static int
show(const struct asking *a, struct err *err)
{
	const struct review_entry *entry = &a->r->entries[a->at];
	const struct comment *c = &entry->row.comment;
	const struct out *out = &a->cli->out;
	char time[TIME_TEXT_BYTES];

	time_format(time, entry->row.time_ms);
	fprintf(out->file, "\n[%zu/%zu] ", a->at + 1, a->r->n);
	report_verdict(out, verdict_name(entry->verdict), entry->probability);
	if (entry->alike > 1)
		fprintf(out->file, "; one of %zu alike", entry->alike);
	if (entry->npicks > 1)
		fprintf(out->file, ", on %zu sites", entry->npicks);
	fprintf(out->file, "\n%s  %.10s %.8s  %s\n", entry->row.id, time, time + 11, entry->picks[0].site);
	put_line(out, "author  ", c->field[COMMENT_AUTHOR]);
	put_line(out, "e-mail  ", c->field[COMMENT_EMAIL]);
	put_line(out, "link    ", c->field[COMMENT_URL]);
	put_line(out, "page    ", c->field[COMMENT_PERMALINK]);
	put_text(out, c->field[COMMENT_CONTENT]);
	if (put_reasons(out, entry->evidence, err) == -1)
		return -1;
	fputs("h ham, s spam, space skip, u undo, q quit: ", out->file);
	fflush(out->file);
	return 0;
}

/* -- Recording -- */

static int
say_all(struct asking *a, const struct review_entry *entry, enum label label, struct err *err)
{
	struct feedback_result result;

	for (size_t i = 0; i < entry->npicks; i++) {
		const struct feedback fb = {
			.label = label, .verdict_id = entry->picks[i].id, .origin = "review", .who = a->who
		};

		arena_reset(a->arena);
		if (feedback_record(a->e->store, &fb, time_now_ms(), &a->ids, a->arena, &result, err) == -1)
			return -1;
	}
	return 0;
}

/* Record LABEL for all the entry's sites, or none; LABEL_NONE takes what was said back. */
static int
say(struct asking *a, size_t at, enum label label, struct err *err)
{
	if (store_begin(a->e->store, err) == -1)
		return -1;
	if (say_all(a, &a->r->entries[at], label, err) == 0 && store_commit(a->e->store, err) == 0)
		return 0;
	store_rollback(a->e->store);
	return -1;
}

static int
undo(struct asking *a, struct err *err)
{
	if (a->at == 0) {
		fputs("nothing to undo\n", a->cli->out.file);
		return 0;
	}
	a->at--;
	if (a->said[a->at] == LABEL_SKIPPED)
		return 0;
	a->said[a->at] = LABEL_SKIPPED;
	return say(a, a->at, LABEL_NONE, err);
}

/* -- Asking -- */

static int
answer(struct asking *a, enum label label, struct err *err)
{
	fprintf(a->cli->out.file, "%s\n", label == LABEL_SKIPPED ? "skipped" : label_name(label));
	if (label != LABEL_SKIPPED && say(a, a->at, label, err) == -1)
		return -1;
	a->said[a->at++] = label;
	return 0;
}

/* Do what KEY asks for; 1 when it is time to end. */
static int
obey(struct asking *a, int key, struct err *err)
{
	switch (key) {
	case 'h':
		return answer(a, LABEL_HAM, err);
	case 's':
		return answer(a, LABEL_SPAM, err);
	case ' ':
	case 'n':
		return answer(a, LABEL_SKIPPED, err);
	case 'u':
		fputs("undo\n", a->cli->out.file);
		return undo(a, err);
	case 'q':
	case KEYBOARD_END:
		fputc('\n', a->cli->out.file);
		return 1;
	default:
		return 0;
	}
}

static bool
is_meant(int key)
{
	return key == KEYBOARD_END || key == KEYBOARD_AGAIN || (key > 0 && strchr("hs nuq", key) != NULL);
}

static int
ask_all(struct asking *a, struct err *err)
{
	int key, rc = 0;

	while (rc == 0 && a->at < a->r->n) {
		if (show(a, err) == -1)
			return -1;
		do
			key = keyboard_read(&a->keys);
		while (!is_meant(key));
		rc = obey(a, key, err);
	}
	return rc == -1 ? -1 : 0;
}

/* What was labelled is on record already; learn it, and say so. */
static int
conclude(struct asking *a, struct err *err)
{
	size_t labelled = 0;
	int64_t learnt = 0;

	for (size_t i = 0; i < a->at; i++)
		labelled += a->said[i] != LABEL_SKIPPED;
	if (learn_pending(a->e, a->who, &learnt, err) == -1)
		return err_prefix(err, "recorded, but not learnt");
	if (learnt > 0)
		cli_tell_daemon(a->e);
	fprintf(a->cli->out.file, "%zu labelled, %zu skipped, %zu left\n", labelled, a->at - labelled,
	    a->r->n - a->at);
	return 0;
}

int
review_ask(struct cli *cli, struct engine *e, const struct review *r, struct err *err)
{
	struct asking a = { .cli = cli, .e = e, .r = r };
	int rc = -1;

	cli_who(a.who, sizeof(a.who));
	a.arena = arena_new(ARENA_BYTES);
	a.said = calloc(r->n + 1, sizeof(*a.said));
	if (a.arena == NULL || a.said == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	else if (store_ids_start(e->store, &a.ids, err) == 0 && keyboard_open(&a.keys, err) == 0) {
		rc = ask_all(&a, err);
		fflush(cli->out.file);
		keyboard_close(&a.keys);
		if (rc == 0)
			rc = conclude(&a, err);
	}
	free(a.said);
	arena_free(a.arena);
	return rc;
}
