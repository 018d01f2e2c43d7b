#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "classifier/entity.h"
#include "classifier/fold.h"
#include "classifier/normal.h"

#define TAG_MAX_BYTES 4096

/* The word being written, for the decision whether its foreign letters are stand-ins. */
struct word {
	size_t start; /* offset in the output */
	bool open;
	bool latin, twin; /* it has Latin letters; it has letters that look Latin */
	bool other; /* it has foreign letters that don't look Latin in every form */
	size_t letters, capitals;
	bool initial; /* it begins with a capital */
};

struct folder {
	struct buf *out;
	struct normal_counts *counts;
	struct buf *cases;
	struct word word;
	bool mostly_latin; /* of the whole text */
};

static unsigned
decode(const char *p, size_t n, size_t *step)
{
	unsigned c = (unsigned char)*p;

	*step = utf8_sequence(p, n);
	switch (*step) {
	case 2:
		return (c & 31) << 6 | ((unsigned char)p[1] & 63);
	case 3:
		return (c & 15) << 12 | ((unsigned char)p[1] & 63u) << 6 | ((unsigned char)p[2] & 63);
	case 4:
		return (c & 7) << 18 | ((unsigned char)p[1] & 63u) << 12 | ((unsigned char)p[2] & 63u) << 6 |
		    ((unsigned char)p[3] & 63);
	case 0: /* not UTF-8: ISO 8859-1 */
		*step = 1;
		return c;
	default:
		return c;
	}
}

/* First pass: well-formed UTF-8, entities decoded. */
static void
decode_entities(struct buf *out, struct slice in, struct normal_counts *counts)
{
	size_t step;
	unsigned c;

	for (size_t i = 0; i < in.n; i += step) {
		if ((unsigned char)in.p[i] < 0x80 && in.p[i] != '&') {
			for (step = 1; i + step < in.n && (unsigned char)in.p[i + step] < 0x80 &&
			     in.p[i + step] != '&';)
				step++;
			buf_add(out, in.p + i, step);
			continue;
		}
		step = in.p[i] == '&' ? entity_decode(in.p + i, in.n - i, &c) : 0;
		if (step > 0)
			counts->entities++;
		else
			c = decode(in.p + i, in.n - i, &step);
		utf8_put(out, c);
	}
}

static void
count_script(struct normal_counts *counts, enum script script)
{
	size_t *of[] = {
		[SCRIPT_NONE] = &counts->other,
		[SCRIPT_LATIN] = &counts->latin,
		[SCRIPT_CYRILLIC] = &counts->cyrillic,
		[SCRIPT_GREEK] = &counts->greek,
		[SCRIPT_HAN] = &counts->han,
		[SCRIPT_KANA] = &counts->kana,
		[SCRIPT_HANGUL] = &counts->hangul,
		[SCRIPT_ARABIC] = &counts->arabic,
		[SCRIPT_HEBREW] = &counts->hebrew,
		[SCRIPT_THAI] = &counts->thai,
		[SCRIPT_INDIC] = &counts->indic,
		[SCRIPT_OTHER] = &counts->other,
	};

	if (script == SCRIPT_NONE)
		return;
	counts->letters++;
	(*of[script])++;
}

/* Rewrite the foreign letters of the word just finished as the Latin ones they imitate. */
static void
unmask_word(struct folder *f)
{
	char *p = f->out->p + f->word.start;
	size_t n = f->out->n - f->word.start, put = 0, step;
	bool exact;

	for (size_t i = 0; i < n; i += step) {
		unsigned c = decode(p + i, n - i, &step), twin = c < 0x80 ? 0 : fold_lookalike(c, &exact);

		if (twin != 0) {
			p[put++] = (char)twin;
			f->counts->lookalikes++;
		} else {
			memmove(p + put, p + i, step);
			put += step;
		}
	}
	f->out->n = f->word.start + put;
	f->out->p[f->out->n] = '\0';
}

static void
note_case(struct folder *f)
{
	struct cased_word noted = { (uint32_t)f->word.start, CASE_INITIAL };

	if (f->cases == NULL || f->word.capitals == 0)
		return;
	if (f->word.capitals == f->word.letters && f->word.letters > 1)
		noted.letter_case = CASE_CAPITALS;
	else if (!f->word.initial)
		return;
	buf_add(f->cases, &noted, sizeof(noted));
}

static void
end_word(struct folder *f)
{
	struct word *w = &f->word;

	if (w->open)
		note_case(f);
	if (w->capitals >= w->initial + 2u && w->letters >= w->capitals + 2)
		f->counts->mixed_case++;
	if (w->open && w->twin && buf_ok(f->out) && (w->latin || (!w->other && f->mostly_latin)))
		unmask_word(f);
	*w = (struct word){ 0 };
}

static void
note_letter(struct word *w, unsigned c, enum script script)
{
	bool exact = false;

	if (script == SCRIPT_LATIN) {
		w->latin = true;
	} else if (script != SCRIPT_NONE) {
		w->twin |= fold_lookalike(c, &exact) != 0;
		w->other |= !exact;
	}
}

static void
put_folded(struct folder *f, unsigned c, bool capital)
{
	enum script script = fold_script(c);
	struct word *w = &f->word;

	if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0))
		c = ' ';
	if (script == SCRIPT_NONE && !(c >= '0' && c <= '9')) {
		end_word(f);
		utf8_put(f->out, c);
		return;
	}
	if (!w->open)
		*w = (struct word){ .open = true, .start = f->out->n, .initial = capital };
	w->letters += script != SCRIPT_NONE;
	w->capitals += capital;
	note_letter(w, c, script);
	utf8_put(f->out, c);
}

static void
fold_ascii(struct folder *f, unsigned char c)
{
	struct normal_counts *counts = f->counts;
	bool capital = c >= 'A' && c <= 'Z';

	if (capital) {
		counts->capitals++;
		c = (unsigned char)(c + 32);
	}
	if (c >= 'a' && c <= 'z') {
		count_script(counts, SCRIPT_LATIN);
	} else if (c >= '0' && c <= '9') {
		counts->digits++;
	} else if (c == '\n') {
		counts->lines++;
	}
	put_folded(f, c, capital);
}

static void
fold_one(struct folder *f, unsigned c)
{
	unsigned parts[FOLD_MAX];
	bool capital;
	int n;

	if (c < 0x80) {
		fold_ascii(f, (unsigned char)c);
		return;
	}
	f->counts->not_ascii++;
	count_script(f->counts, fold_script(c));
	capital = fold_is_upper(c);
	f->counts->capitals += capital;
	switch (fold_char(c, parts, &n)) {
	case FOLD_PLAIN:
		break;
	case FOLD_DISGUISED:
		f->counts->disguised++;
		break;
	case FOLD_MARK:
		f->counts->marks++;
		break;
	case FOLD_INVISIBLE:
		f->counts->invisible +=
		    f->word.open; /* between words they are used honestly, by emoji and right-to-left text */
		break;
	}
	for (int i = 0; i < n; i++)
		put_folded(f, parts[i], capital && i == 0);
}

static bool
begins(struct slice s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && strncasecmp(s.p, with, n) == 0;
}

/* Return the value of attribute NAME ("href=") in TAG, quoted or not; the absent slice if there is none. */
static struct slice
attribute(struct slice tag, const char *name)
{
	size_t skip = strlen(name), i, end;
	char quote;

	for (i = 0; i + skip < tag.n; i++) {
		if (strncasecmp(tag.p + i, name, skip) == 0)
			break;
	}
	if (i + skip >= tag.n)
		return (struct slice){ NULL, 0 };
	i += skip;
	while (i < tag.n && tag.p[i] == '\\') /* WordPress sends quotes with a backslash before them */
		i++;
	quote = tag.p[i] == '"' || tag.p[i] == '\'' ? tag.p[i++] : '\0';
	for (end = i; end < tag.n && tag.p[end] != '\\'; end++) {
		if (quote != '\0' ? tag.p[end] == quote : tag.p[end] == ' ' || tag.p[end] == ']')
			break;
	}
	return (struct slice){ tag.p + i, end - i };
}

static void fold_text(struct folder *f, struct slice in, bool markup);

/* Write the address of a link as text of its own. */
static void
put_link(struct folder *f, struct slice address)
{
	struct normal_counts spare = { 0 }, *counts = f->counts;

	end_word(f);
	if (address.n == 0)
		return;
	f->counts = &spare; /* an address in markup isn't something a reader sees */
	buf_add_char(f->out, ' ');
	fold_text(f, address, false);
	end_word(f);
	buf_add_char(f->out, ' ');
	f->counts = counts;
}

static void
take_tag(struct folder *f, struct slice tag)
{
	f->counts->tags++;
	if (begins(tag, "a ") || begins(tag, "a\n")) {
		f->counts->anchors++;
		put_link(f, attribute(tag, "href="));
	} else if (begins(tag, "img") || begins(tag, "iframe")) {
		put_link(f, attribute(tag, "src="));
	} else {
		end_word(f);
		if (begins(tag, "br") || begins(tag, "p") || begins(tag, "/p") || begins(tag, "li"))
			f->counts->lines++;
	}
	buf_add_char(f->out, ' ');
}

static void
take_bbcode(struct folder *f, struct slice tag)
{
	f->counts->bbcode++;
	if (begins(tag, "url=") || begins(tag, "link="))
		put_link(f, attribute(tag, "="));
	end_word(f);
	buf_add_char(f->out, ' ');
}

static bool
is_bbcode(struct slice tag)
{
	static const char *const names[] = { "url", "link", "img", "b", "i", "u", "quote", "code", "size",
		"color", "list" };

	if (tag.n > 0 && tag.p[0] == '/')
		tag = (struct slice){ tag.p + 1, tag.n - 1 };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (begins(tag, names[i]) && (tag.n == n || tag.p[n] == '='))
			return true;
	}
	return false;
}

/* Take the markup that IN begins with, if any; return how many bytes it was. */
static size_t
take_markup(struct folder *f, struct slice in)
{
	size_t most = in.n < TAG_MAX_BYTES ? in.n : TAG_MAX_BYTES;
	const char *end = memchr(in.p, in.p[0] == '<' ? '>' : ']', most);
	struct slice inside;

	if (end == NULL || most < 3)
		return 0;
	inside = (struct slice){ in.p + 1, (size_t)(end - in.p) - 1 };
	if (in.p[0] == '<' && (in.p[1] == '/' || in.p[1] == '!' || (in.p[1] | 32) >= 'a') &&
	    (in.p[1] | 32) <= 'z')
		take_tag(f, inside);
	else if (in.p[0] == '[' && is_bbcode(inside))
		take_bbcode(f, inside);
	else
		return 0;
	return inside.n + 2;
}

static void
fold_text(struct folder *f, struct slice in, bool markup)
{
	size_t step;

	for (size_t i = 0; i < in.n; i += step) {
		step = 0;
		if (markup && (in.p[i] == '<' || in.p[i] == '['))
			step = take_markup(f, (struct slice){ in.p + i, in.n - i });
		if (step > 0)
			continue;
		if ((unsigned char)in.p[i] < 0x80) {
			fold_ascii(f, (unsigned char)in.p[i]);
			step = 1;
		} else {
			fold_one(f, decode(in.p + i, in.n - i, &step));
		}
	}
}

/* Whether Latin letters outnumber the lead bytes of Greek and Cyrillic ones. */
static bool
is_mostly_latin(struct slice s)
{
	size_t latin = 0, foreign = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		latin += (c | 32) >= 'a' && (c | 32) <= 'z';
		foreign += c >= 0xcd && c <= 0xd6;
	}
	return latin > 2 * foreign;
}

void
normalise(
    struct buf *out, struct slice in, struct normal_counts *counts, struct buf *cases, struct buf *scratch)
{
	struct folder f = { .out = out, .counts = counts, .cases = cases };
	size_t head = NORMAL_INPUT_MAX / 4 * 3, tail = NORMAL_INPUT_MAX - head;

	buf_clear(scratch);
	if (in.n > NORMAL_INPUT_MAX) {
		decode_entities(scratch, (struct slice){ in.p, head }, counts);
		buf_add_char(scratch, '\n');
		in = (struct slice){ in.p + in.n - tail, tail };
	}
	decode_entities(scratch, in, counts);
	counts->bytes += scratch->n;
	f.mostly_latin = is_mostly_latin(buf_slice(scratch));
	fold_text(&f, buf_slice(scratch), true);
	end_word(&f);
	out->failed |= scratch->failed; /* which the next call would forget */
}
