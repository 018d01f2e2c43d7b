#include "config.h"

#include "base/json.h"
#include "daemon/privacy_impl.h"

#define SECOND_MS 1000

/* The comment's fields in each part, as the native comment object calls them. */
static void
put_fields(enum retained part, struct buf *b)
{
	static const char *const fields[RETAINED_PARTS][10] = {
		[RETAINED_CONTENT] = { "content", "permalink", "type", "date", "lang", "title", "honeypot",
		    "user_role", "context" },
		[RETAINED_PERSON] = { "author", "email", "url" },
		[RETAINED_ADDRESS] = { "ip", "user_agent", "referrer" },
		[RETAINED_EVIDENCE] = { "evidence" },
	};

	json_key(b, "fields");
	json_open(b, '[');
	for (size_t i = 0; fields[part][i] != NULL; i++)
		json_put_str(b, fields[part][i]);
	json_close(b, ']');
}

static void
put_part(const struct privacy *p, enum retained part, struct buf *b)
{
	static const char *const names[RETAINED_PARTS] = { "content", "person", "addresses", "evidence" };
	int64_t ms = p->kept.retain_ms[part];
	struct buf span;

	buf_init(&span, BUF_NO_LIMIT);
	privacy_span(p, ms, &span);
	json_open(b, '{');
	json_add_str(b, "part", names[part]);
	put_fields(part, b);
	json_add_str(b, "what", p->words->part[part].what);
	json_add_str(b, "why", p->words->part[part].why);
	json_key(b, "seconds");
	if (ms == RETAIN_FOREVER)
		json_put_str(b, NULL);
	else
		json_put_int(b, ms / SECOND_MS);
	json_add_str(b, "kept", buf_str(&span));
	json_close(b, '}');
	b->failed = b->failed || !buf_ok(&span);
	buf_fini(&span);
}

static void
put_item(const char *part, const struct privacy_item *item, const char *kept, struct buf *b)
{
	json_open(b, '{');
	json_add_str(b, "part", part);
	json_add_str(b, "what", item->what);
	json_add_str(b, "why", item->why);
	json_key(b, "seconds");
	json_put_str(b, NULL);
	json_add_str(b, "kept", kept);
	json_close(b, '}');
}

static void
put_stored(const struct privacy *p, struct buf *b)
{
	json_key(b, "stored");
	json_open(b, '[');
	for (int i = 0; i < RETAINED_PARTS; i++)
		put_part(p, (enum retained)i, b);
	put_item("verdict", &p->words->record, p->words->record_kept, b);
	put_item("example", &p->words->example, p->words->example_kept, b);
	json_close(b, ']');
}

void
privacy_json(const struct privacy *p, struct buf *b)
{
	const struct privacy_words *w = p->words;
	const char *contact = p->kept.contact;

	json_open(b, '{');
	json_add_str(b, "title", w->title);
	json_add_str(b, "language", w->language);
	json_add_str(b, "site", p->site != NULL ? p->site->name : NULL);
	json_add_str(b, "url", p->site != NULL && *p->site->url != '\0' ? p->site->url : NULL);
	put_stored(p, b);
	json_key(b, "recipients");
	json_open(b, '[');
	json_close(b, ']');
	json_add_str(b, "visible_to", w->who);
	json_add_str(b, "stays", w->stays);
	json_add_str(b, "decision", w->decision);
	json_add_str(b, "unsure_as", p->config->unsure_as == CONFIG_UNSURE_SPAM ? "spam" : "ham");
	json_key(b, "discard_threshold");
	json_put_double(b, p->config->discard_threshold, 9);
	json_key(b, "rules");
	json_put_bool(b, p->has_rules);
	json_key(b, "flood_guard_seconds");
	json_put_int(b, privacy_flood_ms(p) / SECOND_MS);
	json_add_str(b, "rights", w->ask);
	json_add_str(b, "erased", w->erased);
	json_add_str(b, "backups", w->backups);
	json_add_str(b, "contact", *contact != '\0' ? contact : NULL);
	json_close(b, '}');
}
