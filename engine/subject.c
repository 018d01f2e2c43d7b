#include "config.h"

#include "base/utf8.h"
#include "classifier/phrases.h"
#include "engine/hosts.h"
#include "engine/subject.h"

void
subject_init(struct subject *s, const struct comment *comment)
{
	*s = (struct subject){ .comment = comment };
	buf_init(&s->normal, BUF_NO_LIMIT);
	buf_init(&s->author, BUF_NO_LIMIT);
	buf_init(&s->email, BUF_NO_LIMIT);
	buf_init(&s->fold, BUF_NO_LIMIT);
	buf_init(&s->hosts, BUF_NO_LIMIT);
	buf_init(&s->sketch, BUF_NO_LIMIT);
	buf_init(&s->scratch, BUF_NO_LIMIT);
	for (int i = 0; i < COMMENT_FIELDS; i++)
		buf_init(&s->repaired[i], BUF_NO_LIMIT);
}

void
subject_fini(struct subject *s)
{
	buf_fini(&s->normal);
	buf_fini(&s->author);
	buf_fini(&s->email);
	buf_fini(&s->fold);
	buf_fini(&s->hosts);
	buf_fini(&s->sketch);
	buf_fini(&s->scratch);
	for (int i = 0; i < COMMENT_FIELDS; i++)
		buf_fini(&s->repaired[i]);
}

bool
subject_ok(const struct subject *s)
{
	return !s->failed;
}

/* Return what B holds; nothing if memory ran out. */
static struct slice
view(struct subject *s, const struct buf *b)
{
	if (buf_ok(b))
		return buf_slice(b);
	s->failed = true;
	return (struct slice){ NULL, 0 };
}

struct slice
subject_field(struct subject *s, enum comment_field field)
{
	struct slice as_is = s->comment->field[field];

	if (!s->has_repaired[field]) {
		s->has_repaired[field] = true;
		if (!utf8_valid(as_is))
			utf8_repair(&s->repaired[field], as_is);
	}
	return s->repaired[field].n > 0 || s->repaired[field].failed ? view(s, &s->repaired[field]) : as_is;
}

static struct slice
normal(struct subject *s, struct buf *b, bool *has, enum comment_field field)
{
	if (!*has && s->comment->field[field].n > 0)
		phrases_normalise(b, s->comment->field[field], &s->scratch);
	*has = true;
	return view(s, b);
}

struct slice
subject_normal(struct subject *s)
{
	if (!s->has_normal && s->text.p != NULL) {
		buf_add_slice(&s->normal, s->text);
		phrases_squeeze(&s->normal);
		s->has_normal = true;
	}
	return normal(s, &s->normal, &s->has_normal, COMMENT_CONTENT);
}

struct slice
subject_author(struct subject *s)
{
	return normal(s, &s->author, &s->has_author, COMMENT_AUTHOR);
}

struct slice
subject_email(struct subject *s)
{
	if (!s->has_email)
		phrases_fold(&s->email, s->comment->field[COMMENT_EMAIL]);
	s->has_email = true;
	return view(s, &s->email);
}

/* Append the last N bytes of B once more, without what stands in angle brackets. */
static void
put_without_tags(struct buf *b, size_t n)
{
	bool inside = false;

	for (size_t at = b->n - n, end = b->n; at < end && buf_ok(b); at++) {
		char c = b->p[at];

		inside = inside || c == '<';
		if (!inside)
			buf_add_char(b, c);
		inside = inside && c != '>';
	}
}

struct slice
subject_fold(struct subject *s)
{
	static const enum comment_field fields[] = { COMMENT_AUTHOR, COMMENT_EMAIL, COMMENT_URL, COMMENT_IP,
		COMMENT_USER_AGENT, COMMENT_CONTENT };
	size_t before = 0;

	if (s->has_fold)
		return view(s, &s->fold);
	s->has_fold = true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		buf_add_char(&s->fold, '\n');
		before = s->fold.n;
		phrases_fold(&s->fold, s->comment->field[fields[i]]);
	}
	if (buf_ok(&s->fold) && s->fold.n > before &&
	    memchr(s->fold.p + before, '<', s->fold.n - before) != NULL) {
		size_t n = s->fold.n - before;

		buf_add_char(&s->fold, '\n');
		s->fold.failed = s->fold.failed || buf_reserve(&s->fold, n) == NULL;
		put_without_tags(&s->fold, n + 1);
	}
	return view(s, &s->fold);
}

/*
 * Note the hosts in the text.  The normal form has them without accents, so those with letters beyond ASCII
 * are taken out of what was sent, and the rest is normalised once more: few comments have any, and none needs
 * to be looked at for them that has no links or nothing but ASCII.
 */
static void
hosts_of_text(struct subject *s)
{
	struct slice sent = subject_field(s, COMMENT_CONTENT), text = subject_normal(s);
	bool plain = sent.n == 0 ||
	    (utf8_ascii(sent.p, sent.n) == sent.n && memchr(sent.p, '&', sent.n) == NULL) ||
	    (memmem(sent.p, sent.n, "//", 2) == NULL && memmem(text.p, text.n, "www.", 4) == NULL);
	struct buf rest, normal;

	buf_init(&rest, BUF_NO_LIMIT);
	buf_init(&normal, BUF_NO_LIMIT);
	if (!plain && hosts_take_foreign(&s->hosts, &rest, sent)) {
		phrases_normalise(&normal, buf_slice(&rest), &s->scratch);
		text = buf_slice(&normal);
	}
	hosts_find(&s->hosts, text);
	s->failed = s->failed || !buf_ok(&rest) || !buf_ok(&normal);
	buf_fini(&rest);
	buf_fini(&normal);
}

struct slice
subject_hosts(struct subject *s)
{
	if (!s->has_hosts) {
		s->has_hosts = true;
		hosts_of_url(&s->hosts, subject_field(s, COMMENT_URL));
		hosts_of_text(s);
	}
	return view(s, &s->hosts);
}

bool
subject_may_have_host(struct subject *s, struct slice domain)
{
	if (!s->has_sketch)
		hosts_sketch(&s->sketch, subject_hosts(s));
	s->has_sketch = true;
	return hosts_may_be_within(&s->sketch, domain);
}

int
subject_address(const struct subject *s, struct address *out)
{
	return address_parse(out, s->comment->field[COMMENT_IP]);
}
