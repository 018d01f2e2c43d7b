#include "config.h"

#include <math.h>

#include "cli/models_diff.h"
#include "cli/report.h"
#include "cli/table.h"

/* Nothing that people would see as a change. */
#define WORTH_SAME 5e-4

static int
print(struct table *t, const struct out *out, struct err *err)
{
	int rc = table_print(t, out, true);

	table_fini(t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

/* -- Tokens -- */

static void
put_pair(struct table *t, uint32_t before, uint32_t after)
{
	table_cellf(t, STYLE_PLAIN, "%u > %u", before, after);
}

/* List the tokens in R under TITLE, with what they were in model FROM and are in model TO: the same model for
 * those that only one of the two knows. */
static int
put_list(const struct out *out, const char *title, const struct ranking *r, int from, int to, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "RATIO", .right = true, .min = 14 },
		{ .title = "SPAM", .right = true, .min = 12 },
		{ .title = "HAM", .right = true, .min = 12 },
		{ .title = "FIELD", .min = 6 },
		{ .title = "TOKEN", .flex = true },
	};
	const struct diff_token *d;
	struct table t;

	if (r->n == 0)
		return 0;
	fprintf(out->file, "\n%s:\n", title);
	table_init(&t, columns, 5);
	for (size_t i = 0; i < r->n; i++) {
		d = ranking_item(r, i);
		if (from != to) {
			table_cellf(&t, d->ratio[to] > d->ratio[from] ? STYLE_BAD : STYLE_GOOD,
			    "%+.2f > %+.2f", d->ratio[from], d->ratio[to]);
			put_pair(&t, d->spam[from], d->spam[to]);
			put_pair(&t, d->ham[from], d->ham[to]);
		} else {
			table_cellf(&t, d->ratio[to] > 0 ? STYLE_BAD : STYLE_GOOD, "%+.2f", d->ratio[to]);
			table_cellf(&t, STYLE_PLAIN, "%u", d->spam[to]);
			table_cellf(&t, STYLE_PLAIN, "%u", d->ham[to]);
		}
		table_cell_str(&t, STYLE_PLAIN, field_name(d->field));
		table_cell(&t, STYLE_PLAIN, d->name);
	}
	return print(&t, out, err);
}

static int
put_tokens(const struct out *out, const struct model_diff *d, struct err *err)
{
	fprintf(out->file, "tokens      %llu counted otherwise, %llu new, %llu gone, %llu as before\n",
	    (unsigned long long)d->changed, (unsigned long long)d->appeared, (unsigned long long)d->gone,
	    (unsigned long long)d->same);
	if (d->unlisted > 0)
		fprintf(out->file, "            %llu of those that differ have no name and aren't listed\n",
		    (unsigned long long)d->unlisted);
	if (put_list(out, "changed most", &d->changes, 0, 1, err) == -1 ||
	    put_list(out, "new, the most telling", &d->arrivals, 1, 1, err) == -1)
		return -1;
	return put_list(out, "gone, the most telling", &d->losses, 0, 0, err);
}

/* -- Weights and thresholds -- */

static void
put_models(const struct out *out, const struct models_compared *c)
{
	static const char *const names[2] = { "before", "after " };

	for (int i = 0; i < 2; i++) {
		const struct model_info *info = model_info(c->models[i]);

		fprintf(out->file, "%s      %.*s: %llu spam, %llu ham, %llu tokens\n", names[i],
		    REPORT_ID_DIGITS, info->id, (unsigned long long)info->spam, (unsigned long long)info->ham,
		    (unsigned long long)info->tokens);
	}
}

static void
put_thresholds(const struct out *out, const struct models_compared *c)
{
	const struct model_info *before = model_info(c->models[0]), *after = model_info(c->models[1]);
	const struct weights *from = model_weights(c->models[0]), *to = model_weights(c->models[1]);

	fprintf(out->file, "thresholds  spam from %.4f > %.4f, unsure from %.4f > %.4f",
	    before->spam_threshold, after->spam_threshold, before->unsure_threshold, after->unsure_threshold);
	fprintf(out->file, ", for at most %.2f %% > %.2f %% blocked ham\n", 100 * before->blocked_ham_budget,
	    100 * after->blocked_ham_budget);
	fprintf(out->file, "prior       %+.3f > %+.3f\n", from->bias, to->bias);
	fprintf(out->file, "totals      %.1f %% > %.1f %% of all spam, %.1f %% > %.1f %% of all ham\n",
	    100 * from->totals.spam, 100 * to->totals.spam, 100 * from->totals.ham, 100 * to->totals.ham);
}

static void
put_worth(struct table *t, double before, double after)
{
	enum style style = fabs(after - before) < WORTH_SAME ? STYLE_DIM : STYLE_BOLD;

	table_cellf(t, STYLE_PLAIN, "%.3f", before);
	table_cellf(t, STYLE_PLAIN, "%.3f", after);
	table_cellf(t, style, "%+.3f", after - before);
}

static int
put_weights(const struct out *out, const struct models_compared *c, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "FIELD" },
		{ .title = "TOKENS", .right = true },
		{ .title = "BEFORE", .right = true },
		{ .title = "AFTER", .right = true },
		{ .title = "CHANGE", .right = true },
	};
	const struct weights *before = model_weights(c->models[0]), *after = model_weights(c->models[1]);
	struct table t;

	fputs("\nweights: what a ratio of the field is worth in a comment with as many known tokens as "
	      "usual:\n",
	    out->file);
	table_init(&t, columns, 5);
	for (int f = 0; f < FIELD_COUNT; f++) {
		table_cell_str(&t, STYLE_PLAIN, field_name((enum field)f));
		table_cellf(&t, STYLE_DIM, "%.1f", c->tokens.fields[1][f].known);
		put_worth(&t, c->tokens.fields[0][f].worth, c->tokens.fields[1][f].worth);
	}
	for (int k = 0; k < WINDOWS_MAX; k++) {
		if (fabs(before->window[k]) + fabs(after->window[k]) <= 0)
			continue;
		table_cellf(&t, STYLE_PLAIN, "worst window %d", k + 1);
		table_cell_str(&t, STYLE_DIM, "");
		put_worth(&t, before->window[k], after->window[k]);
	}
	return print(&t, out, err);
}

/* -- Verdicts -- */

static int
put_moves(const struct out *out, const struct verdict_diff *v, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "BEFORE" },
		{ .title = "AFTER" },
		{ .title = "HAM EXAMPLES", .right = true },
		{ .title = "SPAM EXAMPLES", .right = true },
	};
	struct table t;

	table_init(&t, columns, 4);
	for (int from = VERDICT_HAM; from <= VERDICT_SPAM; from++) {
		for (int to = VERDICT_HAM; to <= VERDICT_SPAM; to++) {
			if (from == to || v->moved[LABEL_HAM][from][to] + v->moved[LABEL_SPAM][from][to] == 0)
				continue;
			table_cell_str(
			    &t, out_verdict_style((enum verdict)from), verdict_name((enum verdict)from));
			table_cell_str(
			    &t, out_verdict_style((enum verdict)to), verdict_name((enum verdict)to));
			table_cellf(
			    &t, STYLE_PLAIN, "%llu", (unsigned long long)v->moved[LABEL_HAM][from][to]);
			table_cellf(
			    &t, STYLE_PLAIN, "%llu", (unsigned long long)v->moved[LABEL_SPAM][from][to]);
		}
	}
	return print(&t, out, err);
}

static int
put_flips(const struct out *out, const struct ranking *r, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "BEFORE" },
		{ .title = "AFTER" },
		{ .title = "LABEL" },
		{ .title = "COMMENT", .flex = true },
	};
	const struct verdict_flip *f;
	struct table t;

	fputs("\nthe farthest moved:\n", out->file);
	table_init(&t, columns, 4);
	for (size_t i = 0; i < r->n; i++) {
		f = ranking_item(r, i);
		for (int k = 0; k < 2; k++)
			table_cellf(&t, out_verdict_style(f->verdict[k]), "%s %.4f",
			    verdict_name(f->verdict[k]), f->probability[k]);
		table_cell_str(&t, STYLE_PLAIN, label_name(f->label));
		table_cell_str(&t, STYLE_PLAIN, f->excerpt);
	}
	return print(&t, out, err);
}

static int
put_verdicts(const struct out *out, const struct verdict_diff *v, struct err *err)
{
	uint64_t better, worse;

	verdict_diff_count(v, &better, &worse);
	fprintf(out->file, "\nverdicts on %llu ", (unsigned long long)v->judged);
	if (v->judged < v->examples)
		fprintf(out->file, "of the %llu ", (unsigned long long)v->examples);
	fprintf(out->file, "examples: %llu change, %llu for the better, %llu for the worse\n",
	    (unsigned long long)(better + worse), (unsigned long long)better, (unsigned long long)worse);
	if (better + worse == 0)
		return 0;
	return put_moves(out, v, err) == -1 ? -1 : put_flips(out, &v->flips, err);
}

int
models_diff_text(const struct out *out, const struct models_compared *c, struct err *err)
{
	put_models(out, c);
	put_thresholds(out, c);
	if (put_tokens(out, &c->tokens, err) == -1 || put_weights(out, c, err) == -1)
		return -1;
	return put_verdicts(out, &c->verdicts, err);
}
