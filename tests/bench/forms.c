#include "config.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tests/bench/forms.h"

#define ARENA_BYTES ((size_t)1 << 30)
#define WORDS 208827064576u /* 26 to the power of FORM_WORD */
#define STRIDE 60466175993u /* has no factor in common with WORDS, so that the walk meets each word once */

static const char gap[] = " qqqqqqqq";

static void
add_percent(struct buf *b, struct slice s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
		    c == '.' || c == '_') {
			buf_add_char(b, (char)c);
		} else if (c == ' ') {
			buf_add_char(b, '+');
		} else {
			buf_add_char(b, '%');
			buf_add_char(b, hex[c >> 4]);
			buf_add_char(b, hex[c & 15]);
		}
	}
}

static void
add_field(struct buf *b, const char *name, struct slice value, const char *otherwise)
{
	buf_addf(b, "%s%s=", b->n == 0 ? "" : "&", name);
	add_percent(b, value.n > 0 ? value : slice_of(otherwise));
}

/* Append the form of COMMENT to B; return where in it the gap is. */
static size_t
add_akismet(struct buf *b, const struct comment *comment, const char *key)
{
	const struct slice *f = comment->field;
	size_t at;

	if (*key != '\0')
		add_field(b, "api_key", slice_of(key), "");
	add_field(b, "blog", slice_of("https://blog.example"), "");
	add_field(b, "user_ip", f[COMMENT_IP], "203.0.113.77");
	add_field(b, "user_agent", f[COMMENT_USER_AGENT], "Mozilla/5.0 (X11; Linux x86_64; rv:115.0)");
	add_field(b, "referrer", f[COMMENT_REFERRER], "https://blog.example/");
	add_field(b, "permalink", f[COMMENT_PERMALINK], "https://blog.example/a-post");
	add_field(b, "comment_type", f[COMMENT_TYPE], "comment");
	add_field(b, "comment_author", f[COMMENT_AUTHOR], "");
	add_field(b, "comment_author_email", f[COMMENT_EMAIL], "");
	add_field(b, "comment_author_url", f[COMMENT_URL], "");
	add_field(b, "comment_content", f[COMMENT_CONTENT], "");
	at = b->n + 1;
	add_percent(b, slice_of(gap));
	return at;
}

static void
add_line(struct buf *b, struct slice value)
{
	for (size_t i = 0; i < value.n; i++)
		buf_add_char(b, value.p[i] == '\n' || value.p[i] == '\r' ? ' ' : value.p[i]);
}

/* The same as a mail. */
static size_t
add_mail(struct buf *b, const struct comment *comment)
{
	const struct slice *f = comment->field;
	size_t at;

	buf_add_str(b, "From: commenter <commenter@mail.example>\r\nTo: blog@blog.example\r\nSubject: ");
	add_line(b, f[COMMENT_AUTHOR]);
	buf_add_str(b,
	    "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n");
	buf_add_slice(b, f[COMMENT_URL]);
	buf_add_str(b, "\r\n");
	buf_add_slice(b, f[COMMENT_CONTENT]);
	at = b->n + 1;
	buf_add_str(b, gap);
	buf_add_str(b, "\r\n");
	return at;
}

static void
add_head(struct buf *b, enum form_protocol protocol, const char *path, size_t body)
{
	switch (protocol) {
	case FORM_AKISMET:
		buf_addf(b,
		    "POST %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: WordPress/6.4 | Akismet/5.3\r\n"
		    "Accept: */*\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    path, body);
		break;
	case FORM_RSPAMD:
		buf_addf(b,
		    "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\nContent-Length: "
		    "%zu\r\n\r\n",
		    path, body);
		break;
	case FORM_SPAMC:
		buf_addf(b, "CHECK SPAMC/1.5\r\nContent-length: %zu\r\n\r\n", body);
		break;
	}
}

static int
make_one(struct form *form, const struct comment *comment, enum form_protocol protocol, const char *path,
    const char *key, struct arena *a)
{
	struct buf head, body;

	buf_init(&head, BUF_NO_LIMIT);
	buf_init(&body, BUF_NO_LIMIT);
	form->gap = protocol == FORM_AKISMET ? add_akismet(&body, comment, key) : add_mail(&body, comment);
	add_head(&head, protocol, path, body.n);
	form->gap += head.n;
	buf_add_slice(&head, buf_slice(&body));
	form->n = head.n;
	form->p = buf_ok(&head) && buf_ok(&body) ? arena_copy(a, head.p, head.n) : NULL;
	buf_fini(&head);
	buf_fini(&body);
	return form->p == NULL ? -1 : 0;
}

int
forms_make(struct forms *f, struct corpus *c, enum form_protocol protocol, const char *path, const char *key,
    uint64_t seed, struct err *err)
{
	*f = (struct forms){ .v = calloc(c->n, sizeof(f->v[0])), .next = seed % WORDS };
	for (size_t i = 0; f->v != NULL && i < c->n; i++) {
		if (make_one(&f->v[i], &c->rows[i].comment, protocol, path, key, c->arena) == -1)
			break;
		f->n++;
		f->longest = f->v[i].n > f->longest ? f->v[i].n : f->longest;
	}
	if (f->n == c->n)
		return 0;
	forms_free(f);
	return err_set(err, ERR_NOMEM, "out of memory");
}

void
forms_free(struct forms *f)
{
	free(f->v);
	f->v = NULL;
}

size_t
forms_next(struct forms *f, char *out)
{
	const struct form *form = &f->v[f->next % f->n];
	uint64_t word = (uint64_t)((unsigned __int128)f->next * STRIDE % WORDS);

	f->next++;
	memcpy(out, form->p, form->n);
	for (size_t i = 0; i < FORM_WORD; i++, word /= 26)
		out[form->gap + i] = (char)('a' + word % 26);
	return form->n;
}
