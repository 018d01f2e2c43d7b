#include "config.h"

#include <string.h>

#include "cli/corpus_lint.h"
#include "cli/table.h"

#define LIST_MAX 200 /* of one kind; --json has them all */

static double
percent(size_t part, size_t whole)
{
	return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

/* Put where ROW stands. */
static void
place_cell(struct table *t, const struct example *row)
{
	const char *file = row->file != NULL ? row->file : "store";
	const char *name = strrchr(file, '/');

	file = name != NULL ? name + 1 : file;
	if (row->line == 0)
		table_cell_str(t, STYLE_DIM, file);
	else
		table_cellf(t, STYLE_DIM, "%s:%zu", file, row->line);
}

static void
content_cell(struct table *t, const struct example *row)
{
	table_cell(t, STYLE_PLAIN, row->comment.field[COMMENT_CONTENT]);
}

/* Print T under a line that says HOW MANY of WHAT there are, and empty it. */
static int
print_list(struct cli *cli, struct table *t, size_t n, const char *what, struct err *err)
{
	int rc;

	out_printf(&cli->out, STYLE_BOLD, "\n%zu %s%s\n", n, what,
	    n > LIST_MAX ? " (the first 200 follow; --json has all)" : "");
	rc = table_print(t, &cli->out, false);
	table_fini(t);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
show_problems(struct cli *cli, const struct corpus_findings *f, struct err *err)
{
	static const struct column columns[] = { { .title = "ROW" }, { .title = "PROBLEM" },
		{ .title = "TEXT", .flex = true } };
	struct table t;

	table_init(&t, columns, 3);
	for (size_t i = 0; i < f->nproblems && i < LIST_MAX; i++) {
		place_cell(&t, &f->corpus->rows[f->problems[i].row]);
		table_cell_str(&t, STYLE_BAD, lint_problem_text(f->problems[i].problem));
		table_cell(&t, STYLE_PLAIN, f->problems[i].text);
	}
	return print_list(cli, &t, f->nproblems, "problems", err);
}

static int
show_duplicates(struct cli *cli, const struct corpus_findings *f, struct err *err)
{
	static const struct column columns[] = { { .title = "ALIKE", .right = true }, { .title = "ROW" },
		{ .title = "ROW" }, { .title = "TEXT", .flex = true } };
	struct table t;

	table_init(&t, columns, 4);
	for (size_t i = 0; i < f->nduplicates && i < LIST_MAX; i++) {
		const struct near_pair *pair = &f->duplicates[i];

		table_cellf(&t, STYLE_DOUBT, "%.2f", pair->similarity);
		place_cell(&t, &f->corpus->rows[pair->a]);
		place_cell(&t, &f->corpus->rows[pair->b]);
		content_cell(&t, &f->corpus->rows[pair->b]);
	}
	return print_list(cli, &t, f->nduplicates, "near-duplicates", err);
}

static int
show_noise(struct cli *cli, const struct corpus_findings *f, struct err *err)
{
	static const struct column columns[] = { { .title = "AGAINST", .right = true }, { .title = "LABEL" },
		{ .title = "ROW" }, { .title = "TEXT", .flex = true } };
	struct table t;

	if (!f->noise_asked)
		return 0;
	table_init(&t, columns, 4);
	for (size_t i = 0; i < f->nnoise && i < LIST_MAX; i++) {
		const struct example *row = &f->corpus->rows[f->noise[i].row];

		table_cellf(&t, STYLE_DOUBT, "%.4f", f->noise[i].against);
		table_cell_str(&t, STYLE_PLAIN, label_name(row->label));
		place_cell(&t, row);
		content_cell(&t, row);
	}
	return print_list(cli, &t, f->nnoise, "labels that the other examples contradict", err);
}

static void
balance_row(struct table *t, struct slice name, const struct by_class *rows, size_t all)
{
	table_cell(t, STYLE_PLAIN, name);
	table_cellf(t, STYLE_PLAIN, "%zu", by_class_sum(rows));
	table_cellf(t, STYLE_PLAIN, "%.1f %%", percent(by_class_sum(rows), all));
	table_cellf(t, STYLE_PLAIN, "%zu", rows->n[LABEL_HAM]);
	table_cellf(t, STYLE_PLAIN, "%zu", rows->n[LABEL_SPAM]);
	table_cell_str(t, STYLE_DOUBT, summary_lopsided(rows) ? "nearly all of one class" : "");
}

static int
show_balance(struct cli *cli, const struct summary *s, struct err *err)
{
	static const struct column columns[] = { { .title = "LANGUAGE, SCRIPT" },
		{ .title = "ROWS", .right = true }, { .title = "SHARE", .right = true },
		{ .title = "HAM", .right = true }, { .title = "SPAM", .right = true }, { .title = "" } };
	size_t all = by_class_sum(&s->rows);
	struct table t;
	int rc;

	table_init(&t, columns, 6);
	for (size_t i = 0; i < s->nlanguages; i++)
		balance_row(&t, s->languages[i].code, &s->languages[i].rows, all);
	for (size_t i = 0; i < SUMMARY_SCRIPTS; i++)
		if (by_class_sum(&s->scripts[i]) > 0)
			balance_row(&t, slice_of(summary_script(i)), &s->scripts[i], all);
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int
show_fields(struct cli *cli, const struct summary *s, struct err *err)
{
	static const struct column columns[] = { { .title = "FIELD" }, { .title = "IN HAM", .right = true },
		{ .title = "IN SPAM", .right = true } };
	struct table t;
	int rc;

	table_init(&t, columns, 3);
	for (int f = 0; f < COMMENT_FIELDS; f++) {
		table_cell_str(&t, STYLE_PLAIN, comment_field_name((enum comment_field)f));
		for (int label = LABEL_HAM; label <= LABEL_SPAM; label++)
			table_cellf(
			    &t, STYLE_PLAIN, "%.1f %%", percent(s->fields[f].n[label], s->rows.n[label]));
	}
	out_printf(&cli->out, STYLE_PLAIN, "\n");
	rc = table_print(&t, &cli->out, true);
	table_fini(&t);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

int
corpus_lint_text(struct cli *cli, const struct corpus_findings *f, struct err *err)
{
	const struct summary *s = &f->summary;
	size_t all = by_class_sum(&s->rows);

	out_printf(&cli->out, STYLE_PLAIN, "%zu rows: %zu ham, %zu spam (%.1f %%)\n\n", all,
	    s->rows.n[LABEL_HAM], s->rows.n[LABEL_SPAM], percent(s->rows.n[LABEL_SPAM], all));
	if (show_balance(cli, s, err) == -1 || show_fields(cli, s, err) == -1 ||
	    show_problems(cli, f, err) == -1 || show_duplicates(cli, f, err) == -1)
		return -1;
	return show_noise(cli, f, err);
}
