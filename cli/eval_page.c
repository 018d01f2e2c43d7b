#include "config.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/timetext.h"
#include "cli/eval_page.h"
#include "cli/html.h"

#define FILES_SHOWN 20
#define PATH_CHARACTERS 200
#define DIGITS 8 /* as in the JSON */

/* Append the names of N files; BEFORE of the same list are there already. */
static void
put_files(struct buf *b, const char *const *files, size_t n, size_t before)
{
	for (size_t i = before; i < before + n && i < FILES_SHOWN; i++) {
		buf_add_str(b, i > 0 ? ", <code>" : "<code>");
		html_excerpt(b, slice_of(files[i - before]), PATH_CHARACTERS);
		buf_add_str(b, "</code>");
	}
}

static void
put_trained_on(struct buf *b, const struct eval_page *p)
{
	size_t n = p->ntrained_on + p->nmore_trained_on;

	put_files(b, p->trained_on, p->ntrained_on, 0);
	put_files(b, p->more_trained_on, p->nmore_trained_on, p->ntrained_on);
	if (n > FILES_SHOWN)
		buf_addf(b, " and %zu more", n - FILES_SHOWN);
}

static void
put_tested_on(struct buf *b, const struct eval_page *p)
{
	put_files(b, p->tested_on, p->ntested_on, 0);
	if (p->ntested_on > FILES_SHOWN)
		buf_addf(b, " and %zu more", p->ntested_on - FILES_SHOWN);
}

static void
put_classes(struct buf *b, uint64_t ham, uint64_t spam)
{
	html_count(b, ham + spam);
	buf_add_str(b, " comments: ");
	html_count(b, ham);
	buf_add_str(b, " ham, ");
	html_count(b, spam);
	buf_add_str(b, " spam");
}

static void
put_model(struct buf *b, const struct eval_page *p)
{
	const struct model_info *info = &p->findings->model;

	buf_add_str(b, "<div><dt>Model</dt><dd>");
	if (p->folds == 0 && p->ntrained_on == 0) {
		buf_add_str(b, "<code>");
		if (p->model != NULL)
			html_excerpt(b, slice_of(p->model), PATH_CHARACTERS);
		else
			buf_addf(b, "%.12s", info->id);
		buf_add_str(b, "</code>, learnt from ");
		put_classes(b, info->ham, info->spam);
	} else if (p->folds > 0) {
		buf_addf(b, "%lld-fold cross-validation: each comment judged by a model that never saw it",
		    (long long)p->folds);
	} else {
		buf_add_str(b, "trained on ");
		put_trained_on(b, p);
		buf_add_str(b, " (");
		put_classes(b, info->ham, info->spam);
		buf_add_str(b, ")");
	}
	buf_add_str(b, "</dd></div>\n");
}

static void
put_tested(struct buf *b, const struct eval_page *p)
{
	const struct evaluation *e = p->figures;

	buf_add_str(b, "<div><dt>Tested on</dt><dd>");
	if (p->folds > 0)
		put_trained_on(b, p);
	else
		put_tested_on(b, p);
	buf_add_str(b, " (");
	put_classes(b, e->fp + e->tn, e->tp + e->fn);
	buf_add_str(b, ")</dd></div>\n");
}

static void
put_threshold(struct buf *b, const struct eval_page *p)
{
	const double *t = p->findings->spam_threshold;

	buf_addf(b, "<div><dt>Threshold</dt><dd>spam from probability %.4f", t[0]);
	if (t[1] - t[0] >= 0.00005)
		buf_addf(b, " to %.4f, by fold", t[1]);
	if (p->folds == 0 && p->ntrained_on == 0)
		buf_addf(b, ", the model's own, for at most %.3g&nbsp;%% of ham blocked",
		    100 * p->findings->model.blocked_ham_budget);
	else
		buf_addf(b, ", chosen on the training rows for at most %.3g&nbsp;%% of ham blocked",
		    100 * p->budget);
	buf_add_str(b, "</dd></div>\n");
}

static void
put_head(struct buf *b, const struct eval_page *p)
{
	char when[TIME_TEXT_BYTES];

	time_format(when, p->now_ms);
	buf_add_str(b,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	    "'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"color-scheme\" content=\"light "
	    "dark\">\n"
	    "<title>Hamlet: how good the filter is</title>\n");
	eval_page_style(b);
	buf_add_str(b, "</head>\n<body>\n<header>\n<h1>How good the filter is</h1>\n<dl class=\"about\">\n");
	put_model(b, p);
	put_tested(b, p);
	put_threshold(b, p);
	if (p->fields == FIELDS_CONTENT)
		buf_add_str(b, "<div><dt>Fields</dt><dd>the comment's text only</dd></div>\n");
	buf_addf(b,
	    "<div><dt>When</dt><dd><time datetime=\"%s\">%.10s %.5s UTC</time>, in %.2f&nbsp;seconds, by"
	    " Hamlet " PACKAGE_VERSION "</dd></div>\n</dl>\n</header>\n<main>\n",
	    when, when, when + 11, p->figures->seconds);
}

/* Begin a figure's element: the value as in the JSON, for programs that read the page. */
static void
begin_data(struct buf *b, const char *id, double value)
{
	struct buf digits;

	buf_init(&digits, BUF_NO_LIMIT);
	json_put_double(&digits, value, DIGITS);
	buf_addf(b, "<data id=\"%s\" value=\"%s\">", id, buf_str(&digits));
	buf_fini(&digits);
}

static void
put_card_share(struct buf *b, const char *title, const char *id, double share, size_t part, size_t whole,
    const char *of, bool first)
{
	double low, high;

	buf_addf(b, "<div class=\"card%s\"><dt>%s</dt><dd>", first ? " first" : "", title);
	begin_data(b, id, share);
	html_percent(b, share, 2);
	buf_add_str(b, "</data><span class=\"note\">");
	html_count(b, part);
	buf_add_str(b, " of ");
	html_count(b, whole);
	buf_addf(b, " %s", of);
	if (whole > 0) {
		share_interval(part, whole, &low, &high);
		buf_addf(b, "<br>95&nbsp;%%: %.2f to ", 100 * low);
		html_percent(b, high, 2);
	}
	buf_add_str(b, "</span></dd></div>\n");
}

static void
put_card(struct buf *b, const char *title, const char *id, double value, const char *note)
{
	buf_addf(b, "<div class=\"card\"><dt>%s</dt><dd>", title);
	begin_data(b, id, value);
	buf_addf(b, "%.4f</data><span class=\"note\">%s</span></dd></div>\n", value, note);
}

static void
put_headline(struct buf *b, const struct evaluation *e)
{
	buf_add_str(b,
	    "<section aria-labelledby=\"headline\">\n<h2 id=\"headline\">At a glance</h2>\n"
	    "<dl class=\"cards\">\n");
	put_card_share(b, "Blocked ham", "blocked_ham", e->blocked_ham, e->fp, e->fp + e->tn, "ham", true);
	put_card_share(b, "Spam caught", "spam_caught", e->spam_caught, e->tp, e->tp + e->fn, "spam", false);
	put_card(b, "Matthews correlation", "mcc", e->mcc, "1 is perfect,<br>0 is guessing");
	put_card(b, "AUC", "auc", e->auc, "how often spam<br>outranks ham");
	put_card(b, "Calibration error", "ece", e->ece, "probability against<br>truth, 10 bins");
	buf_add_str(b, "</dl>\n</section>\n");
}

static void
put_cell(struct buf *b, const char *style, const char *id, size_t n)
{
	buf_addf(b, "<td class=\"%s\">", style);
	begin_data(b, id, (double)n);
	html_count(b, n);
	buf_add_str(b, "</data></td>");
}

static void
put_confusion(struct buf *b, const struct evaluation *e)
{
	buf_add_str(b,
	    "<div class=\"panel\"><table class=\"confusion\">\n<caption>Confusion table</caption>\n"
	    "<thead><tr><td></td><th scope=\"col\">called ham</th><th scope=\"col\">called spam</th></tr>"
	    "</thead>\n<tbody>\n<tr><th scope=\"row\">is ham</th>");
	put_cell(b, "right", "tn", e->tn);
	put_cell(b, e->fp > 0 ? "wrong" : "", "fp", e->fp);
	buf_add_str(b, "</tr>\n<tr><th scope=\"row\">is spam</th>");
	put_cell(b, e->fn > 0 ? "wrong" : "", "fn", e->fn);
	put_cell(b, "right", "tp", e->tp);
	buf_add_str(b, "</tr>\n</tbody></table>\n<p class=\"note\">");
	begin_data(b, "unsure", (double)e->unsure);
	html_count(b, e->unsure);
	buf_add_str(b, "</data> were <em>unsure</em>; they count as called ham.</p></div>\n");
}

static void
put_budgets(struct buf *b, const struct findings *f)
{
	char id[32];

	buf_add_str(b,
	    "<div class=\"panel\"><table>\n<caption>Spam caught within a budget of blocked ham</caption>\n"
	    "<thead><tr><th scope=\"col\">Ham blocked, at most</th><th scope=\"col\">in rows</th>"
	    "<th scope=\"col\">Spam caught</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < FINDINGS_BUDGETS; i++) {
		const struct budget *budget = &f->budgets[i];

		buf_addf(b, "<tr><th scope=\"row\">%.3g&nbsp;%%</th><td>", 100 * budget->share);
		html_count(b, budget->allowed);
		buf_add_str(b, "</td><td>");
		snprintf(id, sizeof(id), "caught_at_%g", budget->share);
		begin_data(b, id, budget->caught_share);
		html_percent(b, budget->caught_share, 2);
		buf_add_str(b, "</data></td></tr>\n");
	}
	buf_add_str(b,
	    "</tbody></table>\n<p class=\"note\">By the best single threshold for these very comments, so"
	    " better than any chosen beforehand.</p></div>\n");
}

static void
put_row(struct buf *b, const char *title, const char *id, double value, int decimals)
{
	buf_addf(b, "<tr><th scope=\"row\">%s</th><td>", title);
	begin_data(b, id, value);
	if (decimals == 0)
		html_count(b, (uint64_t)value);
	else
		buf_addf(b, "%.*f", decimals, value);
	buf_add_str(b, "</data></td></tr>\n");
}

static void
put_others(struct buf *b, const struct evaluation *e)
{
	buf_add_str(b,
	    "<div class=\"panel\"><table>\n<caption>Other figures</caption>\n"
	    "<thead><tr><th scope=\"col\">Figure</th><th scope=\"col\">Value</th></tr></thead>\n<tbody>\n");
	put_row(b, "Accuracy", "accuracy", e->accuracy, 4);
	put_row(b, "F1", "f1", e->f1, 4);
	put_row(b, "Brier score", "brier", e->brier, 4);
	put_row(b, "Comments tested", "test", (double)e->test, 0);
	if (e->train > 0)
		put_row(b, "Comments trained on", "train", (double)e->train, 0);
	put_row(b, "Features", "features", (double)e->features, 0);
	buf_add_str(b, "</tbody></table></div>\n");
}

void
eval_page(struct buf *b, const struct eval_page *p)
{
	put_head(b, p);
	put_headline(b, p->figures);
	buf_add_str(b,
	    "<section aria-labelledby=\"tables\">\n<h2 id=\"tables\">Figures</h2>\n<div class=\"tables\">\n");
	put_confusion(b, p->figures);
	put_budgets(b, p->findings);
	put_others(b, p->figures);
	buf_add_str(b, "</div>\n</section>\n");
	eval_page_plots(b, p);
	eval_page_mistakes(b, p);
	buf_add_str(b,
	    "</main>\n<footer><p>This page holds what commenters wrote. It needs no network and runs no"
	    " script.</p></footer>\n</body>\n</html>\n");
}

int
eval_page_check(const char *path, struct err *err)
{
	struct stat st;
	char *copy, *folder;
	int rc = 0;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s: not a file", path);
	copy = strdup(path);
	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	folder = dirname(copy);
	if (stat(folder, &st) == -1 || access(folder, W_OK) == -1)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(ENOTDIR));
	free(copy);
	return rc;
}

int
eval_page_write(const char *path, const struct eval_page *p, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	eval_page(&b, p);
	if (buf_ok(&b))
		rc = file_write_whole(path, b.p, b.n, err);
	else
		rc = err_set(err, ERR_NOMEM, "%s: out of memory", path);
	buf_fini(&b);
	return rc;
}
