#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "base/ulid.h"
#include "base/utf8.h"
#include "corpus/comment_json.h"
#include "engine/example.h"
#include "engine/fingerprint.h"
#include "engine/import.h"
#include "engine/sites.h"

#define PROGRESS_EVERY 128 /* rows */

/* An import under way. */
struct import {
	struct engine *engine;
	struct store *st;
	struct sites *sites; /* loaded when a row names one */
	const struct import_options *options;
	struct import_result *result;
	struct ulid_source ids;
	int64_t now_ms;
	struct arena *arena; /* of one row */
};

static const char *
source_of(struct import *im, const struct example *row)
{
	const char *slash;

	if (row->source.n > 0)
		return arena_copy(im->arena, row->source.p, row->source.n);
	if (row->file == NULL)
		return "";
	slash = strrchr(row->file, '/');
	return slash != NULL ? slash + 1 : row->file;
}

static void
tally(struct import_result *r, enum example_outcome outcome)
{
	switch (outcome) {
	case EXAMPLE_ADDED:
		r->added++;
		break;
	case EXAMPLE_SAME:
		r->already++;
		break;
	case EXAMPLE_REPLACED:
		r->relabelled++;
		break;
	}
}

/* Let ROW be the word of the site that FROM names, for whom it counted there; one that isn't in use here has
 * none. */
static int
find_speaker(struct import *im, const struct example *from, struct example_row *row, struct err *err)
{
	const struct site *site;

	if (from->site.n == 0 || from->scope.n == 0) /* not by our export */
		return 0;
	if (im->sites == NULL && sites_load(&im->sites, im->engine, err) == -1)
		return -1;
	site = sites_by_name(im->sites, from->site);
	if (site == NULL)
		return 0;
	row->site = site->id;
	row->scope = slice_is(from->scope, "both") ? SCOPE_BOTH
	    : slice_is(from->scope, "all")	   ? SCOPE_ALL
						   : SCOPE_OWN;
	return 0;
}

static int
import_row(struct import *im, const struct example *from, struct err *err)
{
	struct example_row known,
	    row = {
		    .time_ms = im->now_ms,
		    .label = from->label,
		    .origin = im->options->origin,
		    .who = im->options->who != NULL ? im->options->who : "",
		    .verdict_id = "",
		    .comment = from->comment,
	    };
	enum example_outcome outcome;
	bool found;

	arena_reset(im->arena);
	row.source = source_of(im, from);
	row.fingerprint = comment_fingerprint(&from->comment);
	if (row.source == NULL || row.fingerprint == 0)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (find_speaker(im, from, &row, err) == -1 ||
	    example_find(im->st, row.site, row.fingerprint, im->arena, &known, &found, err) == -1)
		return -1;
	ulid_next(&im->ids, (uint64_t)im->now_ms, row.id);
	if (example_say(im->st, &row, found ? &known : NULL, &outcome, err) == -1)
		return -1;
	tally(im->result, outcome);
	return 0;
}

static int
import_all(struct import *im, const struct corpus *rows, struct err *err)
{
	for (size_t i = 0; i < rows->n; i++) {
		if (im->options->progress != NULL && i % PROGRESS_EVERY == 0)
			im->options->progress((double)i / (double)rows->n, im->options->progress_arg);
		if (rows->rows[i].label == LABEL_NONE)
			im->result->skipped++;
		else if (import_row(im, &rows->rows[i], err) == -1)
			return -1;
	}
	return 0;
}

int
engine_import_rows(struct engine *e, const struct corpus *rows, const struct import_options *options,
    struct import_result *result, struct err *err)
{
	struct import im = {
		.engine = e, .st = e->store, .options = options, .result = result, .now_ms = time_now_ms()
	};
	int rc;

	*result = (struct import_result){ .skipped = rows->skipped };
	im.arena = arena_new(4 * (size_t)CORPUS_MAX_LINE);
	if (im.arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_ids_start(im.st, &im.ids, err);
	if (rc == 0)
		rc = store_begin(im.st, err);
	if (rc == 0) {
		rc = import_all(&im, rows, err);
		if (rc == 0)
			rc = store_commit(im.st, err);
		if (rc == -1)
			store_rollback(im.st);
	}
	sites_unref(im.sites);
	arena_free(im.arena);
	if (rc == 0 && options->progress != NULL)
		options->progress(1, options->progress_arg);
	return rc;
}

int
engine_import(struct engine *e, const char *spec, const struct corpus_options *reading,
    const struct import_options *options, struct import_result *result, struct err *err)
{
	struct corpus rows;
	int rc;

	corpus_init(&rows);
	rc = corpus_read(&rows, spec, reading, err);
	if (rc == 0)
		rc = engine_import_rows(e, &rows, options, result, err);
	corpus_fini(&rows);
	return rc;
}

struct export
{
	int (*each)(struct slice line, void *arg, struct err *err);
	void *arg;
	struct sites *sites;
	struct buf line;
	struct arena *arena; /* of one row */
	struct err err; /* why it ended early */
	bool ended;
};

/* JSON has no other text than UTF-8: what isn't is read as the classifier reads it, as windows-1252. */
static int
repair(struct comment *c, struct arena *a)
{
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		struct buf b;

		if (c->field[f].p == NULL || utf8_valid(c->field[f]))
			continue;
		buf_init(&b, BUF_NO_LIMIT);
		utf8_repair(&b, c->field[f]);
		c->field[f] = (struct slice){ buf_ok(&b) ? arena_copy(a, b.p, b.n) : NULL, b.n };
		buf_fini(&b);
		if (c->field[f].p == NULL)
			return -1;
	}
	return 0;
}

static void
put_text(struct buf *b, const char *key, const char *value)
{
	if (*value == '\0')
		return;
	json_key(b, key);
	json_put_str(b, value);
}

static void
put_row(
    struct buf *b, const struct sites *sites, const struct example_row *row, const struct comment *comment)
{
	static const char *const scopes[] = {
		[SCOPE_ALL] = "all", [SCOPE_OWN] = "own", [SCOPE_BOTH] = "both"
	};
	const struct site *site = sites_by_id(sites, row->site);
	char time[TIME_TEXT_BYTES];

	time_format(time, row->time_ms);
	buf_clear(b);
	json_open(b, '{');
	put_text(b, "label", label_name(row->label));
	put_text(b, "source", row->source);
	if (site != NULL) {
		put_text(b, "site", site->name);
		put_text(b, "scope", scopes[row->scope]);
	}
	put_text(b, "id", row->id);
	put_text(b, "time", time);
	comment_to_json(comment, b);
	if (comment->field[COMMENT_CONTENT].p == NULL) { /* which a comment object must have */
		json_key(b, "content");
		json_put_str(b, "");
	}
	json_close(b, '}');
	buf_add_char(b, '\n');
}

static int
export_row(const struct example_row *row, void *arg)
{
	struct comment comment = row->comment;
	struct export *x = arg;

	arena_reset(x->arena);
	x->ended = true;
	if (repair(&comment, x->arena) == -1)
		return err_set(&x->err, ERR_NOMEM, "out of memory");
	put_row(&x->line, x->sites, row, &comment);
	if (!buf_ok(&x->line))
		return err_set(&x->err, ERR_NOMEM, "out of memory");
	x->ended = x->each(buf_slice(&x->line), x->arg, &x->err) != 0;
	return x->ended;
}

int
engine_export(struct engine *e, int64_t since_ms, enum label label,
    int (*each)(struct slice line, void *arg, struct err *err), void *arg, struct err *err)
{
	struct export x = { .each = each, .arg = arg };
	int rc;

	if (sites_load_all(&x.sites, e, err) == -1)
		return -1;
	x.arena = arena_new(8 * (size_t)CORPUS_MAX_LINE);
	if (x.arena == NULL) {
		sites_unref(x.sites);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_init(&x.line, BUF_NO_LIMIT);
	rc = store_example_walk(e->store, label, since_ms, export_row, &x, err);
	buf_fini(&x.line);
	arena_free(x.arena);
	sites_unref(x.sites);
	if (rc == 0 && x.ended)
		rc = x.err.code == ERR_NONE ? err_set(err, ERR_IO, "the export was broken off")
					    : err_set(err, x.err.code, "%s", x.err.text);
	return rc;
}
