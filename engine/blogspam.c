#include "config.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "engine/address.h"
#include "engine/blogspam.h"
#include "engine/blogspam_options.h"

static const char *const names[BLOGSPAM_FIELDS] = {
	[BLOGSPAM_COMMENT] = "comment",
	[BLOGSPAM_IP] = "ip",
	[BLOGSPAM_SITE] = "site",
	[BLOGSPAM_AGENT] = "agent",
	[BLOGSPAM_EMAIL] = "email",
	[BLOGSPAM_LINK] = "link",
	[BLOGSPAM_NAME] = "name",
	[BLOGSPAM_SUBJECT] = "subject",
	[BLOGSPAM_OPTIONS] = "options",
	[BLOGSPAM_TRAIN] = "train",
};

/* -- The text -- */

/* Set *TEXT to a copy of BODY in A that is UTF-8. */
static int
copy_text(struct slice *text, struct slice body, struct arena *a)
{
	struct buf b;
	int rc;

	*text = body;
	if (utf8_valid(body))
		return arena_keep(a, text);
	buf_init(&b, BUF_NO_LIMIT);
	utf8_repair(&b, body);
	*text = buf_slice(&b);
	rc = buf_ok(&b) ? arena_keep(a, text) : -1;
	buf_fini(&b);
	return rc;
}

int
blogspam_parse(struct json **out, struct slice body, struct arena *a, struct err *err)
{
	struct slice text;

	*out = NULL;
	if (body.n == 0)
		return err_set(err, ERR_INPUT, "there is no text");
	if (copy_text(&text, body, a) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	json_mend_escapes((char *)(uintptr_t)text.p, text.n);
	if (json_parse(out, text.p, text.n, err) == -1) {
		*out = NULL;
		return -1;
	}
	if (json_type_of(*out) == JSON_OBJ)
		return 0;
	json_free(*out);
	*out = NULL;
	return err_set(err, ERR_INPUT, "the body is not an object");
}

/* -- The fields -- */

static bool
is_true(const struct json *j)
{
	struct slice text = json_text(j);

	return text.n > 0 ? !slice_is(text, "0") && !slice_is(text, "false")
			  : json_bool(j, json_number(j, 0) != 0);
}

static int
take_member(const char *key, struct json *value, void *arg)
{
	struct blogspam *b = arg;

	if (strcasecmp(key, "test") == 0)
		b->test = is_true(value);
	for (int i = 0; i < BLOGSPAM_FIELDS; i++) {
		if (strcasecmp(key, names[i]) == 0)
			b->field[i] = json_text(value);
	}
	return 0;
}

/* Return the text of the comment with its subject before it, in A. */
static int
join_subject(const struct blogspam *b, struct arena *a, struct slice *out)
{
	struct slice subject = b->field[BLOGSPAM_SUBJECT];
	char *p;

	*out = b->field[BLOGSPAM_COMMENT];
	if (subject.n == 0)
		return 0;
	p = arena_alloc(a, subject.n + 2 + out->n + 1);
	if (p == NULL)
		return -1;
	memcpy(p, subject.p, subject.n);
	memcpy(p + subject.n, "\n\n", 2);
	if (out->n > 0)
		memcpy(p + subject.n + 2, out->p, out->n);
	*out = (struct slice){ p, subject.n + 2 + out->n };
	return 0;
}

int
blogspam_read(struct blogspam *b, const struct json *j, struct arena *a, struct err *err)
{
	static const struct {
		enum comment_field to;
		enum blogspam_field from;
	} same[] = {
		{ COMMENT_AUTHOR, BLOGSPAM_NAME },
		{ COMMENT_EMAIL, BLOGSPAM_EMAIL },
		{ COMMENT_URL, BLOGSPAM_LINK },
		{ COMMENT_IP, BLOGSPAM_IP },
		{ COMMENT_USER_AGENT, BLOGSPAM_AGENT },
	};

	*b = (struct blogspam){ .json = j };
	json_each(j, take_member, b);
	b->field[BLOGSPAM_IP] = blogspam_ip_tidy(b->field[BLOGSPAM_IP]);
	if (blogspam_options_check(b->field[BLOGSPAM_OPTIONS], err) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		b->comment.field[same[i].to] = b->field[same[i].from];
	if (join_subject(b, a, &b->comment.field[COMMENT_CONTENT]) == -1 ||
	    address_tidy(&b->comment.field[COMMENT_IP], a) == -1)
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

bool
blogspam_has_site(const struct blogspam *b)
{
	struct slice site = b->field[BLOGSPAM_SITE];

	return (site.n > 7 && strncasecmp(site.p, "http://", 7) == 0) ||
	    (site.n > 8 && strncasecmp(site.p, "https://", 8) == 0);
}

bool
blogspam_says_something(const struct blogspam *b)
{
	return b->comment.field[COMMENT_CONTENT].n > 0 || b->comment.field[COMMENT_AUTHOR].n > 0 ||
	    b->comment.field[COMMENT_EMAIL].n > 0 || b->comment.field[COMMENT_URL].n > 0;
}
