#include "config.h"

#include <math.h>
#include <stdio.h>

#include "cli/eval_page.h"
#include "cli/html.h"
#include "cli/plot.h"

#define DESCRIPTION_BYTES 320

static double
part(size_t n, size_t whole)
{
	return whole > 0 ? (double)n / (double)whole : 0;
}

static void
begin_figure(struct buf *b, const char *title, const char *caption)
{
	buf_addf(b, "<figure>\n<figcaption><h3>%s</h3>\n<p>%s</p></figcaption>\n", title, caption);
}

static void
end_figure(struct buf *b)
{
	buf_add_str(b, "</figure>\n");
}

static double
log_odds(double p)
{
	return fmin(fmax(log(p / (1 - p)), -FINDINGS_LOG_ODDS), FINDINGS_LOG_ODDS);
}

/* The greatest share of its class that stands in one column. */
static double
tallest(const struct findings *f, size_t all_spam, size_t all_ham)
{
	double most = 0.01;

	for (size_t i = 0; i < FINDINGS_COLUMNS; i++)
		most = fmax(most, fmax(part(f->spam[i], all_spam), part(f->ham[i], all_ham)));
	return most;
}

static void
put_columns(struct plot *p, const struct findings *f, size_t all_spam, size_t all_ham)
{
	const double width = 2 * FINDINGS_LOG_ODDS / FINDINGS_COLUMNS, gap = width / 12;

	for (size_t i = 0; i < FINDINGS_COLUMNS; i++) {
		double from = -FINDINGS_LOG_ODDS + (double)i * width + gap, to = from + width - 2 * gap;

		if (f->ham[i] > 0)
			plot_bar(p, "ham", from, 0, to, sqrt(part(f->ham[i], all_ham)));
		if (f->spam[i] > 0)
			plot_bar(p, "spam", from, 0, to, -sqrt(part(f->spam[i], all_spam)));
	}
}

static void
put_shares(struct plot *p)
{
	static const double shares[] = { 0.01, 0.05, 0.1, 0.25, 0.5, 1 };
	static const char *const texts[] = { "1 %", "5 %", "10 %", "25 %", "50 %", "100 %" };
	struct plot_tick ticks[12];
	size_t n = 0;

	for (size_t i = 0; i < 6; i++) {
		if (sqrt(shares[i]) > p->top || (i == 0 && p->top > 0.75) || (i == 1 && p->top > 0.5))
			continue;
		ticks[n++] = (struct plot_tick){ sqrt(shares[i]), texts[i] };
		ticks[n++] = (struct plot_tick){ -sqrt(shares[i]), texts[i] };
	}
	plot_ticks_y(p, ticks, n, "spam · share of each · ham");
}

/* Mark the thresholds; those of several models as what lies between the least and the greatest. */
static void
put_thresholds(struct plot *p, const struct findings *f)
{
	double from = log_odds(f->spam_threshold[0]), to = log_odds(f->spam_threshold[1]);
	double unsure = log_odds(f->unsure_threshold[0]);

	if (to - from > 0.02)
		plot_bar(p, "band", from, p->bottom, to, p->top);
	plot_line(p, "unsure", unsure, p->bottom, unsure, p->top);
	plot_line(p, "threshold", from, p->bottom, from, p->top);
	if (to - from > 0.02)
		plot_line(p, "threshold", to, p->bottom, to, p->top);
	plot_text(p, "label", to + 0.25, p->top * 0.87, "called spam →");
	plot_text(p, "label end", unsure - 0.25, p->top * 0.87, "← called ham");
}

static void
put_distribution(struct buf *b, const struct eval_page *page)
{
	static const struct plot_tick odds[] = { { -9.21024, "0.0001" }, { -4.59512, "0.01" },
		{ -2.19722, "0.1" }, { 0, "0.5" }, { 2.19722, "0.9" }, { 4.59512, "0.99" },
		{ 9.21024, "0.9999" } };
	const struct evaluation *e = page->figures;
	const struct findings *f = page->findings;
	size_t all_spam = e->tp + e->fn, all_ham = e->fp + e->tn;
	char description[DESCRIPTION_BYTES];
	struct plot p;
	double top = sqrt(tallest(f, all_spam, all_ham)) * 1.2;

	begin_figure(b, "Scores of ham and spam",
	    "How many comments got which probability: ham upwards, spam downwards. Heights are square roots "
	    "of the"
	    " share, so that single comments stay visible; the solid line is the threshold, dashed is where"
	    " <em>unsure</em> begins.");
	snprintf(description, sizeof(description),
	    "Distribution of scores. %zu of %zu ham lie at or above the threshold of %.4f, and %zu of %zu "
	    "spam.",
	    e->fp, e->fp + e->tn, f->spam_threshold[0], e->tp, e->tp + e->fn);
	plot_open(&p, b, -FINDINGS_LOG_ODDS, FINDINGS_LOG_ODDS, -top, top, description);
	plot_ticks_x(&p, odds, sizeof(odds) / sizeof(odds[0]), "probability of spam (log-odds scale)");
	put_shares(&p);
	put_columns(&p, f, all_spam, all_ham);
	plot_line(&p, "axis", p.left, 0, p.right, 0);
	put_thresholds(&p, f);
	plot_close(&p);
	end_figure(b);
}

static void
short_count(char *text, size_t bytes, size_t n)
{
	if (n < 10000)
		snprintf(text, bytes, "%zu", n);
	else if (n < 1000000)
		snprintf(text, bytes, "%.0fk", (double)n / 1e3);
	else
		snprintf(text, bytes, "%.1fM", (double)n / 1e6);
}

static void
put_bins(struct plot *p, const struct findings *f)
{
	char count[16];

	for (size_t i = 0; i < CALIBRATION_BINS; i++) {
		const struct calibration_bin *bin = &f->bins[i];
		double low, high, x = bin->n > 0 ? bin->sum / (double)bin->n : 0;

		short_count(count, sizeof(count), bin->n);
		plot_text(p, "mid count", ((double)i + 0.5) / CALIBRATION_BINS, 1.06, count);
		if (bin->n == 0)
			continue;
		share_interval(bin->spam, bin->n, &low, &high);
		plot_line(p, "whisker", x, low, x, high);
		plot_dot(p, "bin", x, part(bin->spam, bin->n), 4);
	}
}

static void
put_bins_table(struct buf *b, const struct findings *f)
{
	buf_add_str(b,
	    "<div class=\"panel\"><table class=\"bins\">\n<caption>Calibration, bin by bin</caption>\n"
	    "<thead><tr><th scope=\"col\">Bin</th><th scope=\"col\">Comments</th>"
	    "<th scope=\"col\">Mean given</th><th scope=\"col\">Spam</th>"
	    "<th scope=\"col\">95&nbsp;%</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < CALIBRATION_BINS; i++) {
		const struct calibration_bin *bin = &f->bins[i];
		double low, high;

		buf_addf(b, "<tr><th scope=\"row\">%.1f–%.1f</th><td>", (double)i / 10, (double)(i + 1) / 10);
		html_count(b, bin->n);
		share_interval(bin->spam, bin->n, &low, &high);
		if (bin->n == 0)
			buf_add_str(b, "</td><td>–</td><td>–</td><td>–</td></tr>\n");
		else
			buf_addf(b, "</td><td>%.3f</td><td>%.3f</td><td>%.2f–%.2f</td></tr>\n",
			    bin->sum / (double)bin->n, part(bin->spam, bin->n), low, high);
	}
	buf_add_str(b, "</tbody></table></div>\n");
}

static void
put_calibration(struct buf *b, const struct eval_page *page)
{
	static const struct plot_tick shares[] = { { 0, "0" }, { 0.2, "20" }, { 0.4, "40" }, { 0.6, "60" },
		{ 0.8, "80" }, { 1, "100 %" } };
	char description[DESCRIPTION_BYTES];
	struct plot p;

	begin_figure(b, "Calibration",
	    "Of the comments given a probability around <em>x</em>, the share that really was spam, with its"
	    " 95&nbsp;% interval. On the dashed line, probabilities can be taken at their word. The numbers "
	    "on top"
	    " count the comments of each bin.");
	snprintf(description, sizeof(description),
	    "Calibration plot in %d bins; the calibration error is %.4f. A table follows.", CALIBRATION_BINS,
	    page->figures->ece);
	plot_open(&p, b, 0, 1, 0, 1.13, description);
	plot_percents_x(&p, 5, "probability given");
	plot_ticks_y(&p, shares, sizeof(shares) / sizeof(shares[0]), "really spam");
	plot_line(&p, "ideal", 0, 0, 1, 1);
	put_bins(&p, page->findings);
	plot_close(&p);
	end_figure(b);
}

/* Draw the ROC curve as far as the plot goes to the right. */
static void
trace_roc(struct plot *p, const struct findings *f, size_t all_spam, size_t all_ham)
{
	double x = 0, y = 0;

	plot_line_begin(p, "curve");
	plot_line_to(p, 0, 0);
	for (size_t i = 0; i < f->npoints && x < p->right; i++) {
		double to_x = part(f->points[i].ham, all_ham), to_y = part(f->points[i].spam, all_spam);

		if (to_x > p->right) {
			to_y = y + (to_y - y) * (p->right - x) / (to_x - x);
			to_x = p->right;
		}
		plot_line_to(p, to_x, to_y);
		x = to_x;
		y = to_y;
	}
	plot_line_end(p);
}

static void
put_roc(struct buf *b, const struct eval_page *page)
{
	const struct evaluation *e = page->figures;
	char description[DESCRIPTION_BYTES];
	struct plot p;

	begin_figure(b, "ROC curve",
	    "Spam caught against ham blocked, over all thresholds. The dot is the threshold in use, the "
	    "dashed line is"
	    " guessing.");
	snprintf(description, sizeof(description),
	    "ROC curve; the area under it is %.4f. The threshold in use catches %.2f %% of spam and blocks "
	    "%.2f %% of"
	    " ham.",
	    e->auc, 100 * e->spam_caught, 100 * e->blocked_ham);
	plot_open(&p, b, 0, 1, 0, 1, description);
	plot_percents_x(&p, 5, "ham blocked");
	plot_percents_y(&p, 5, "spam caught");
	plot_line(&p, "ideal", 0, 0, 1, 1);
	trace_roc(&p, page->findings, e->tp + e->fn, e->fp + e->tn);
	plot_dot(&p, "point", e->blocked_ham, e->spam_caught, 4.5);
	plot_close(&p);
	end_figure(b);
}

/* The end of the ROC curve that matters. */
static void
put_left_end(struct buf *b, const struct eval_page *page)
{
	static const double widths[] = { 0.05, 0.1, 0.2, 0.5, 1 };
	const struct evaluation *e = page->figures;
	const struct budget *none = &page->findings->budgets[0];
	double low = fmin(none->caught_share, e->spam_caught), bottom;
	char description[DESCRIPTION_BYTES];
	struct plot p;
	size_t i = 0;

	while (i < 4 && e->blocked_ham > 0.9 * widths[i])
		i++;
	bottom = low > 0.92 ? 0.9 : low > 0.82 ? 0.8 : low > 0.55 ? 0.5 : 0;
	begin_figure(b, "Where a filter is used",
	    "Spam caught against ham blocked, where hardly any ham is: the left end of the ROC curve, "
	    "enlarged."
	    " The dot is the threshold in use.");
	snprintf(description, sizeof(description),
	    "Left end of the ROC curve, up to %.0f %% of ham blocked. With none blocked, %.2f %% of spam "
	    "could be caught.",
	    100 * widths[i], 100 * none->caught_share);
	plot_open(&p, b, 0, widths[i], bottom, 1, description);
	plot_percents_x(&p, 5, "ham blocked");
	plot_percents_y(&p, bottom > 0.75 && bottom < 0.85 ? 4 : 5, "spam caught");
	trace_roc(&p, page->findings, e->tp + e->fn, e->fp + e->tn);
	plot_dot(&p, "point", e->blocked_ham, e->spam_caught, 4.5);
	plot_close(&p);
	end_figure(b);
}

static void
put_precision(struct buf *b, const struct eval_page *page)
{
	const struct evaluation *e = page->figures;
	const struct findings *f = page->findings;
	size_t all_spam = e->tp + e->fn;
	double base = part(all_spam, e->test), x = 0, y;
	char description[DESCRIPTION_BYTES];
	struct plot p;

	begin_figure(b, "Precision and recall",
	    "Of what would be called spam, the share that is, against the share of spam caught. The dot is "
	    "the"
	    " threshold in use, the dashed line is calling everything spam.");
	snprintf(description, sizeof(description),
	    "Precision-recall curve. At the threshold in use precision is %.2f %%, recall %.2f %%.",
	    100 * part(e->tp, e->tp + e->fp), 100 * e->spam_caught);
	plot_open(&p, b, 0, 1, 0, 1, description);
	plot_percents_x(&p, 5, "recall: spam caught");
	plot_percents_y(&p, 5, "precision");
	plot_line(&p, "ideal", 0, base, 1, base);
	plot_line_begin(&p, "curve");
	for (size_t i = 0; i < f->npoints; i++) {
		y = part(f->points[i].spam, f->points[i].spam + f->points[i].ham);
		plot_line_to(&p, x, y);
		x = part(f->points[i].spam, all_spam);
		plot_line_to(&p, x, y);
	}
	plot_line_end(&p);
	if (e->tp + e->fp > 0)
		plot_dot(&p, "point", e->spam_caught, part(e->tp, e->tp + e->fp), 4.5);
	plot_close(&p);
	end_figure(b);
}

void
eval_page_plots(struct buf *b, const struct eval_page *page)
{
	buf_add_str(
	    b, "<section aria-labelledby=\"plots\">\n<h2 id=\"plots\">Curves</h2>\n<div class=\"grid\">\n");
	put_distribution(b, page);
	put_left_end(b, page);
	put_roc(b, page);
	put_precision(b, page);
	put_calibration(b, page);
	put_bins_table(b, page->findings);
	buf_add_str(b, "</div>\n</section>\n");
}
