#include "config.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "classifier/fold.h"
#include "classifier/normal.h"
#include "classifier/phrases.h"

#define BITS_A_PREFIX 16 /* so that one place in sixteen is looked at in vain */
#define BITS_MIN_LOG 6
#define BITS_MAX_LOG 20 /* 128 kB */
#define MIX 0x9e3779b97f4a7c15u

struct phrase {
	uint32_t at, n; /* in the text */
	uint32_t within; /* 1 + the longest other phrase of its class that it begins with; 0: there is none */
};

/* The phrases with one prefix: n of the sorted list from first on. */
struct bucket {
	uint64_t prefix;
	uint32_t first, n; /* n 0: free */
};

struct class
{
	size_t width; /* of its prefixes, in bytes */
	struct bucket *table; /* open addressing */
	unsigned table_log;
	uint64_t *bits; /* set for each prefix's hash; NULL: no phrase is in this class */
	uint64_t *firsts; /* the same for their first 4 bytes, if they have more: fewer, and enough at most
			     places */
	unsigned bits_log, firsts_log;
};

static const size_t widths[] = { 1, 2, 3, 4, 8 };
#define CLASSES (sizeof(widths) / sizeof(widths[0]))

struct phrases {
	bool whole_words;
	struct buf text;
	struct phrase *v;
	size_t n, cap;
	struct class class[CLASSES];
};

int
phrases_new(struct phrases **out, bool whole_words, struct err *err)
{
	struct phrases *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	p->whole_words = whole_words;
	buf_init(&p->text, UINT32_MAX);
	*out = p;
	return 0;
}

void
phrases_free(struct phrases *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < CLASSES; i++) {
		free(p->class[i].table);
		free(p->class[i].bits);
		free(p->class[i].firsts);
	}
	buf_fini(&p->text);
	free(p->v);
	free(p);
}

int
phrases_add(struct phrases *p, struct slice text, struct err *err)
{
	struct phrase *larger;
	size_t cap = p->cap == 0 ? 64 : 2 * p->cap;

	if (text.n == 0 || text.n > PHRASE_MAX)
		return err_set(
		    err, ERR_INPUT, text.n == 0 ? "an empty phrase" : "longer than %d bytes", PHRASE_MAX);
	if (p->n == p->cap) {
		larger = realloc(p->v, cap * sizeof(*larger));
		if (larger == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
		p->v = larger;
		p->cap = cap;
	}
	p->v[p->n++] = (struct phrase){ (uint32_t)p->text.n, (uint32_t)text.n, 0 };
	buf_add_slice(&p->text, text);
	return buf_ok(&p->text) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

size_t
phrases_count(const struct phrases *p)
{
	return p->n;
}

/* Return the class of phrases N bytes long: that of the widest prefix that they have. */
static size_t
class_of(size_t n)
{
	size_t i = CLASSES - 1;

	while (widths[i] > n)
		i--;
	return i;
}

/* Return the up to 8 bytes at P, of which there are N, as a number whose lowest byte is the first. */
static uint64_t
load(const char *p, size_t n)
{
	uint64_t x = 0;

	if (n >= sizeof(x))
		memcpy(&x, p, sizeof(x));
	else
		memcpy(&x, p, n);
	return le64toh(x);
}

/* Return the part of what was loaded that a prefix of WIDTH bytes is. */
static uint64_t
prefix_of(uint64_t loaded, size_t width)
{
	return loaded & UINT64_MAX >> (64 - 8 * width);
}

static size_t
place(uint64_t prefix, unsigned log)
{
	return (size_t)((prefix * MIX) >> (64 - log));
}

/* By class, then by their bytes: so those of a prefix are together, and a phrase stands after what it begins
 * with. */
static int
by_class(const void *a, const void *b, void *arg)
{
	const struct phrase *x = a, *y = b;
	const char *text = arg;
	size_t k = class_of(x->n), l = class_of(y->n);
	int rc;

	if (k != l)
		return k < l ? -1 : 1;
	rc = memcmp(text + x->at, text + y->at, x->n < y->n ? x->n : y->n);
	return rc != 0 ? rc : (x->n > y->n) - (x->n < y->n);
}

static int
class_alloc(struct class *c, size_t prefixes, struct err *err)
{
	c->bits_log = BITS_MIN_LOG;
	while (c->bits_log < BITS_MAX_LOG && (size_t)1 << c->bits_log < prefixes * BITS_A_PREFIX)
		c->bits_log++;
	c->table_log = 1;
	while ((size_t)1 << c->table_log < 2 * prefixes)
		c->table_log++;
	c->firsts_log = c->width <= 4 || c->bits_log < BITS_MIN_LOG + 2 ? c->bits_log : c->bits_log - 2;
	c->bits = calloc((size_t)1 << (c->bits_log - BITS_MIN_LOG), sizeof(*c->bits));
	c->firsts = calloc((size_t)1 << (c->firsts_log - BITS_MIN_LOG), sizeof(*c->firsts));
	c->table = calloc((size_t)1 << c->table_log, sizeof(*c->table));
	if (c->bits == NULL || c->firsts == NULL || c->table == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static void
set(uint64_t *bits, unsigned log, uint64_t prefix)
{
	size_t bit = place(prefix, log);

	bits[bit / 64] |= (uint64_t)1 << bit % 64;
}

static bool
is_set(const uint64_t *bits, unsigned log, uint64_t prefix)
{
	size_t bit = place(prefix, log);

	return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

static uint64_t
first_four(const struct class *c, uint64_t prefix)
{
	return prefix_of(prefix, c->width > 4 ? 4 : c->width);
}

static struct bucket *
find(const struct class *c, uint64_t prefix)
{
	size_t mask = ((size_t)1 << c->table_log) - 1, i = place(prefix, c->table_log);

	while (c->table[i].n != 0 && c->table[i].prefix != prefix)
		i = (i + 1) & mask;
	return &c->table[i];
}

/* Return whether REST begins with phrase I. */
static bool
begins_with(const struct phrases *p, struct slice rest, size_t i)
{
	return p->v[i].n <= rest.n && memcmp(p->text.p + p->v[i].at, rest.p, p->v[i].n) == 0;
}

/* Set what phrase I begins with: it is the one before it, FIRST of its class or later, or one that that
 * begins with. */
static void
set_within(struct phrases *p, size_t i, size_t first)
{
	const struct slice text = { p->text.p + p->v[i].at, p->v[i].n };
	uint32_t k = i == first ? 0 : (uint32_t)i;

	while (k != 0 && !begins_with(p, text, k - 1))
		k = p->v[k - 1].within;
	p->v[i].within = k;
}

/* Enter the phrases FIRST to END, which are of one class and sorted, into C. */
static int
class_fill(struct phrases *p, struct class *c, size_t first, size_t end, struct err *err)
{
	struct bucket *b = NULL;
	uint64_t prefix;

	if (first == end)
		return 0;
	if (class_alloc(c, end - first, err) == -1)
		return -1;
	for (size_t i = first; i < end; i++) {
		prefix = prefix_of(load(p->text.p + p->v[i].at, p->v[i].n), c->width);
		if (b == NULL || b->prefix != prefix) {
			b = find(c, prefix);
			*b = (struct bucket){ prefix, (uint32_t)i, 0 };
			set(c->bits, c->bits_log, prefix);
			set(c->firsts, c->firsts_log, first_four(c, prefix));
		}
		b->n++;
		set_within(p, i, first);
	}
	return 0;
}

/* Sort the phrases, and their text as they are, so that those of a prefix are next to each other in memory.
 */
static int
sort(struct phrases *p, struct err *err)
{
	struct buf sorted;

	if (p->n == 0)
		return 0;
	qsort_r(p->v, p->n, sizeof(*p->v), by_class, p->text.p);
	buf_init(&sorted, UINT32_MAX);
	for (size_t i = 0; i < p->n; i++) {
		size_t at = sorted.n;

		buf_add(&sorted, p->text.p + p->v[i].at, p->v[i].n);
		p->v[i].at = (uint32_t)at;
	}
	if (!buf_ok(&sorted)) {
		buf_fini(&sorted);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_fini(&p->text);
	p->text = sorted;
	return 0;
}

int
phrases_seal(struct phrases *p, struct err *err)
{
	size_t first = 0, end;

	if (sort(p, err) == -1)
		return -1;
	for (size_t k = 0; k < CLASSES; k++, first = end) {
		for (end = first; end < p->n && class_of(p->v[end].n) == k; end++)
			;
		p->class[k].width = widths[k];
		if (class_fill(p, &p->class[k], first, end, err) == -1)
			return -1;
	}
	return 0;
}

/* -- Searching -- */

static unsigned
decode(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	switch (utf8_sequence(s, n)) {
	case 2:
		return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	case 3:
		return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	case 4:
		return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
	}
	return p[0];
}

/* Return whether the character at P is a part of words that have spaces around them. */
static bool
is_word_part(const char *p, size_t n)
{
	unsigned c = decode(p, n);
	enum script script;

	if (c < 0x80)
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
	script = fold_script(c);
	return script != SCRIPT_NONE && !script_unspaced(script);
}

/* Return where the character that ends before AT begins. */
static size_t
before(const char *p, size_t at)
{
	size_t i = at - 1;

	while (i > 0 && at - i < 4 && ((unsigned char)p[i] & 0xc0) == 0x80)
		i--;
	return i;
}

/* Return whether the N bytes of TEXT from AT on are no part of larger words. */
static bool
stands_alone(struct slice text, size_t at, size_t n)
{
	size_t end = at + n, last = before(text.p, end);

	if (at > 0 && is_word_part(text.p + at, text.n - at)) {
		size_t i = before(text.p, at);

		if (is_word_part(text.p + i, text.n - i))
			return false;
	}
	return end == text.n || !is_word_part(text.p + last, text.n - last) ||
	    !is_word_part(text.p + end, text.n - end);
}

/* Return 1 + the last phrase of bucket B that isn't after REST in the order of bytes; 0 if all are. */
static size_t
last_before(const struct phrases *p, const struct bucket *b, struct slice rest)
{
	size_t low = b->first, high = low + b->n;

	while (low < high) {
		size_t middle = (low + high) / 2, n = p->v[middle].n;
		int rc = memcmp(p->text.p + p->v[middle].at, rest.p, n < rest.n ? n : rest.n);

		if (rc < 0 || (rc == 0 && n <= rest.n))
			low = middle + 1;
		else
			high = middle;
	}
	return low == b->first ? 0 : low;
}

/* Return whether one of the phrases of bucket B stands at AT, and in *WHICH the shortest.  Those that do all
 * begin the last one that isn't after what stands there: what comes between them in order begins with them
 * too. */
static bool
compare(const struct phrases *p, const struct bucket *b, struct slice text, size_t at, struct slice *which)
{
	const struct slice rest = { text.p + at, text.n - at };
	bool found = false;

	for (size_t i = last_before(p, b, rest); i != 0; i = p->v[i - 1].within) {
		const struct phrase *phrase = &p->v[i - 1];

		if (!begins_with(p, rest, i - 1) || (p->whole_words && !stands_alone(text, at, phrase->n)))
			continue;
		if (which != NULL)
			*which = (struct slice){ p->text.p + phrase->at, phrase->n };
		found = true;
	}
	return found;
}

/* The first question to a class at each place, held ready. */
struct probe {
	const struct class *class;
	const uint64_t *firsts;
	uint64_t mask; /* of what was loaded */
	unsigned shift;
};

static size_t
make_probes(const struct phrases *p, struct probe probes[CLASSES])
{
	size_t n = 0;

	for (size_t k = 0; k < CLASSES; k++) {
		const struct class *c = &p->class[k];

		if (c->bits != NULL)
			probes[n++] = (struct probe){ c, c->firsts, first_four(c, UINT64_MAX),
				64 - c->firsts_log };
	}
	return n;
}

bool
phrases_find(const struct phrases *p, struct slice text, struct slice *which)
{
	struct probe probes[CLASSES];
	size_t n = make_probes(p, probes);
	uint64_t loaded, prefix;

	for (size_t i = 0; i < text.n; i++) {
		loaded = load(text.p + i, text.n - i);
		for (size_t k = 0; k < n; k++) {
			const struct class *c = probes[k].class;
			size_t bit = ((loaded & probes[k].mask) * MIX) >> probes[k].shift;

			if (__builtin_expect((probes[k].firsts[bit / 64] >> bit % 64 & 1) == 0, 1))
				continue;
			prefix = prefix_of(loaded, c->width);
			if (c->width <= text.n - i && is_set(c->bits, c->bits_log, prefix) &&
			    compare(p, find(c, prefix), text, i, which))
				return true;
		}
	}
	return false;
}

void
phrases_fold(struct buf *out, struct slice s)
{
	size_t step;

	for (size_t i = 0; i < s.n; i += step) {
		unsigned char c = (unsigned char)s.p[i];

		step = utf8_sequence(s.p + i, s.n - i);
		if (c < 0x80)
			buf_add_char(out, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
		else
			utf8_put(out, fold_lower(step == 0 ? utf8_stray(c) : decode(s.p + i, s.n - i)));
		step += step == 0;
	}
}

void
phrases_squeeze(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		bool space = (unsigned char)b->p[i] <= ' ';

		if (!space)
			b->p[n++] = b->p[i];
		else if (n > 0 && b->p[n - 1] != ' ')
			b->p[n++] = ' ';
	}
	n -= n > 0 && b->p[n - 1] == ' ';
	b->n = n;
	if (b->p != NULL)
		b->p[n] = '\0';
}

void
phrases_normalise(struct buf *out, struct slice s, struct buf *scratch)
{
	struct normal_counts counts = { 0 };

	normalise(out, s, &counts, NULL, scratch);
	phrases_squeeze(out);
}
