#include "config.h"

#include "base/json.h"
#include "base/timetext.h"
#include "cli/explain.h"

struct history {
	struct buf *b;
	const char *site;
};

static int
put_event(const struct example_row *row, void *arg)
{
	const struct history *h = arg;
	char time[TIME_TEXT_BYTES];

	time_format(time, row->time_ms);
	json_open(h->b, '{');
	json_key(h->b, "id");
	json_put_str(h->b, row->id);
	json_key(h->b, "time");
	json_put_str(h->b, time);
	json_key(h->b, "label");
	json_put_str(h->b, row->label != LABEL_NONE ? label_name(row->label) : NULL);
	json_key(h->b, "before");
	json_put_str(h->b, row->replaced_label != LABEL_NONE ? label_name(row->replaced_label) : NULL);
	json_key(h->b, "who");
	json_put_str(h->b, row->who);
	json_key(h->b, "origin");
	json_put_str(h->b, row->origin);
	json_key(h->b, "site");
	json_put_str(h->b, row->site != 0 ? h->site : NULL);
	json_close(h->b, '}');
	return 0;
}

int
explain_history(struct store *st, const struct verdict_row *row, struct buf *b, struct err *err)
{
	struct history h = { b, row->site_name };

	json_open(b, '[');
	if (row->fingerprint != 0 &&
	    store_history_walk(st, row->site, row->fingerprint, put_event, &h, err) == -1)
		return -1;
	json_close(b, ']');
	return 0;
}

static void
put_text(struct buf *b, const char *before, const struct json *event, const char *key)
{
	buf_add_str(b, before);
	text_safe(b, json_text(json_member(event, key)));
}

void
explain_put_history(const struct out *out, const struct json *history)
{
	struct buf b;

	if (json_length(history) == 0)
		return;
	buf_init(&b, BUF_NO_LIMIT);
	fputs("said of it:\n", out->file);
	for (size_t i = 0; i < json_length(history); i++) {
		const struct json *event = json_item(history, i);
		struct slice label = json_text(json_member(event, "label"));

		buf_clear(&b);
		put_text(&b, "  ", event, "time");
		buf_add_str(&b, "  ");
		if (label.n > 0)
			text_safe(&b, label);
		else
			buf_add_str(&b, "taken back");
		if (json_text(json_member(event, "before")).n > 0)
			put_text(&b, ", before: ", event, "before");
		if (json_text(json_member(event, "who")).n > 0)
			put_text(&b, ", by ", event, "who");
		put_text(&b, " (", event, "origin");
		if (json_text(json_member(event, "site")).n > 0)
			put_text(&b, ", site ", event, "site");
		fprintf(out->file, "%s)\n", buf_str(&b));
	}
	fputc('\n', out->file);
	buf_fini(&b);
}
