#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/html.h"
#include "cli/output.h"

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

static void
put_text(struct buf *b, struct slice s)
{
	struct buf safe;

	buf_init(&safe, BUF_NO_LIMIT);
	text_safe(&safe, s);
	for (size_t i = 0; i < safe.n; i++) {
		const char *e = entity(safe.p[i]);

		if (e != NULL)
			buf_add_str(b, e);
		else
			buf_add_char(b, safe.p[i]);
	}
	if (!buf_ok(&safe))
		b->failed = true;
	buf_fini(&safe);
}

void
html_str(struct buf *b, const char *s)
{
	put_text(b, slice_of(s));
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Append the next word of *S and the space before it to LINE, as far as *LEFT characters go. */
static void
take_word(struct buf *line, struct slice *s, size_t *left)
{
	size_t n;

	for (; s->n > 0 && is_space(*s->p); s->p++)
		s->n--;
	if (s->n > 0 && line->n > 0 && *left > 0) {
		buf_add_char(line, ' ');
		--*left;
	}
	for (; s->n > 0 && *left > 0 && !is_space(*s->p); s->p += n, s->n -= n, --*left) {
		n = utf8_sequence(s->p, s->n);
		n = n > 0 ? n : 1;
		buf_add(line, s->p, n);
	}
}

bool
html_excerpt(struct buf *b, struct slice s, size_t characters)
{
	struct buf line;
	bool more;

	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	buf_init(&line, BUF_NO_LIMIT);
	while (s.n > 0 && characters > 0)
		take_word(&line, &s, &characters);
	more = s.n > 0;
	put_text(b, buf_slice(&line));
	if (more)
		buf_add_str(b, "…");
	if (!buf_ok(&line))
		b->failed = true;
	buf_fini(&line);
	return more;
}

void
html_count(struct buf *b, uint64_t n)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			buf_add_char(b, ',');
		buf_add_char(b, digits[i]);
	}
}

void
html_percent(struct buf *b, double share, int decimals)
{
	buf_addf(b, "%.*f&nbsp;%%", decimals, 100 * share);
}
