#include "config.h"

#include <math.h>

#include "cli/eval_page.h"
#include "cli/html.h"

#define EXCERPT_CHARACTERS 400
#define NAME_CHARACTERS 80
#define URL_CHARACTERS 120
#define TOKEN_CHARACTERS 60

/* What a commenter put into one of the short fields, if anything. */
static void
put_field(struct buf *b, const struct comment *c, enum comment_field field, const char *title, size_t most)
{
	if (c->field[field].n == 0)
		return;
	buf_addf(b, "<div><dt>%s</dt><dd dir=\"auto\">", title);
	html_excerpt(b, c->field[field], most);
	buf_add_str(b, "</dd></div>\n");
}

static void
put_comment(struct buf *b, const struct comment *c)
{
	struct slice text = c->field[COMMENT_CONTENT];

	if (c->field[COMMENT_AUTHOR].n > 0 || c->field[COMMENT_URL].n > 0) {
		buf_add_str(b, "<dl>\n");
		put_field(b, c, COMMENT_AUTHOR, "Author", NAME_CHARACTERS);
		put_field(b, c, COMMENT_URL, "URL", URL_CHARACTERS);
		buf_add_str(b, "</dl>\n");
	}
	buf_add_str(b, "<blockquote dir=\"auto\">");
	if (text.n == 0)
		buf_add_str(b, "<span class=\"note\">(no text)</span>");
	if (html_excerpt(b, text, EXCERPT_CHARACTERS)) {
		buf_add_str(b, " <span class=\"note\">(");
		html_count(b, text.n);
		buf_add_str(b, "&nbsp;bytes in all)</span>");
	}
	buf_add_str(b, "</blockquote>\n");
}

static void
put_weight(struct buf *b, const char *element, double weight)
{
	buf_addf(b, "<%s class=\"%s\">%s%.2f</%s>", element, weight > 0 ? "for" : "against",
	    weight < 0 ? "−" : "+", fabs(weight), element);
}

static void
put_fields(struct buf *b, const struct mistake *m)
{
	if (m->nfields == 0)
		return;
	buf_add_str(b, "<ul class=\"fields\" aria-label=\"Evidence by field\">\n");
	for (size_t i = 0; i < m->nfields; i++) {
		buf_add_str(b, "<li>");
		html_str(b, m->fields[i].name);
		buf_add_char(b, ' ');
		put_weight(b, "span", m->fields[i].weight);
		buf_add_str(b, "</li>\n");
	}
	buf_add_str(b, "</ul>\n");
}

/* All the evidence adds up to the log-odds: what isn't listed is summed up. */
static void
put_evidence(struct buf *b, const struct mistake *m)
{
	double rest = m->log_odds - m->prior;
	size_t others = m->pieces - m->nevidence;

	buf_add_str(b,
	    "<table class=\"evidence\"><caption>Strongest evidence</caption>\n<thead><tr>"
	    "<th scope=\"col\">Field</th><th scope=\"col\">Token</th><th "
	    "scope=\"col\">Weight</th></tr></thead>\n"
	    "<tbody>\n");
	for (size_t i = 0; i < m->nevidence; i++) {
		const struct mistake_evidence *e = &m->evidence[i];

		buf_add_str(b, "<tr><td>");
		html_str(b, e->field);
		buf_add_str(b, "</td><td dir=\"auto\">");
		html_excerpt(b, slice_of(e->token), TOKEN_CHARACTERS);
		buf_add_str(b, "</td>");
		put_weight(b, "td", e->weight);
		buf_add_str(b, "</tr>\n");
		rest -= e->weight;
	}
	if (others > 0) {
		buf_addf(b, "<tr class=\"rest\"><td colspan=\"2\">%zu more</td>", others);
		put_weight(b, "td", rest);
		buf_add_str(b, "</tr>\n");
	}
	buf_add_str(b, "<tr class=\"rest\"><td colspan=\"2\">before any evidence</td>");
	put_weight(b, "td", m->prior);
	buf_add_str(b, "</tr>\n<tr class=\"sum\"><th scope=\"row\" colspan=\"2\">log-odds</th>");
	put_weight(b, "td", m->log_odds);
	buf_add_str(b, "</tr>\n</tbody></table>\n");
}

static void
put_mistake(struct buf *b, const struct mistake *m, const struct example *row)
{
	buf_addf(b, "<article>\n<h4>Probability %.4f%s <span class=\"note\">", m->probability,
	    m->unsure ? ", <em>unsure</em>" : "");
	html_excerpt(b, slice_of(row->file), URL_CHARACTERS);
	buf_addf(b, ", line&nbsp;%zu</span></h4>\n", row->line);
	put_comment(b, &row->comment);
	put_fields(b, m);
	put_evidence(b, m);
	buf_add_str(b, "</article>\n");
}

static void
put_list(struct buf *b, const struct mistakes *list, size_t all, const struct corpus *tested, const char *id,
    const char *title, const char *none)
{
	buf_addf(
	    b, "<section aria-labelledby=\"%s\">\n<h3 id=\"%s\">%s</h3>\n<p class=\"note\">", id, id, title);
	if (all == 0)
		buf_add_str(b, none);
	else if (list->n < all) {
		buf_addf(b, "The %zu most confident of ", list->n);
		html_count(b, all);
		buf_add_str(b, ".");
	} else {
		buf_addf(b, all == 1 ? "The only one." : "All %zu, the most confident first.", all);
	}
	buf_add_str(b, "</p>\n<div class=\"list\">\n");
	for (size_t i = 0; i < list->n; i++)
		put_mistake(b, &list->list[i], &tested->rows[list->list[i].row]);
	buf_add_str(b, "</div>\n</section>\n");
}

void
eval_page_mistakes(struct buf *b, const struct eval_page *p)
{
	const struct worst *worst = &p->findings->worst;

	buf_add_str(b,
	    "<section aria-labelledby=\"mistakes\">\n<h2 id=\"mistakes\">The worst mistakes</h2>\n"
	    "<p>Weights are natural-log odds: above 0 they speak for spam, below 0 for ham, and together "
	    "they make"
	    " the log-odds of the probability.</p>\n");
	put_list(b, &worst->blocked, p->figures->fp, p->tested, "blocked", "Blocked ham",
	    "None: no ham was called spam.");
	put_list(b, &worst->missed, p->figures->fn, p->tested, "missed", "Missed spam",
	    "None: all spam was caught.");
	buf_add_str(b, "</section>\n");
}
