#include "config.h"

#include "base/json.h"
#include "cli/corpus_lint.h"

#define DIGITS 6

/* Write where ROW stands as the members file, line and id. */
static void
put_place(struct buf *b, const struct example *row)
{
	json_key(b, "file");
	json_put_str(b, row->file);
	json_key(b, "line");
	json_put_int(b, (int64_t)row->line);
	if (row->id.p == NULL)
		return;
	json_key(b, "id");
	json_put_slice(b, row->id);
}

static void
put_problems(struct buf *b, const struct corpus_findings *f)
{
	json_key(b, "problems");
	json_open(b, '[');
	for (size_t i = 0; i < f->nproblems; i++) {
		json_open(b, '{');
		put_place(b, &f->corpus->rows[f->problems[i].row]);
		json_key(b, "problem");
		json_put_str(b, lint_problem_text(f->problems[i].problem));
		json_key(b, "text");
		json_put_slice(b, f->problems[i].text);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void
put_duplicates(struct buf *b, const struct corpus_findings *f)
{
	json_key(b, "duplicates");
	json_open(b, '[');
	for (size_t i = 0; i < f->nduplicates; i++) {
		const struct near_pair *pair = &f->duplicates[i];
		const size_t rows[] = { pair->a, pair->b };

		json_open(b, '{');
		json_key(b, "similarity");
		json_put_double(b, pair->similarity, DIGITS);
		json_key(b, "rows");
		json_open(b, '[');
		for (size_t k = 0; k < 2; k++) {
			json_open(b, '{');
			put_place(b, &f->corpus->rows[rows[k]]);
			json_close(b, '}');
		}
		json_close(b, ']');
		json_close(b, '}');
	}
	json_close(b, ']');
}

/* Write the doubtful labels; null when nobody looked for them. */
static void
put_noise(struct buf *b, const struct corpus_findings *f)
{
	json_key(b, "labels");
	if (!f->noise_asked) {
		json_put_str(b, NULL);
		return;
	}
	json_open(b, '[');
	for (size_t i = 0; i < f->nnoise; i++) {
		const struct example *row = &f->corpus->rows[f->noise[i].row];

		json_open(b, '{');
		put_place(b, row);
		json_key(b, "label");
		json_put_str(b, label_name(row->label));
		json_key(b, "against");
		json_put_double(b, f->noise[i].against, DIGITS);
		json_key(b, "content");
		json_put_slice(b, row->comment.field[COMMENT_CONTENT]);
		json_close(b, '}');
	}
	json_close(b, ']');
}

/* Write the member NAME (a language, a script, a field). */
static void
put_class(struct buf *b, const char *key, struct slice name, const struct by_class *rows)
{
	json_open(b, '{');
	json_key(b, key);
	json_put_slice(b, name);
	json_key(b, "ham");
	json_put_int(b, (int64_t)rows->n[LABEL_HAM]);
	json_key(b, "spam");
	json_put_int(b, (int64_t)rows->n[LABEL_SPAM]);
	json_key(b, "lopsided");
	json_put_bool(b, summary_lopsided(rows));
	json_close(b, '}');
}

static void
put_summary(struct buf *b, const struct summary *s)
{
	json_key(b, "ham");
	json_put_int(b, (int64_t)s->rows.n[LABEL_HAM]);
	json_key(b, "spam");
	json_put_int(b, (int64_t)s->rows.n[LABEL_SPAM]);
	json_key(b, "languages");
	json_open(b, '[');
	for (size_t i = 0; i < s->nlanguages; i++)
		put_class(b, "lang", s->languages[i].code, &s->languages[i].rows);
	json_close(b, ']');
	json_key(b, "scripts");
	json_open(b, '[');
	for (size_t i = 0; i < SUMMARY_SCRIPTS; i++)
		put_class(b, "script", slice_of(summary_script(i)), &s->scripts[i]);
	json_close(b, ']');
	json_key(b, "fields");
	json_open(b, '[');
	for (int f = 0; f < COMMENT_FIELDS; f++)
		put_class(b, "field", slice_of(comment_field_name((enum comment_field)f)), &s->fields[f]);
	json_close(b, ']');
}

int
corpus_lint_json(struct cli *cli, const struct corpus_findings *f, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	put_summary(&b, &f->summary);
	put_problems(&b, f);
	put_duplicates(&b, f);
	put_noise(&b, f);
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}
