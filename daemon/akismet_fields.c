#include "config.h"

#include <string.h>
#include <strings.h>

#include "daemon/akismet_fields.h"
#include "daemon/charset.h"
#include "engine/address.h"

static const struct {
	const char *name;
	enum comment_field field;
} known[] = {
	{ "comment_author", COMMENT_AUTHOR },
	{ "comment_author_email", COMMENT_EMAIL },
	{ "comment_author_url", COMMENT_URL },
	{ "comment_content", COMMENT_CONTENT },
	{ "user_ip", COMMENT_IP },
	{ "user_agent", COMMENT_USER_AGENT },
	{ "referrer", COMMENT_REFERRER },
	{ "permalink", COMMENT_PERMALINK },
	{ "comment_type", COMMENT_TYPE },
	{ "comment_date_gmt", COMMENT_DATE },
	{ "blog_lang", COMMENT_LANG },
	{ "user_role", COMMENT_USER_ROLE },
	/* other spellings, for where the first is absent */
	{ "referer", COMMENT_REFERRER },
	{ "content_type", COMMENT_TYPE },
};

/* Return whether TEXT means yes: clients send 1, true, True; 0, false and nothing mean no. */
static bool
is_true(struct slice text)
{
	static const char *const no[] = { "0", "false", "no", "off" };

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (text.n == strlen(no[i]) && strncasecmp(text.p, no[i], text.n) == 0)
			return false;
	}
	return text.n > 0;
}

/* Return whether the comma list ROLES has ROLE in it. */
static bool
has_role(struct slice roles, const char *role)
{
	while (roles.n > 0) {
		if (slice_is(slice_trim(slice_take(&roles, ',')), role))
			return true;
	}
	return false;
}

/* Return why the verdict on COMMENT is settled beforehand, or NULL. */
static const char *
forced(const struct comment *comment)
{
	struct slice author = slice_trim(comment->field[COMMENT_AUTHOR]);

	if (has_role(comment->field[COMMENT_USER_ROLE], "administrator"))
		return "administrator";
	if (slice_is(author, "viagra-test-123") || slice_is(author, "akismet-guaranteed-spam") ||
	    slice_is(slice_trim(comment->field[COMMENT_EMAIL]), "akismet-guaranteed-spam@example.com"))
		return "guaranteed-spam";
	return NULL;
}

/* Return why the comment is checked again, or before the blog has it whole; NULL if it is new. */
static const char *
occasion(const struct form *form)
{
	static const char *const reasons[] = { "recheck_queue", "retry", "edit" };
	struct slice reason = form_get(form, "recheck_reason");

	if (is_true(form_get(form, "akismet_pre_check")))
		return "pre_check";
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (slice_is(reason, reasons[i]))
			return reasons[i];
	}
	return reason.n > 0 ? "recheck" : NULL;
}

static bool
is_known(struct slice name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (slice_is(name, known[i].name))
			return true;
	}
	return slice_is(name, "blog") || slice_is(name, "api_key") || slice_is(name, "key");
}

/* Return the value of the field that only robots fill in; empty or absent if none was. */
static struct slice
honeypot(const struct form *form)
{
	struct slice name = form_get(form, "honeypot_field_name"), value = { NULL, 0 };

	if (name.n > 0 && !is_known(name)) {
		for (size_t i = 0; i < form->n; i++) {
			if (slice_equal(form->v[i].name, name))
				value = form->v[i].value;
		}
	}
	if (value.n == 0)
		value = form_get(form, "akismet_api_honeypot_field");
	return value.n == 0 ? form_get(form, "POST_ak_hp_textarea") : value;
}

/* Return whether NAME is comment_context, with or without [] or [N]. */
static bool
is_context(struct slice name)
{
	static const char context[] = "comment_context";
	size_t n = sizeof(context) - 1;

	if (name.n < n || memcmp(name.p, context, n) != 0)
		return false;
	return name.n == n || (name.p[n] == '[' && name.p[name.n - 1] == ']');
}

/* Join the items of comment_context, each followed by a line end, in A; absent if there are none. */
static int
join_context(const struct form *form, struct arena *a, struct slice *out)
{
	size_t total = 0;
	char *p;

	for (size_t i = 0; i < form->n; i++) {
		if (is_context(form->v[i].name) && form->v[i].value.n > 0)
			total += form->v[i].value.n + 1;
	}
	if (total == 0)
		return 0;
	p = arena_alloc(a, total + 1);
	if (p == NULL)
		return -1;
	*out = (struct slice){ p, total };
	for (size_t i = 0; i < form->n; i++) {
		const struct slice *item = &form->v[i].value;

		if (!is_context(form->v[i].name) || item->n == 0)
			continue;
		for (size_t k = 0; k < item->n; k++)
			*p++ = (char)(item->p[k] == '\n' ? ' ' : item->p[k]);
		*p++ = '\n';
	}
	return 0;
}

static int
to_utf8(struct comment *comment, struct slice charset, struct arena *a)
{
	struct charset *cs = charset_open(charset, a);
	bool failed = false;

	for (int i = 0; i < COMMENT_FIELDS; i++)
		comment->field[i] = charset_text(cs, comment->field[i], a, &failed);
	charset_close(cs);
	return failed ? -1 : 0;
}

int
akismet_fields(struct akismet_fields *out, const struct form *form, struct arena *a, struct err *err)
{
	struct slice *field = out->comment.field;

	*out = (struct akismet_fields){
		.blog = form_get(form, "blog"),
		.user_ip = form_get(form, "user_ip"),
		.guid = form_get(form, "guid"),
		.test = is_true(form_get(form, "is_test")),
		.test_discard = is_true(form_get(form, "test_discard")),
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (field[known[i].field].p == NULL)
			field[known[i].field] = form_get(form, known[i].name);
	}
	field[COMMENT_HONEYPOT] = honeypot(form);
	/* a library that has put its own name where the visitor's browser belongs */
	if (field[COMMENT_USER_AGENT].n > 0 &&
	    memmem(field[COMMENT_USER_AGENT].p, field[COMMENT_USER_AGENT].n, " | Akismet", 10) != NULL)
		field[COMMENT_USER_AGENT] = (struct slice){ NULL, 0 };
	if (join_context(form, a, &field[COMMENT_CONTEXT]) == -1 ||
	    to_utf8(&out->comment, form_get(form, "blog_charset"), a) == -1 ||
	    address_tidy(&field[COMMENT_IP], a) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	out->forced = forced(&out->comment);
	out->occasion = occasion(form);
	return 0;
}
