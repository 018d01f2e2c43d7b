#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "engine/rules_impl.h"

#define NAME_BYTES_MAX 64
#define WEIGHT_TEXT_MAX 32

/* One file being read. */
struct parse {
	struct rules *r;
	const char *path, *site; /* in the arena */
	char *dir; /* where the file is */
	int line;
	struct rule *rule; /* the one at hand; NULL: none has begun */
	struct condition **end; /* of its conditions */
	size_t n;
};

struct slice
rules_trim(struct slice s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

struct slice
rules_skip_mark(struct slice text)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t n = sizeof(mark) - 1;

	return text.n >= n && memcmp(text.p, mark, n) == 0 ? (struct slice){ text.p + n, text.n - n } : text;
}

/* Take the first word off S, which begins with it. */
static struct slice
take_word(struct slice *s)
{
	struct slice word = { s->p, 0 };

	while (word.n < s->n && (unsigned char)s->p[word.n] > ' ')
		word.n++;
	*s = rules_trim((struct slice){ s->p + word.n, s->n - word.n });
	return word;
}

/* -- Rules -- */

static int
check_name(struct parse *p, struct slice name, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	if (name.n == 0)
		return err_set(err, ERR_INPUT, "a rule needs a name");
	for (size_t i = 0; i < name.n; i++) {
		if (memchr(allowed, name.p[i], sizeof(allowed) - 1) == NULL)
			return err_set(err, ERR_INPUT,
			    "\"%.*s\": a name has letters, digits, '.', '_' and '-' only", (int)name.n,
			    name.p);
	}
	if (name.n > NAME_BYTES_MAX)
		return err_set(err, ERR_INPUT, "a name has at most %d characters", NAME_BYTES_MAX);
	for (const struct rule *rule = p->r->first; rule != NULL; rule = rule->next) {
		if (slice_is(name, rule->name) && (rule->site == NULL || rule->site == p->site))
			return err_set(err, ERR_INPUT, "there is a rule \"%s\" already, at %s:%d", rule->name,
			    rule->file, rule->line);
	}
	return 0;
}

static int
parse_weight(double *out, struct slice text, struct err *err)
{
	char s[WEIGHT_TEXT_MAX], *end;

	if (text.n == 0)
		return err_set(err, ERR_INPUT, "evidence needs a weight after its name, such as +1.5");
	if (text.n < sizeof(s)) {
		memcpy(s, text.p, text.n);
		s[text.n] = '\0';
		*out = strtod(s, &end);
		if (*end == '\0' && isfinite(*out) && *out != 0 && fabs(*out) <= RULE_WEIGHT_MAX)
			return 0;
	}
	return err_set(err, ERR_INPUT, "\"%.*s\" is not a weight within -%g and +%g other than 0",
	    (int)text.n, text.p, RULE_WEIGHT_MAX, RULE_WEIGHT_MAX);
}

/* Return an error, of the line that it begins on, if the rule at hand can't end yet. */
static int
end_rule(struct parse *p, struct err *err)
{
	if (p->rule == NULL || p->rule->conditions != NULL)
		return 0;
	p->line = p->rule->line;
	return err_set(err, ERR_INPUT, "rule \"%s\" has no condition: it would always fire", p->rule->name);
}

static int
begin_rule(struct parse *p, enum rule_action action, struct slice rest, struct err *err)
{
	struct slice name = take_word(&rest);
	struct rule *rule;

	if (end_rule(p, err) == -1 || check_name(p, name, err) == -1)
		return -1;
	if (++p->n > RULES_PER_FILE_MAX)
		return err_set(err, ERR_LIMIT, "more than %d rules", RULES_PER_FILE_MAX);
	rule = arena_alloc(p->r->arena, sizeof(*rule));
	if (rule == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rule->counts = arena_alloc(p->r->arena, sizeof(*rule->counts));
	rule->name = arena_copy(p->r->arena, name.p, name.n);
	if (rule->counts == NULL || rule->name == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rule->file = p->path;
	rule->site = p->site;
	rule->line = p->line;
	rule->action = action;
	if (action == RULE_EVIDENCE) {
		if (parse_weight(&rule->weight, take_word(&rest), err) == -1)
			return -1;
	}
	if (rest.n > 0)
		return err_set(err, ERR_INPUT, "\"%.*s\": the conditions stand on lines of their own",
		    (int)rest.n, rest.p);
	*p->r->end = rule;
	p->r->end = &rule->next;
	p->rule = rule;
	p->end = &rule->conditions;
	return 0;
}

/* -- Conditions -- */

static int
parse_field(struct condition *c, struct slice name, struct err *err)
{
	enum comment_field field;

	c->field = FIELD_ANY;
	if (slice_is(name, "any"))
		return 0;
	if (comment_field_find(&field, name.p, name.n) == -1)
		return err_set(err, ERR_INPUT,
		    "\"%.*s\" is no field of a comment; there are any, author, content, "
		    "email, url, ip, user_agent and those of hamlet-rules(5)",
		    (int)name.n, name.p);
	c->field = (int)field;
	return 0;
}

/* Return an error if the rule at hand has a condition of the kind of C already. */
static int
check_once(const struct parse *p, const struct condition *c, struct slice keyword, struct err *err)
{
	for (const struct condition *other = p->rule->conditions; other != NULL; other = other->next) {
		if (other->kind == c->kind && c->kind != CONDITION_MATCH)
			return err_set(err, ERR_INPUT,
			    "%.*s stands on line %d already; put all values on one line, or into a list",
			    (int)keyword.n, keyword.p, other->line);
	}
	return 0;
}

static int
add_condition(
    struct parse *p, enum condition_kind kind, struct slice keyword, struct slice rest, struct err *err)
{
	struct condition *c;

	if (p->rule == NULL)
		return err_set(err, ERR_INPUT, "a condition before the first rule");
	c = arena_alloc(p->r->arena, sizeof(*c));
	if (c == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	c->kind = kind;
	c->line = p->line;
	if (check_once(p, c, keyword, err) == -1)
		return -1;
	if (kind == CONDITION_MATCH && parse_field(c, take_word(&rest), err) == -1)
		return -1;
	if (rest.n == 0)
		return err_set(err, ERR_INPUT, "%.*s: %s", (int)keyword.n, keyword.p,
		    kind == CONDITION_MATCH ? "there is no expression" : "there is no value");
	*p->end = c;
	p->end = &c->next;
	return condition_parse(p->r, c, rest, p->dir, err);
}

/* -- The file -- */

static int
parse_line(struct parse *p, struct slice line, struct err *err)
{
	static const struct {
		const char *keyword;
		enum condition_kind kind;
	} conditions[] = {
		{ "match", CONDITION_MATCH },
		{ "words", CONDITION_WORDS },
		{ "disallowed_keys", CONDITION_KEYS },
		{ "address", CONDITION_ADDRESS },
		{ "email", CONDITION_EMAIL },
		{ "url", CONDITION_URL },
		{ "author", CONDITION_AUTHOR },
	};
	struct slice rest = rules_trim(line), keyword;

	if (rest.n == 0 || rest.p[0] == '#')
		return 0;
	keyword = take_word(&rest);
	for (int i = RULE_ALLOW; i <= RULE_EVIDENCE; i++) {
		if (slice_is(keyword, rule_action_name((enum rule_action)i)))
			return begin_rule(p, (enum rule_action)i, rest, err);
	}
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (slice_is(keyword, conditions[i].keyword))
			return add_condition(p, conditions[i].kind, keyword, rest, err);
	}
	return err_set(err, ERR_INPUT,
	    "\"%.*s\" begins neither a rule (allow, block, hold, evidence) nor a condition (match, words, "
	    "disallowed_keys, address, email, url, author)",
	    (int)keyword.n, keyword.p);
}

/* Parse TEXT line by line; p->line is the line of what is wrong. */
static int
parse_text(struct parse *p, struct slice text, struct err *err)
{
	text = rules_skip_mark(text);
	while (text.n > 0) {
		struct slice line = slice_take(&text, '\n');

		p->line++;
		if (memchr(line.p, '\0', line.n) != NULL || !utf8_valid(line))
			return err_set(err, ERR_INPUT, "this is not UTF-8 text");
		if (parse_line(p, line, err) == -1)
			return -1;
	}
	return end_rule(p, err);
}

int
rules_parse(struct rules *r, const char *path, const char *site, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct parse p = { .r = r, .site = site, .path = arena_copy(r->arena, path, strlen(path)) };
	struct err why = { .code = ERR_NONE };
	char *text;
	size_t n;
	int rc;

	if (file_read(&text, &n, path, RULE_FILE_BYTES_MAX, err) == -1)
		return -1;
	p.dir = slash == NULL ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (p.dir == NULL || p.path == NULL) {
		rc = err_set(err, ERR_NOMEM, "%s: out of memory", path);
	} else if (rules_note_file(r, path, text, n, err) == -1) {
		rc = -1;
	} else {
		rc = parse_text(&p, (struct slice){ text, n }, &why);
		if (rc == -1)
			err_set(err, why.code, "%s:%d: %s", path, p.line, why.text);
	}
	free(p.dir);
	free(text);
	return rc;
}
