#include "config.h"

#include "base/json.h"
#include "cli/models.h"
#include "cli/report.h"
#include "cli/table.h"
#include "engine/telling.h"

#define DIGITS 8

static void
put_list(struct buf *b, const char *key, const struct ranking *r)
{
	const struct telling_token *t;

	json_key(b, key);
	json_open(b, '[');
	for (size_t i = 0; i < r->n; i++) {
		t = ranking_item(r, i);
		json_open(b, '{');
		json_key(b, "token");
		json_put_slice(b, t->name);
		json_add_int(b, "spam", t->spam);
		json_add_int(b, "ham", t->ham);
		json_key(b, "ratio");
		json_put_double(b, t->ratio, DIGITS);
		json_key(b, "pull");
		json_put_double(b, t->pull, DIGITS);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static int
top_json(struct cli *cli, const struct model_info *info, const struct telling *t,
    const struct models_list *list, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, BUF_NO_LIMIT);
	json_open(&b, '{');
	json_key(&b, "model");
	json_put_str(&b, info->id);
	json_add_int(&b, "spam", info->spam);
	json_add_int(&b, "ham", info->ham);
	json_add_int(&b, "tokens", info->tokens);
	json_add_int(&b, "unlisted", t->unlisted);
	json_key(&b, "fields");
	json_open(&b, '[');
	for (int f = 0; f < FIELD_COUNT; f++) {
		if (list->field != FIELD_COUNT && (int)list->field != f)
			continue;
		json_open(&b, '{');
		json_key(&b, "field");
		json_put_str(&b, field_name((enum field)f));
		json_add_int(&b, "tokens", t->fields[f].tokens);
		put_list(&b, "spam", &t->fields[f].spam);
		put_list(&b, "ham", &t->fields[f].ham);
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_close(&b, '}');
	rc = cli_put_json(cli, &b, err);
	buf_fini(&b);
	return rc;
}

static void
put_rows(struct table *table, const struct ranking *r, enum style style)
{
	const struct telling_token *t;

	for (size_t i = 0; i < r->n; i++) {
		t = ranking_item(r, i);
		table_cellf(table, style, "%+.2f", t->ratio);
		table_cellf(table, STYLE_PLAIN, "%u", t->spam);
		table_cellf(table, STYLE_PLAIN, "%u", t->ham);
		table_cell(table, STYLE_PLAIN, t->name);
	}
}

static int
put_field(const struct out *out, enum field f, const struct telling_field *field, struct err *err)
{
	static const struct column columns[] = {
		{ .title = "RATIO", .right = true, .min = 7 },
		{ .title = "SPAM", .right = true, .min = 6 },
		{ .title = "HAM", .right = true, .min = 6 },
		{ .title = "TOKEN", .flex = true },
	};
	struct table t;
	int rc = 0;

	fputc('\n', out->file);
	out_printf(out, STYLE_BOLD, "%s", field_name(f));
	fprintf(out->file, ", %llu tokens%s\n", (unsigned long long)field->tokens,
	    field->spam.n + field->ham.n == 0 ? ": none of them tells anything" : "");
	table_init(&t, columns, 4);
	put_rows(&t, &field->spam, STYLE_BAD);
	put_rows(&t, &field->ham, STYLE_GOOD);
	if (t.n > 0 || t.failed)
		rc = table_print(&t, out, true);
	table_fini(&t);
	return rc == -1 ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static int
top_text(const struct out *out, const struct model_info *info, const struct telling *t,
    const struct models_list *list, struct err *err)
{
	int rc = 0;

	fprintf(out->file, "model %.*s: %llu spam, %llu ham, %llu tokens\n", REPORT_ID_DIGITS, info->id,
	    (unsigned long long)info->spam, (unsigned long long)info->ham, (unsigned long long)info->tokens);
	if (t->unlisted > 0)
		fprintf(out->file,
		    "%llu tokens have no name, such as those of single sites, and aren't listed\n",
		    (unsigned long long)t->unlisted);
	fputs("What tells spam and ham apart most, and in how many comments of each it was seen.\n"
	      "Ratios are natural-log odds, above 0 for spam.\n",
	    out->file);
	for (int f = 0; rc == 0 && f < FIELD_COUNT; f++) {
		if (list->field == FIELD_COUNT ? t->fields[f].tokens > 0 : (int)list->field == f)
			rc = put_field(out, (enum field)f, &t->fields[f], err);
	}
	return rc;
}

int
models_top(struct cli *cli, const struct model *m, const struct models_list *list, struct err *err)
{
	struct telling t;
	int rc;

	rc = telling_find(&t, m, list->limit, err);
	if (rc == 0)
		rc = cli->json ? top_json(cli, model_info(m), &t, list, err)
			       : top_text(&cli->out, model_info(m), &t, list, err);
	telling_fini(&t);
	return rc;
}
