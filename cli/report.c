#include "config.h"

#include <math.h>

#include "cli/report.h"
#include "cli/table.h"

static void
put_share(struct table *t, const char *name, double share, double part, double whole, const char *of)
{
	table_cell_str(t, STYLE_PLAIN, name);
	if (isfinite(share))
		table_cellf(t, STYLE_BOLD, "%.2f %%", 100 * share);
	else
		table_cell_str(t, STYLE_BOLD, "-");
	if (whole >= 0)
		table_cellf(t, STYLE_DIM, "%.0f of %.0f %s", part, whole, of);
	else
		table_cell_str(t, STYLE_DIM, of);
}

static void
put_number(struct table *t, const char *name, double x, int decimals, const char *note)
{
	table_cell_str(t, STYLE_PLAIN, name);
	if (isfinite(x))
		table_cellf(t, STYLE_BOLD, "%.*f", decimals, x);
	else
		table_cell_str(t, STYLE_BOLD, "-");
	table_cell_str(t, STYLE_DIM, note);
}

static double
number(const struct json *j, const char *key)
{
	return json_number(json_member(j, key), NAN);
}

int
report_figures(const struct out *out, const struct json *figures, struct err *err)
{
	static const struct column columns[] = { { .title = "" }, { .title = "", .right = true },
		{ .title = "" } };
	const struct json *c = json_member(figures, "confusion");
	const struct json *at = json_member(figures, "caught_at_blocked_ham");
	double tp = number(c, "tp"), fp = number(c, "fp"), tn = number(c, "tn"), fn = number(c, "fn");
	struct table t;
	int rc;

	table_init(&t, columns, 3);
	put_share(&t, "blocked ham", number(figures, "blocked_ham"), fp, fp + tn, "ham");
	put_share(&t, "spam caught", number(figures, "spam_caught"), tp, tp + fn, "spam");
	put_share(&t, "accuracy", number(figures, "accuracy"), tp + tn, tp + fp + tn + fn, "rows");
	put_number(&t, "Matthews correlation", number(figures, "mcc"), 4, "");
	put_number(&t, "F1", number(figures, "f1"), 4, "");
	put_number(&t, "AUC", number(figures, "auc"), 4, "");
	put_share(&t, "caught at 0.2 % blocked", number(at, "0.002"), 0, -1, "of the spam");
	put_share(&t, "caught at 1 % blocked", number(at, "0.01"), 0, -1, "of the spam");
	put_number(&t, "Brier score", number(figures, "brier"), 4, "");
	put_number(&t, "calibration error", number(figures, "ece"), 4, "10 bins");
	put_number(&t, "features", number(figures, "features"), 0, "");
	put_number(&t, "rows trained on", number(figures, "train"), 0, "");
	put_number(&t, "rows tested on", number(figures, "test"), 0, "");
	put_number(&t, "seconds", number(figures, "seconds"), 2, "");
	rc = table_print(&t, out, false);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

int
report_evidence(const struct out *out, const struct json *evidence, size_t max, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "WEIGHT", .right = true },
		{ .title = "FIELD" },
		{ .title = "TOKEN", .flex = true },
	};
	const struct json *item;
	struct table t;
	double weight;
	size_t i;
	int rc;

	table_init(&t, columns, 3);
	for (i = 0; i < json_length(evidence) && i < max; i++) {
		item = json_item(evidence, i);
		weight = number(item, "weight");
		table_cellf(&t, weight > 0 ? STYLE_BAD : STYLE_GOOD, "%+.3f", weight);
		table_cell(&t, STYLE_PLAIN, json_text(json_member(item, "field")));
		table_cell(&t, STYLE_PLAIN, json_text(json_member(item, "token")));
	}
	rc = i == 0 ? 0 : table_print(&t, out, true);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

void
report_verdict(const struct out *out, const char *verdict, double probability)
{
	enum verdict v;

	out_printf(out, verdict_parse(&v, verdict) == 0 ? out_verdict_style(v) : STYLE_PLAIN, "%s", verdict);
	fprintf(out->file, ", probability %.4f", probability);
}
