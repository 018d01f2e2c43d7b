#include "config.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "classifier/evidence.h"
#include "cli/explain.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/check.h"
#include "engine/recompute.h"
#include "store/chain.h"

enum { OPT_RECOMPUTE };

static const struct opt options[] = {
	{ .name = "recompute",
	    .help = "compute the probability again from record and model, and see that it is the same to the "
		    "last bit" },
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)
#define PROBABILITY_SAME 1e-9
#define PROBABILITY_DIGITS 17
#define WEIGHT_DIGITS 12

static void
explanation_init(struct explanation *x)
{
	*x = (struct explanation){ .known = NAN, .spam = -1, .ham = -1 };
	buf_init(&x->evidence_text, BUF_NO_LIMIT);
	buf_init(&x->disguises_text, BUF_NO_LIMIT);
	buf_init(&x->history_text, BUF_NO_LIMIT);
	buf_init(&x->summary, BUF_NO_LIMIT);
}

static void
explanation_fini(struct explanation *x)
{
	json_free(x->evidence);
	json_free(x->disguises);
	json_free(x->history);
	buf_fini(&x->evidence_text);
	buf_fini(&x->disguises_text);
	buf_fini(&x->history_text);
	buf_fini(&x->summary);
}

/* -- Finding out -- */

static int
find_thresholds(struct engine *e, struct arena *a, struct explanation *x, struct err *err)
{
	struct model_row *models;
	struct site_row *sites;
	size_t i, n;

	if (store_models(e->store, a, &models, &n, err) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (strcmp(models[i].id, x->row.model) == 0) {
			x->model_spam = models[i].spam_threshold;
			x->unsure = models[i].unsure_threshold;
			x->spam = models[i].spam;
			x->ham = models[i].ham;
		}
	}
	if (store_sites(e->store, true, a, &sites, &n, err) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (sites[i].id == x->row.site)
			x->site_spam = sites[i].spam_threshold;
	return 0;
}

static int
parse(
    struct json **out, const struct explanation *x, const struct buf *text, const char *what, struct err *err)
{
	if (!buf_ok(text))
		return err_set(err, ERR_NOMEM, "out of memory");
	return json_parse(out, text->p, text->n, err) == 0
	    ? 0
	    : err_prefix(err, "verdict %s: %s", x->row.id, what);
}

/* Return why the evidence can't be computed again, as ERR says; NULL: there is something else wrong. */
static const char *
why_not(const struct err *err)
{
	return err->code == ERR_NOT_FOUND ? "The model's file is no longer kept"
	    : err->code == ERR_DAMAGED	  ? "The model's file is damaged or of another version of Hamlet"
					  : NULL;
}

/* Compute again what can be of X, from which ERASED is gone, and say in it what can't. */
static int
compute_evidence(struct engine *e, struct explanation *x, unsigned erased, struct err *err)
{
	bool all = (erased & PARTS_JUDGED) == 0;
	struct recomputed found = { .spam_threshold = 0 };
	int rc = 0;

	if (all)
		rc = recompute(e, &x->row, &x->evidence_text, &found, err);
	else if (!check_unasked(x->row.forced))
		rc = recompute_threshold(e, &x->row, &found.spam_threshold, err);
	if (rc == -1 && why_not(err) == NULL)
		return -1;
	if (!all)
		x->incomplete = "What it was computed from has been erased";
	else if (rc == -1)
		x->incomplete = why_not(err);
	else if (fabs(found.probability - x->row.probability) > PROBABILITY_SAME)
		x->incomplete = (erased & PART_SET(PART_EVIDENCE)) != 0
		    ? "What rules and the flood guard may have said has been erased"
		    : "The classifier has changed since";
	else
		x->known = found.known;
	if (rc == 0 && found.spam_threshold > 0) /* the model's row has it without the site's prior */
		x->model_spam = found.spam_threshold;
	return 0;
}

/*
 * Compute the evidence again.  Where that is not possible, or doesn't lead to the recorded probability, what
 * was recorded is the better witness.
 */
static int
find_evidence(struct engine *e, struct explanation *x, struct err *err)
{
	unsigned erased;

	if (store_verdict_erased(e->store, x->row.id, &erased, err) == -1 ||
	    compute_evidence(e, x, erased, err) == -1)
		return -1;
	x->evidence_erased = x->incomplete != NULL && (erased & PART_SET(PART_EVIDENCE)) != 0;
	if (x->incomplete != NULL) {
		buf_clear(&x->evidence_text);
		if (evidence_json(x->row.evidence, &x->evidence_text, err) == -1)
			return err_prefix(err, "verdict %s", x->row.id);
	}
	return parse(&x->evidence, x, &x->evidence_text, "evidence", err);
}

static int
find_disguises(struct explanation *x, struct err *err)
{
	if (recompute_disguises(&x->row.comment, &x->disguises_text, err) == -1)
		return -1;
	return parse(&x->disguises, x, &x->disguises_text, "disguises", err);
}

static int
find_history(struct engine *e, struct explanation *x, struct err *err)
{
	if (explain_history(e->store, &x->row, &x->history_text, err) == -1)
		return -1;
	return parse(&x->history, x, &x->history_text, "history", err);
}

static void
sum_fields(struct explanation *x)
{
	size_t i, k;

	for (i = 0; i < json_length(x->evidence); i++) {
		const struct json *item = json_item(x->evidence, i);
		struct slice name = json_text(json_member(item, "field"));

		for (k = 0; k < x->nfields && !slice_equal(x->fields[k].name, name); k++)
			;
		if (k == EXPLAIN_FIELDS_MAX)
			continue;
		if (k == x->nfields)
			x->fields[x->nfields++] = (struct field_sum){ name, 0 };
		x->fields[k].sum += json_number(json_member(item, "weight"), 0);
	}
}

static int
find_out(struct explanation *x, struct engine *e, const char *id, struct arena *a, struct err *err)
{
	if (store_verdict_get(e->store, id, a, &x->row, err) == -1) {
		if (err->code == ERR_NOT_FOUND)
			err_set(err, ERR_NOT_FOUND, "verdict %s: there is none with this id", id);
		return -1;
	}
	if (find_thresholds(e, a, x, err) == -1 || find_evidence(e, x, err) == -1 ||
	    find_disguises(x, err) == -1 || find_history(e, x, err) == -1)
		return -1;
	sum_fields(x);
	explain_summary(x, &x->summary);
	return buf_ok(&x->summary) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* -- Showing it -- */

/* Write the fields whose sum has the sign of SIGN, the largest first: "url +3.21, word +2.10". */
static void
put_sums(const struct out *out, const struct explanation *x, double sign)
{
	bool done[EXPLAIN_FIELDS_MAX] = { false };
	const char *before = "";
	size_t i, best;

	for (;;) {
		best = x->nfields;
		for (i = 0; i < x->nfields; i++)
			if (!done[i] && x->fields[i].sum * sign > 0 &&
			    (best == x->nfields || x->fields[i].sum * sign > x->fields[best].sum * sign))
				best = i;
		if (best == x->nfields)
			break;
		fprintf(out->file, "%s%.*s %+.2f", before, (int)x->fields[best].name.n,
		    x->fields[best].name.p, x->fields[best].sum);
		before = ", ";
		done[best] = true;
	}
	fputs(*before == '\0' ? "nothing\n" : "\n", out->file);
}

static void
put_head(const struct out *out, const struct explanation *x)
{
	char time[TIME_TEXT_BYTES];
	struct buf b, cut;

	buf_init(&b, BUF_NO_LIMIT);
	time_format(time, x->row.time_ms);
	buf_addf(&b, "%s, site ", time);
	text_safe(&b, slice_of(x->row.site_name));
	if (x->row.comment.field[COMMENT_AUTHOR].n > 0) {
		buf_add_str(&b, ", by ");
		text_safe(&b, x->row.comment.field[COMMENT_AUTHOR]);
	}
	fprintf(out->file, "%s\n", buf_str(&b));
	buf_clear(&b);
	text_safe(&b, x->row.comment.field[COMMENT_CONTENT]);
	buf_init(&cut, BUF_NO_LIMIT);
	text_cut(&cut, buf_slice(&b), out->width > 2 ? out->width - 2 : SIZE_MAX);
	fprintf(out->file, "  %s\n\n", buf_str(&cut));
	buf_fini(&cut);
	buf_fini(&b);
}

static int
show(const struct out *out, const struct explanation *x, struct err *err)
{
	report_verdict(out, verdict_name(x->row.verdict), x->row.probability);
	fputc('\n', out->file);
	put_head(out, x);
	explain_wrap(out, buf_slice(&x->summary));
	fputc('\n', out->file);
	explain_put_history(out, x->history);
	if (x->evidence_erased) {
		fprintf(out->file, "%s, and the evidence recorded with the verdict has been erased.\n",
		    x->incomplete);
		return 0;
	}
	if (x->incomplete != NULL)
		fprintf(out->file,
		    "%s: this is the evidence recorded with the verdict, the strongest %zu.\n\n",
		    x->incomplete, json_length(x->evidence));
	if (!check_unasked(x->row.forced)) {
		fputs("for spam:  ", out->file);
		put_sums(out, x, 1);
		fputs("for ham:   ", out->file);
		put_sums(out, x, -1);
		fprintf(out->file, "prior:     %+.2f\n\n", x->row.prior);
	}
	return report_evidence(out, x->evidence, SIZE_MAX, err);
}

static void
put_number(struct buf *b, const char *key, double x, bool there)
{
	json_key(b, key);
	json_put_double(b, there ? x : NAN, PROBABILITY_DIGITS);
}

/* Which threshold for spam counted, and how far over it the probability was; null where none did. */
static void
put_threshold(struct buf *b, const struct explanation *x)
{
	double spam = explain_threshold(x);

	json_key(b, "threshold");
	if (!explain_threshold_counted(x)) {
		json_put_str(b, NULL);
		return;
	}
	json_open(b, '{');
	json_key(b, "of");
	json_put_str(b, x->site_spam > 0 ? "site" : "model");
	put_number(b, "spam", spam, true);
	put_number(b, "distance", x->row.probability - spam, true);
	json_close(b, '}');
}

static void
put_fields(struct buf *b, const struct explanation *x)
{
	size_t i;

	json_key(b, "fields");
	json_open(b, '{');
	for (i = 0; i < x->nfields; i++) {
		struct buf name;

		buf_init(&name, BUF_NO_LIMIT);
		buf_add_slice(&name, x->fields[i].name);
		b->failed = b->failed || !buf_ok(&name);
		json_key(b, buf_str(&name));
		json_put_double(b, x->fields[i].sum, WEIGHT_DIGITS);
		buf_fini(&name);
	}
	json_close(b, '}');
}

/* The contract's verdict object, with what only an explanation knows. */
static int
show_json(struct cli *cli, const struct explanation *x, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	verdict_json(&x->row, buf_slice(&x->evidence_text), true, &b);
	if (b.n > 0 && b.p[b.n - 1] == '}')
		b.p[--b.n] = '\0';
	json_key(&b, "evidence_complete");
	json_put_bool(&b, x->incomplete == NULL);
	put_number(&b, "spam_threshold", explain_threshold(x), explain_threshold(x) > 0);
	put_number(&b, "unsure_threshold", x->unsure, x->unsure > 0);
	put_threshold(&b, x);
	put_fields(&b, x);
	put_number(&b, "known", x->known, true);
	json_key(&b, "disguises");
	json_put_raw(&b, buf_slice(&x->disguises_text));
	json_key(&b, "history");
	json_put_raw(&b, buf_slice(&x->history_text));
	json_key(&b, "summary");
	json_put_slice(&b, buf_slice(&x->summary));
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
explain(struct cli *cli, struct engine *e, const char *text, struct arena *a, struct err *err)
{
	struct explanation x;
	char id[ULID_CHARS + 1];
	int rc;

	if (cli_verdict_id(id, text, err) == -1)
		return -1;
	explanation_init(&x);
	rc = find_out(&x, e, id, a, err);
	if (rc == 0)
		rc = cli->json ? show_json(cli, &x, err) : show(&cli->out, &x, err);
	explanation_fini(&x);
	return rc;
}

/* -- Computing it again -- */

static int
show_recomputed(
    struct cli *cli, const struct verdict_row *row, double probability, bool same, struct err *err)
{
	struct buf b;
	int rc;

	if (!cli->json) {
		fprintf(cli->out.file, "recorded:  %.17g (%a)\ncomputed:  %.17g (%a)\n%s\n", row->probability,
		    row->probability, probability, probability,
		    same ? "the same to the last bit" : "not the same");
		return 0;
	}
	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "id");
	json_put_str(&b, row->id);
	json_key(&b, "model");
	json_put_str(&b, row->model);
	put_number(&b, "recorded", row->probability, true);
	put_number(&b, "computed", probability, true);
	json_key(&b, "same");
	json_put_bool(&b, same);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

/* Set *SAME to whether the verdict TEXT can be computed again to the last bit, and show both. */
static int
compute_again(
    struct cli *cli, struct engine *e, const char *text, struct arena *a, bool *same, struct err *err)
{
	char id[ULID_CHARS + 1];
	struct verdict_row row;
	double probability;

	if (cli_verdict_id(id, text, err) == -1 || store_verdict_get(e->store, id, a, &row, err) == -1 ||
	    recompute_probability(e, &row, &probability, err) == -1)
		return -1;
	*same = memcmp(&probability, &row.probability, sizeof(probability)) == 0;
	return show_recomputed(cli, &row, probability, *same, err);
}

static int
run(struct cli *cli, const struct opts *o)
{
	bool same = true;
	struct engine *e = NULL;
	const char *const *ids;
	struct arena *a;
	struct err err;
	size_t n;
	int rc;

	ids = opts_arguments(o, &n);
	a = arena_new(ARENA_BYTES);
	rc = a != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");
	if (rc == 0)
		rc = cli_engine(cli, STORE_READ, &e, &err);
	if (rc == 0)
		rc = opts_given(o, OPT_RECOMPUTE) ? compute_again(cli, e, ids[0], a, &same, &err)
						  : explain(cli, e, ids[0], a, &err);
	engine_close(e);
	arena_free(a);
	if (rc == -1)
		return cli_fail(&err);
	return same ? CLI_DONE : CLI_NO;
}

const struct verb verb_explain = {
	.name = "explain",
	.usage = "ID [--recompute]",
	.summary = "Say why a comment got its verdict, and show all evidence, the strongest first.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
