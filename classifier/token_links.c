#include "config.h"

#include <string.h>

#include "classifier/token_impl.h"

/*
 * Links that were split so that nobody sees them: "example . com/buy", "example (dot) com".  A chain of
 * labels with such dots between them is a link when it ends in a top-level domain.  Some of those are words,
 * and some people put a space before a full stop ("like this . me too"): after a mere dot these want more, a
 * path after them or a "www" before.
 */
#define LABELS_MAX 6
#define LABEL_UNITS 9 /* words with hyphens between them, in one label */
#define TAIL_MAX 400 /* bytes of what follows the host */

static const char *const domains[] = { "com", "net", "org", "info", "biz", "ru", "cn", "tk", "ly", "gl", "uk",
	"ua", "xyz", "gg", "ws", "mobi", "icu", "eu", "su", "br", "fr", "pl", "nl", "cc", "vip", "dev" };
static const char *const words[] = { "be", "co", "me", "tv", "us", "de", "it", "es", "in", "id", "top",
	"site", "online", "club", "shop", "store", "live", "pro", "win", "app", "io", "name" };

enum dot { DOT_NONE, DOT_SPACED, DOT_WRITTEN };

struct chain {
	size_t label[LABELS_MAX]; /* units; each is one word, or several with hyphens */
	size_t end[LABELS_MAX];
	enum dot dot[LABELS_MAX]; /* what stands before the label */
	size_t n;
};

static bool
is_text(const struct tokens *t, const struct unit *u, const char *text)
{
	return u->n == strlen(text) && memcmp(t->text.p + u->at, text, u->n) == 0;
}

static bool
touches(const struct unit *u)
{
	return u[1].at == u->at + u->n;
}

/* Return what kind of dot stands at unit I, and in *NEXT the unit after it. */
static enum dot
dot_at(const struct tokens *t, size_t i, size_t *next)
{
	const struct unit *u = &t->units[i];

	if (i + 1 >= t->nunits || i == 0 || u->kind != UNIT_MARK || u->n != 1)
		return DOT_NONE;
	*next = i + 1;
	if (t->text.p[u->at] == '.')
		return touches(u - 1) ? DOT_NONE : DOT_SPACED;
	*next = i + 3;
	if (i + 3 >= t->nunits || strchr("([{", t->text.p[u->at]) == NULL || u[2].n != 1 ||
	    strchr(")]}", t->text.p[u[2].at]) == NULL)
		return DOT_NONE;
	return is_text(t, u + 1, "dot") || is_text(t, u + 1, ".") ? DOT_WRITTEN : DOT_NONE;
}

/* Return the unit after the label that begins with unit I, which is I if there is none. */
static size_t
label_end(const struct tokens *t, size_t i)
{
	const struct unit *u = t->units;
	size_t last = i + LABEL_UNITS;

	if (i >= t->nunits || u[i].kind != UNIT_WORD || u[i].n > 63)
		return i;
	for (i++; i + 1 < t->nunits && i < last && touches(&u[i - 1]) && is_text(t, &u[i], "-") &&
	     touches(&u[i]) && u[i + 1].kind == UNIT_WORD;)
		i += 2;
	return i;
}

static bool
is_among(const struct tokens *t, const struct unit *u, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (is_text(t, u, list[i]))
			return true;
	}
	return false;
}

/* Return whether label K of C can end a host. */
static bool
is_domain(const struct tokens *t, const struct chain *c, size_t k)
{
	const struct unit *u = &t->units[c->label[k]];
	bool path = c->end[k] < t->nunits && touches(u) && is_text(t, u + 1, "/");

	if (c->end[k] != c->label[k] + 1)
		return false;
	if (is_among(t, u, domains, sizeof(domains) / sizeof(domains[0])))
		return true;
	return is_among(t, u, words, sizeof(words) / sizeof(words[0])) &&
	    (path || c->dot[k] == DOT_WRITTEN || is_text(t, &t->units[c->label[0]], "www"));
}

/* Find the split link that begins with unit I: C holds its labels. */
static bool
find(struct tokens *t, size_t i, struct chain *c)
{
	enum dot dot = DOT_NONE;
	size_t end, begin = i;

	for (c->n = 0; c->n < LABELS_MAX && (end = label_end(t, i)) > i; c->n++) {
		c->label[c->n] = i;
		c->end[c->n] = end;
		c->dot[c->n] = dot;
		if (end >= t->nunits)
			dot = DOT_NONE;
		else
			dot = dot_at(t, end, &i);
		if (dot == DOT_NONE) {
			c->n++;
			break;
		}
	}
	t->looked_at += i - begin + 1;
	while (c->n > 1 && !is_domain(t, c, c->n - 1))
		c->n--;
	return c->n > 1;
}

static void
copy(struct tokens *t, size_t from, size_t to)
{
	if (buf_reserve(&t->text, to - from) != NULL)
		buf_add(&t->text, t->text.p + from, to - from);
}

/* Return where the path that touches the host, which ends at byte AT, ends: at a space. */
static size_t
tail_end(const struct tokens *t, size_t at, size_t text_end)
{
	size_t end = at;

	if (strchr("/?#:", t->text.p[at]) == NULL)
		return at;
	while (end < text_end && end - at < TAIL_MAX && strchr(" \n<>\"'", t->text.p[end]) == NULL)
		end++;
	return end;
}

/* Let one unit at *PUT stand for the link C; return the unit after it. */
static size_t
join(struct tokens *t, const struct chain *c, size_t text_end, size_t *put)
{
	size_t at = t->text.n, next = c->end[c->n - 1], from, to = 0;

	for (size_t k = 0; k < c->n; k++) {
		const struct unit *last = &t->units[c->end[k] - 1];

		if (k > 0)
			buf_add_char(&t->text, '.');
		to = last->at + last->n;
		copy(t, t->units[c->label[k]].at, to);
	}
	from = to;
	to = tail_end(t, from, text_end);
	copy(t, from, to);
	while (next < t->nunits && t->units[next].at < to)
		next++;
	t->units[(*put)++] = (struct unit){
		.kind = UNIT_LINK, .undone = true, .at = (uint32_t)at, .n = (uint16_t)(t->text.n - at)
	};
	return next;
}

/* Return whether there is a dot that may join what stands around it. */
static bool
has_dot(const struct tokens *t)
{
	size_t next;

	for (size_t i = 0; i < t->nunits; i++) {
		if (t->units[i].kind == UNIT_MARK && dot_at(t, i, &next) != DOT_NONE)
			return true;
	}
	return false;
}

size_t
units_join_links(struct tokens *t)
{
	size_t put = 0, joined = 0, text_end = t->text.n, i = 0;
	struct chain c;

	if (!has_dot(t))
		return 0;
	while (i < t->nunits) {
		if (find(t, i, &c)) {
			i = join(t, &c, text_end, &put);
			joined++;
		} else {
			t->units[put++] = t->units[i++];
		}
	}
	t->nunits = put;
	if (joined > 0)
		add_disguise(t, "split link");
	return joined;
}
