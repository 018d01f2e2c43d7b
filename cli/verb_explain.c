#include "config.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "engine/check.h"

static const struct opt options[] = {
	{ .name = NULL },
};

#define ARENA_BYTES ((size_t)256 << 20)
#define FIELDS_MAX 32
#define PROBABILITY_SAME 1e-9

/* One verdict and all that can be said of it. */
struct explanation {
	struct verdict_row row;
	struct buf evidence; /* JSON list */
	const char *incomplete; /* why there is only what was recorded with the verdict; NULL: all is there */
	double spam_threshold, unsure_threshold; /* 0: not known */
};

/* What one field says in all. */
struct field_sum {
	struct slice name;
	double sum;
};

static int
thresholds(struct engine *e, struct arena *a, struct explanation *x, struct err *err)
{
	struct model_row *models;
	struct site_row *sites;
	size_t i, n;

	if (store_models(e->store, a, &models, &n, err) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if (strcmp(models[i].id, x->row.model) == 0) {
			x->spam_threshold = models[i].spam_threshold;
			x->unsure_threshold = models[i].unsure_threshold;
		}
	}
	if (store_sites(e->store, true, a, &sites, &n, err) == -1)
		return -1;
	for (i = 0; i < n; i++)
		if (sites[i].id == x->row.site && sites[i].spam_threshold > 0)
			x->spam_threshold = sites[i].spam_threshold;
	return 0;
}

/*
 * Compute the evidence again.  Where that is not possible, or doesn't lead to the recorded probability, what
 * was recorded is the better witness.
 */
static int
find_evidence(struct engine *e, struct explanation *x, struct err *err)
{
	double probability;

	if (check_recompute(e, &x->row, &x->evidence, &probability, err) == -1) {
		if (err->code != ERR_NOT_FOUND)
			return -1;
		x->incomplete = "The model's file is no longer kept";
	} else if (fabs(probability - x->row.probability) > PROBABILITY_SAME) {
		x->incomplete = "The classifier has changed since";
	}
	if (x->incomplete != NULL) {
		buf_clear(&x->evidence);
		buf_add_str(&x->evidence, x->row.evidence);
	}
	return buf_ok(&x->evidence) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static size_t
sum_fields(struct field_sum sums[FIELDS_MAX], const struct json *evidence)
{
	size_t i, k, n = 0;

	for (i = 0; i < json_length(evidence); i++) {
		const struct json *item = json_item(evidence, i);
		struct slice name = json_text(json_member(item, "field"));

		for (k = 0; k < n && !slice_equal(sums[k].name, name); k++)
			;
		if (k == FIELDS_MAX)
			continue;
		if (k == n)
			sums[n++] = (struct field_sum){ name, 0 };
		sums[k].sum += json_number(json_member(item, "weight"), 0);
	}
	return n;
}

/* Write the fields whose sum has the sign of SIGN, the largest first: "url +3.21, word +2.10". */
static void
put_sums(const struct out *out, struct field_sum *sums, size_t n, double sign)
{
	const char *before = "";
	size_t i, best;

	for (;;) {
		best = n;
		for (i = 0; i < n; i++)
			if (sums[i].sum * sign > 0 &&
			    (best == n || sums[i].sum * sign > sums[best].sum * sign))
				best = i;
		if (best == n)
			break;
		fprintf(out->file, "%s%.*s %+.2f", before, (int)sums[best].name.n, sums[best].name.p,
		    sums[best].sum);
		before = ", ";
		sums[best].sum = 0;
	}
	fputs(*before == '\0' ? "nothing\n" : "\n", out->file);
}

static void
put_sentence(const struct out *out, const struct explanation *x)
{
	const struct verdict_row *row = &x->row;
	double spam = x->spam_threshold, unsure = x->unsure_threshold, p = row->probability;

	report_verdict(out, verdict_name(row->verdict), p);
	if (row->forced[0] != '\0') {
		fprintf(out->file, ": the classifier was not asked (%s)\n", row->forced);
		return;
	}
	if (row->verdict == VERDICT_SPAM && spam > 0 && p >= spam)
		fprintf(out->file, ": not under the spam threshold %.4f", spam);
	else if (row->verdict == VERDICT_UNSURE && spam > 0 && p < spam && p >= unsure)
		fprintf(out->file, ": between the unsure threshold %.4f and the spam threshold %.4f", unsure,
		    spam);
	else if (row->verdict == VERDICT_HAM && spam > 0 && p < unsure)
		fprintf(out->file, ": under the unsure threshold %.4f", unsure);
	else
		fputs(": by the thresholds in force then", out->file);
	fprintf(out->file, " of model %.*s\n", REPORT_ID_DIGITS, row->model);
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
	struct field_sum sums[FIELDS_MAX];
	struct json *evidence;
	size_t n;
	int rc;

	if (json_parse(&evidence, x->evidence.p, x->evidence.n, err) == -1)
		return err_prefix(err, "verdict %s: evidence", x->row.id);
	put_sentence(out, x);
	put_head(out, x);
	n = sum_fields(sums, evidence);
	if (x->incomplete != NULL)
		fprintf(out->file,
		    "%s: this is the evidence recorded with the verdict, the strongest %zu.\n\n",
		    x->incomplete, json_length(evidence));
	if (x->row.forced[0] == '\0') {
		fputs("for spam:  ", out->file);
		put_sums(out, sums, n, 1);
		fputs("for ham:   ", out->file);
		put_sums(out, sums, n, -1);
		fprintf(out->file, "prior:     %+.2f\n\n", x->row.prior);
	}
	rc = report_evidence(out, evidence, SIZE_MAX, err);
	json_free(evidence);
	return rc;
}

/* The contract's verdict object, with what only an explanation knows. */
static int
show_json(struct cli *cli, const struct explanation *x, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	verdict_json(&x->row, buf_slice(&x->evidence), true, &b);
	if (b.n > 0 && b.p[b.n - 1] == '}')
		b.p[--b.n] = '\0';
	json_key(&b, "evidence_complete");
	json_put_bool(&b, x->incomplete == NULL);
	json_key(&b, "spam_threshold");
	json_put_double(&b, x->spam_threshold > 0 ? x->spam_threshold : NAN, 17);
	json_key(&b, "unsure_threshold");
	json_put_double(&b, x->unsure_threshold > 0 ? x->unsure_threshold : NAN, 17);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static int
explain(struct cli *cli, struct engine *e, const char *text, struct arena *a, struct err *err)
{
	struct explanation x = { .incomplete = NULL };
	char id[ULID_CHARS + 1];
	int rc;

	if (cli_verdict_id(id, text, err) == -1)
		return -1;
	buf_init(&x.evidence, BUF_NO_LIMIT);
	rc = store_verdict_get(e->store, id, a, &x.row, err);
	if (rc == -1 && err->code == ERR_NOT_FOUND)
		err_set(err, ERR_NOT_FOUND, "verdict %s: there is none with this id", id);
	if (rc == 0)
		rc = thresholds(e, a, &x, err);
	if (rc == 0)
		rc = find_evidence(e, &x, err);
	if (rc == 0)
		rc = cli->json ? show_json(cli, &x, err) : show(&cli->out, &x, err);
	buf_fini(&x.evidence);
	return rc;
}

static int
run(struct cli *cli, const struct opts *o)
{
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
		rc = explain(cli, e, ids[0], a, &err);
	engine_close(e);
	arena_free(a);
	return rc == 0 ? CLI_DONE : cli_fail(&err);
}

const struct verb verb_explain = {
	.name = "explain",
	.usage = "ID",
	.summary = "Show why a comment got its verdict: all evidence, the strongest first.",
	.options = options,
	.min_arguments = 1,
	.max_arguments = 1,
	.run = run,
};
