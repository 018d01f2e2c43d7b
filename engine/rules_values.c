#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "classifier/fold.h"
#include "engine/hosts.h"
#include "engine/rules_impl.h"

#define ADDRESS_BYTES_MAX 64

/* What a condition's values come from, and where to put them. */
struct values {
	struct rules *r;
	struct condition *c;
	const char *dir;
	struct buf folded, scratch;
};

void
condition_fini(struct condition *c)
{
	rx_free(c->rx);
	phrases_free(c->phrases);
	free(c->ranges);
	free(c->texts);
}

/* -- One value -- */

/* Make room for one more of SIZE bytes in *LIST, which has c->n. */
static int
grow(struct condition *c, void *list, size_t size, struct err *err)
{
	void **p = list, *larger;
	size_t cap = c->cap == 0 ? 8 : 2 * c->cap;

	if (c->n < c->cap)
		return 0;
	larger = realloc(*p, cap * size);
	if (larger == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	*p = larger;
	c->cap = cap;
	return 0;
}

static int
add_range(struct condition *c, struct slice value, struct err *err)
{
	if (value.n > ADDRESS_BYTES_MAX)
		return err_set(err, ERR_INPUT, "\"%.*s...\" is not an address", ADDRESS_BYTES_MAX, value.p);
	if (grow(c, &c->ranges, sizeof(*c->ranges), err) == -1 ||
	    address_range_parse(&c->ranges[c->n], value, err) == -1)
		return -1;
	c->n++;
	return 0;
}

static int
add_text(struct values *v, struct slice text, struct err *err)
{
	struct condition *c = v->c;
	char *copy = arena_copy(v->r->arena, text.p, text.n);

	if (copy == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (grow(c, &c->texts, sizeof(*c->texts), err) == -1)
		return -1;
	c->texts[c->n++] = (struct slice){ copy, text.n };
	return 0;
}

/* Take off a domain what people write around it: "@", "*.", "." before it, "." after it. */
static struct slice
bare_domain(struct slice s)
{
	if (s.n > 2 && s.p[0] == '*' && s.p[1] == '.')
		s = (struct slice){ s.p + 2, s.n - 2 };
	else if (s.n > 1 && (s.p[0] == '.' || s.p[0] == '@'))
		s = (struct slice){ s.p + 1, s.n - 1 };
	while (s.n > 1 && s.p[s.n - 1] == '.')
		s.n--;
	return s;
}

/* Return whether S is a domain, or with EMAIL perhaps an address: much can stand before its "@", but "*"
 * alone is meant for all of the domain, and would fit nobody. */
static bool
is_domain(struct slice s, bool email)
{
	const char *at = email && s.n > 0 ? memrchr(s.p, '@', s.n) : NULL;
	size_t local = at == NULL ? 0 : (size_t)(at + 1 - s.p);

	if (local == 2 && s.p[0] == '*')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || (i >= local && strchr("/:*?#<>\"'@", s.p[i]) != NULL))
			return false;
	}
	return true;
}

static int
add_domain(struct values *v, struct slice value, bool email, struct err *err)
{
	if (email)
		phrases_fold(&v->folded, bare_domain(value));
	else
		fold_domain(&v->folded, bare_domain(value));
	if (!is_domain(buf_slice(&v->folded), email))
		return err_set(err, ERR_INPUT, "\"%.*s\" is not %s", (int)value.n, value.p,
		    email ? "an e-mail address or a domain" : "a domain");
	return add_text(v, buf_slice(&v->folded), err);
}

/* Add VALUE in the form in which it will be compared. */
static int
add_value(struct values *v, struct slice value, struct err *err)
{
	bool normal = v->c->kind == CONDITION_WORDS || v->c->kind == CONDITION_AUTHOR;

	buf_clear(&v->folded);
	if (v->c->kind == CONDITION_ADDRESS)
		return add_range(v->c, value, err);
	if (v->c->kind == CONDITION_EMAIL || v->c->kind == CONDITION_URL)
		return add_domain(v, value, v->c->kind == CONDITION_EMAIL, err);
	if (normal)
		phrases_normalise(&v->folded, value, &v->scratch);
	else
		phrases_fold(&v->folded, value);
	if (!buf_ok(&v->folded))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (v->folded.n == 0)
		return err_set(
		    err, ERR_INPUT, "\"%.*s\": nothing is left of it without markup", (int)value.n, value.p);
	if (v->c->kind == CONDITION_AUTHOR)
		return add_text(v, buf_slice(&v->folded), err);
	return phrases_add(v->c->phrases, buf_slice(&v->folded), err);
}

/* -- Lists -- */

static struct slice
next_line(struct slice *text)
{
	return rules_trim(slice_take(text, '\n'));
}

/* Add the lines of TEXT; in WordPress's format '#' begins no comment. */
static int
add_lines(struct values *v, const char *path, struct slice text, struct err *err)
{
	struct slice line;

	text = rules_skip_mark(text);
	for (int number = 1; text.n > 0; number++) {
		line = next_line(&text);
		if (line.n == 0 || (line.p[0] == '#' && v->c->kind != CONDITION_KEYS))
			continue;
		if (!utf8_valid(line))
			return err_set(err, ERR_INPUT, "%s:%d: this is not UTF-8 text", path, number);
		if (add_value(v, line, err) == -1)
			return err_prefix(err, "%s:%d", path, number);
	}
	return 0;
}

/* Add what the file NAME holds, a value a line. */
static int
add_list(struct values *v, struct slice name, struct err *err)
{
	char *relative = strndup(name.p, name.n), *path, *text;
	size_t n;
	int rc;

	path = relative == NULL || *relative == '/' ? relative : path_join(v->dir, relative);
	if (path != relative)
		free(relative);
	if (path == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = file_read(&text, &n, path, RULE_LIST_BYTES_MAX, err);
	if (rc == 0) {
		rc = rules_note_file(v->r, path, text, n, err);
		if (rc == 0)
			rc = add_lines(v, path, (struct slice){ text, n }, err);
		free(text);
	}
	free(path);
	return rc;
}

/* -- Values on a line -- */

/* Take the first value, bare or in double quotes, off REST. */
static int
take_value(struct slice *rest, struct slice *value, bool *quoted, struct err *err)
{
	const char *end;

	*quoted = rest->p[0] == '"';
	if (*quoted) {
		end = memchr(rest->p + 1, '"', rest->n - 1);
		if (end == NULL)
			return err_set(err, ERR_INPUT, "a quotation that doesn't end");
		*value = (struct slice){ rest->p + 1, (size_t)(end - rest->p) - 1 };
		end++;
	} else {
		for (end = rest->p; end < rest->p + rest->n && (unsigned char)*end > ' '; end++)
			;
		*value = (struct slice){ rest->p, (size_t)(end - rest->p) };
	}
	rest->n -= (size_t)(end - rest->p);
	rest->p = end;
	while (rest->n > 0 && (unsigned char)rest->p[0] <= ' ') {
		rest->p++;
		rest->n--;
	}
	return value->n > 0 ? 0 : err_set(err, ERR_INPUT, "an empty value");
}

static int
add_values(struct values *v, struct slice rest, struct err *err)
{
	struct slice value;
	bool quoted, list;

	while (rest.n > 0) {
		if (take_value(&rest, &value, &quoted, err) == -1)
			return -1;
		list = v->c->kind == CONDITION_KEYS || (!quoted && value.p[0] == '@' && value.n > 1);
		if (list && v->c->kind != CONDITION_KEYS)
			value = (struct slice){ value.p + 1, value.n - 1 };
		if ((list ? add_list : add_value)(v, value, err) == -1)
			return -1;
	}
	if (v->c->phrases != NULL)
		return phrases_seal(v->c->phrases, err);
	if (v->c->texts != NULL)
		qsort(v->c->texts, v->c->n, sizeof(*v->c->texts), by_bytes);
	return 0;
}

int
condition_parse(struct rules *r, struct condition *c, struct slice rest, const char *dir, struct err *err)
{
	struct values v = { .r = r, .c = c, .dir = dir };
	int rc;

	if (c->kind == CONDITION_MATCH)
		return rx_compile_any_case(&c->rx, rest.p, rest.n, err);
	if ((c->kind == CONDITION_WORDS || c->kind == CONDITION_KEYS) &&
	    phrases_new(&c->phrases, c->kind == CONDITION_WORDS, err) == -1)
		return -1;
	buf_init(&v.folded, BUF_NO_LIMIT);
	buf_init(&v.scratch, BUF_NO_LIMIT);
	rc = add_values(&v, rest, err);
	buf_fini(&v.folded);
	buf_fini(&v.scratch);
	return rc;
}
