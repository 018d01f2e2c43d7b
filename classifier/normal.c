#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"
#include "classifier/entity.h"
#include "classifier/fold.h"
#include "classifier/markup.h"
#include "classifier/normal.h"
#include "classifier/override.h"
#include "classifier/plain.h"

#define PARTS_MANY 3 /* characters that one becomes, from here on, */
#define PARTS_MAX 8192 /* and how many are made so in one text */
#define MASKED_WORDS 3 /* foreign words that one of mixed alphabets outweighs */

/* The word being written, for the decision whether its foreign letters are stand-ins. */
struct word {
	size_t start; /* offset in the output */
	bool open;
	unsigned scripts; /* a bit for each of its alphabets */
	bool twin; /* it has letters that look Latin */
	bool other; /* it has foreign letters that don't look Latin in every form */
	bool alien; /* it has foreign letters that look like none in Latin */
	size_t letters, capitals;
	size_t hidden; /* marks not seen, after its last letter so far */
	uint64_t upper; /* which of its first 64 characters are capitals */
	size_t n;
	bool initial; /* it begins with a capital */
};

struct folder {
	struct buf *out;
	struct normal_counts *counts;
	struct buf *cases;
	struct word word;
	bool mostly_latin, masked; /* of the whole text; see look_over() */
	size_t parts; /* of characters that became many */
	struct markup markup;
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
	case 0:
		*step = 1;
		return utf8_stray((unsigned char)c);
	default:
		return c;
	}
}

/* Return how many of the N bytes at P, N > 0, are well-formed UTF-8 without '&'. */
static size_t
clean_run(const char *p, size_t n)
{
	const char *reference = memchr(p, '&', n);
	size_t i = 0, step;

	n = reference == NULL ? n : (size_t)(reference - p);
	while (i < n) {
		step = (unsigned char)p[i] < 0x80 ? utf8_ascii(p + i, n - i) : utf8_sequence(p + i, n - i);
		if (step == 0)
			break;
		i += step;
	}
	return i;
}

/* First pass: well-formed UTF-8, entities decoded. */
static void
decode_entities(struct buf *out, struct slice in, struct normal_counts *counts)
{
	size_t step;
	unsigned c;

	for (size_t i = 0; i < in.n; i += step) {
		step = clean_run(in.p + i, in.n - i);
		if (step > 0) {
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

/* Count a letter of SCRIPT; BY is 1, or -1 to take one back. */
static void
count_script(struct normal_counts *counts, enum script script, int by)
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
	counts->letters += (size_t)by;
	*of[script] += (size_t)by;
}

/* Rewrite the foreign letters of the word just finished as the Latin ones they imitate. */
static void
unmask_word(struct folder *f)
{
	char *p = f->out->p + f->word.start;
	size_t n = f->out->n - f->word.start, put = 0, step, at = 0;

	for (size_t i = 0; i < n; i += step, at++) {
		unsigned c = decode(p + i, n - i, &step), twin = 0;
		bool exact;

		if (c >= 0x80)
			twin = fold_lookalike(c, at < 64 && (f->word.upper >> at & 1) != 0, &exact);
		if (twin != 0) {
			p[put++] = (char)twin;
			f->counts->lookalikes++;
			count_script(f->counts, fold_script(c), -1);
			count_script(f->counts, SCRIPT_LATIN, 1);
			f->counts->bytes -= step - 1;
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

/* Return whether SCRIPTS holds more than one alphabet whose letters can stand in for each other. */
static bool
are_mixed(unsigned scripts)
{
	scripts &= 1u << SCRIPT_LATIN | 1u << SCRIPT_CYRILLIC | 1u << SCRIPT_GREEK | 1u << SCRIPT_OTHER;
	return (scripts & (scripts - 1)) != 0;
}

static void
end_word(struct folder *f)
{
	struct word *w = &f->word;

	if (w->open)
		note_case(f);
	if (w->capitals >= w->initial + 2u && w->letters >= w->capitals + 2)
		f->counts->mixed_case++;
	if (w->open && w->twin && buf_ok(f->out) &&
	    (are_mixed(w->scripts) || (!w->other && f->mostly_latin) || (!w->alien && f->masked)))
		unmask_word(f);
	*w = (struct word){ 0 };
}

static void
note_letter(struct word *w, unsigned c, enum script script, bool capital)
{
	bool exact = false;

	w->scripts |= 1u << script;
	if (script != SCRIPT_NONE && script != SCRIPT_LATIN) {
		unsigned twin = fold_lookalike(c, capital, &exact);

		w->twin |= twin != 0;
		w->alien |= twin == 0;
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
	if (w->n < 64)
		w->upper |= (uint64_t)capital << w->n;
	w->n++;
	f->counts->invisible +=
	    w->hidden; /* between words they are used honestly, by emoji, and at the end */
	w->hidden = 0;
	note_letter(w, c, script, capital);
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
		count_script(counts, SCRIPT_LATIN, 1);
	} else if (c >= '0' && c <= '9') {
		counts->digits++;
	} else if (c == '\n') {
		counts->lines++;
	}
	put_folded(f, c, capital);
}

/* A joiner or variation selector, which emoji are made with. */
static bool
is_of_emoji(unsigned c)
{
	return c == 0x200d || c == 0xfe0e || c == 0xfe0f;
}

static void
fold_one(struct folder *f, unsigned c, size_t bytes)
{
	struct normal_counts *counts = f->counts;
	size_t before = f->out->n;
	unsigned parts[FOLD_MAX];
	bool capital;
	enum fold_kind kind;
	int n;

	if (c < 0x80) {
		fold_ascii(f, (unsigned char)c);
		return;
	}
	kind = fold_char(c, parts, &n);
	if (kind == FOLD_MARK || kind == FOLD_INVISIBLE) {
		counts->marks += kind == FOLD_MARK;
		f->word.hidden += kind == FOLD_INVISIBLE && f->word.open;
		if (f->word.open || !is_of_emoji(c))
			counts->bytes -= bytes;
		return;
	}
	counts->not_ascii++;
	capital = fold_is_upper(c);
	if (n >= PARTS_MANY && (f->parts += (size_t)n) > PARTS_MAX)
		n = 1; /* a text of nothing but U+FDFA would be twelve times as long */
	counts->capitals += capital;
	counts->disguised += kind == FOLD_DISGUISED;
	for (int i = 0; i < n; i++) {
		/* Not that of C: unmask_word() takes back what is written. */
		count_script(counts, fold_script(parts[i]), 1);
		put_folded(f, parts[i], capital && i == 0);
	}
	if (kind == FOLD_DISGUISED && f->out->n > before && f->out->n - before < bytes)
		counts->bytes -= bytes - (f->out->n - before);
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
	if (markup_begins(tag, "a ") || markup_begins(tag, "a\n")) {
		f->counts->anchors++;
		put_link(f, markup_attribute(tag, "href="));
	} else if (markup_begins(tag, "img") || markup_begins(tag, "iframe")) {
		put_link(f, markup_attribute(tag, "src="));
	} else {
		end_word(f);
		if (markup_begins(tag, "br") || markup_begins(tag, "p") || markup_begins(tag, "/p") ||
		    markup_begins(tag, "li"))
			f->counts->lines++;
	}
	buf_add_char(f->out, ' ');
}

static void
take_bbcode(struct folder *f, struct slice tag)
{
	f->counts->bbcode++;
	if (markup_begins(tag, "url=") || markup_begins(tag, "link="))
		put_link(f, markup_attribute(tag, "="));
	end_word(f);
	buf_add_char(f->out, ' ');
}

/* Take the markup that IN begins with, if any; return how many bytes it was. */
static size_t
take_markup(struct folder *f, struct slice in)
{
	const char *end = markup_end(&f->markup, in);
	struct slice inside;

	if (end == NULL || in.n < 3)
		return 0;
	inside = (struct slice){ in.p + 1, (size_t)(end - in.p) - 1 };
	if (in.p[0] == '<' && (in.p[1] == '/' || in.p[1] == '!' || (in.p[1] | 32) >= 'a') &&
	    (in.p[1] | 32) <= 'z')
		take_tag(f, inside);
	else if (in.p[0] == '[' && markup_is_bbcode(inside))
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
		if (step == 0 && !f->word.open)
			step = plain_fold(
			    f->out, (struct slice){ in.p + i, in.n - i }, markup, f->counts, f->cases);
		if (step > 0)
			continue;
		if ((unsigned char)in.p[i] < 0x80) {
			fold_ascii(f, (unsigned char)in.p[i]);
			step = 1;
		} else {
			unsigned c = decode(in.p + i, in.n - i, &step);

			fold_one(f, c, step);
		}
	}
}

/* What words are made of, by the lead bytes of their letters. */
struct look {
	size_t latin, foreign; /* letters: Latin ones, Greek, Cyrillic and Armenian ones */
	size_t mixed, pure; /* words: of several alphabets, of a foreign one */
	unsigned scripts; /* the word at hand */
};

static void
end_look(struct look *l)
{
	bool mixed = are_mixed(l->scripts);

	l->mixed += mixed;
	l->pure += !mixed && l->scripts != 0 && l->scripts != 1u << SCRIPT_LATIN;
	l->scripts = 0;
}

/*
 * See whether Latin letters outnumber those that might stand in for them, and whether the text is masked: so
 * many words mix alphabets that those of a foreign one are stand-ins through and through.
 */
static void
look_over(struct folder *f, struct slice s)
{
	struct look l = { 0 };

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool latin = (c | 32) >= 'a' && (c | 32) <= 'z', foreign = c >= 0xcd && c <= 0xd6;

		l.latin += latin;
		l.foreign += foreign;
		if (latin)
			l.scripts |= 1u << SCRIPT_LATIN;
		else if (foreign)
			l.scripts |= 1u << (c <= 0xcf	 ? SCRIPT_GREEK
					     : c <= 0xd4 ? SCRIPT_CYRILLIC
							 : SCRIPT_OTHER);
		else if (c < 0x80)
			end_look(&l);
	}
	end_look(&l);
	f->mostly_latin = l.latin > 2 * l.foreign;
	f->masked = MASKED_WORDS * l.mixed > l.pure;
}

bool
normal_parts(struct slice *in, struct slice *end)
{
	size_t head = NORMAL_INPUT_MAX / 4 * 3, tail = NORMAL_INPUT_MAX - head;

	if (in->n <= NORMAL_INPUT_MAX)
		return false;
	*end = (struct slice){ in->p + in->n - tail, tail };
	in->n = head;
	return true;
}

void
normalise(
    struct buf *out, struct slice in, struct normal_counts *counts, struct buf *cases, struct buf *scratch)
{
	struct folder f = { .out = out, .counts = counts, .cases = cases };
	struct slice end;

	buf_clear(scratch);
	if (normal_parts(&in, &end)) {
		decode_entities(scratch, in, counts);
		buf_add_char(scratch, '\n');
		in = end;
	}
	decode_entities(scratch, in, counts);
	counts->bytes += scratch->n;
	if (utf8_ascii(buf_str(scratch), scratch->n) < scratch->n) {
		if (buf_ok(scratch))
			counts->reversed += override_undo(scratch->p, scratch->n);
		look_over(&f, buf_slice(scratch));
	}
	fold_text(&f, buf_slice(scratch), true);
	end_word(&f);
	out->failed |= scratch->failed; /* which the next call would forget */
}
