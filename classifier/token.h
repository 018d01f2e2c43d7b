#ifndef HAMLET_CLASSIFIER_TOKEN_H
#define HAMLET_CLASSIFIER_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "classifier/comment.h"

/*
 * Tokens: a comment becomes a set of tokens, each of one field.  A token's identity is its 64-bit hash (field
 * and text); its text is only put together when someone wants to read it.  Every token is counted once a
 * comment (presence).
 *
 *   word     the words of the text as read (and as written, where that was a disguise); punctuation;
 *            character pairs where a script is written without spaces
 *   pair     two words one, two or three apart
 *   triple   three words within four
 *   chars    3 to 5 characters within a word, its ends marked
 *   url      hosts, their labels, path words and top-level domains of the links in the text, or where it has
 *            none of the commenter's own site; that a link is shortened
 *   author   the commenter's name: its words, 3 and 4 characters within them
 *   email    the domain of the commenter's address
 *   site     host, words and path of the commenter's own site
 *   profile  how the commenter presents himself, whatever the names are: random letters, a deep link for a
 *            home page
 *   shape    length, links, capitals, punctuation, markup, scripts, and what had to be folded
 *   topic    how much the text has in common with the page it stands under
 *
 * Models and recorded evidence know a field by its number: append only.
 */
enum field {
	FIELD_WORD,
	FIELD_PAIR,
	FIELD_CHARS,
	FIELD_URL,
	FIELD_AUTHOR,
	FIELD_SHAPE,
	FIELD_TOPIC,
	FIELD_TRIPLE,
	FIELD_EMAIL,
	FIELD_SITE,
	FIELD_PROFILE,
	FIELD_COUNT
};

/* Return the name of F, such as "word". */
const char *field_name(enum field f);

struct token {
	uint64_t hash;
	uint8_t field;
	uint8_t
	    gap[2]; /* pairs and triples: how many words on the second and the third are; 0: there is none */
	uint16_t n; /* its text: length and offset into tokens.text, for other fields */
	uint32_t at;
	uint32_t unit; /* words, pairs, triples: the first unit that it begins with */
	const char *kind; /* put before the text when read, such as "host"; NULL: nothing */
};

#define TOKENS_MAX 500000 /* per comment; NORMAL_INPUT_MAX bytes never give as many */

#define PAIR_GAP_MAX 3

/* One word, link or mark of the text, in its order, and the tokens it gave rise to (indices into tokens.v).
 */
struct unit {
	uint64_t hash;
	uint32_t at; /* its text: offset into tokens.text, and length */
	uint16_t n;
	uint8_t kind;
	uint8_t npairs;
	bool undone; /* it isn't written so in the text, which had it in disguise */
	uint32_t word;
	uint32_t members, nmembers; /* its character runs: nmembers of tokens.members, from members on */
	uint32_t pair[PAIR_GAP_MAX]; /* its pairs with the units after it: npairs of them */
};

/* What the hashes of a kind's tokens begin with, once it has been worked out. */
struct kind_seed {
	const char *kind;
	enum field field;
	uint64_t seed;
};
#define KIND_SEEDS 64

/* The tokens of one comment, and the memory for it, used again for the next. */
struct tokens {
	struct token *v;
	size_t n;
	struct buf text; /* what the offsets point into: first the content in normal form, */
	size_t normal; /* of so many bytes */
	struct unit *units;
	size_t nunits;
	uint32_t *members;
	size_t nmembers;
	/* private from here on */
	size_t room; /* tokens, before v or seen must grow */
	size_t cap, units_cap, members_cap;
	struct buf scratch, cases;
	uint32_t *seen; /* open addressing: see token_impl.h */
	uint32_t
	    round; /* what is of another one is as if it weren't there, so that nothing need be cleared */
	size_t seen_size;
	unsigned seen_shift; /* 64 less the binary logarithm of that */
	uint64_t secret; /* odd; chooses the places, so that nobody can write words that all have the same */
	struct kind_seed kinds[KIND_SEEDS];
	size_t looked_at; /* units, as often as the search for disguises came by */
	size_t probed; /* places of SEEN that were taken by another token */
	bool failed; /* memory ran out */
};

struct tokenizer;

int tokenizer_new(struct tokenizer **out, struct err *err);
void tokenizer_free(struct tokenizer *tk); /* NULL is allowed */

void tokens_init(struct tokens *t);
void tokens_fini(struct tokens *t);

/*
 * Fill T with the tokens of COMMENT, in an order that depends on nothing but the comment; with CONTENT_ONLY
 * all its other fields are as if absent.  ERR_NOMEM.
 */
int tokenize(struct tokenizer *tk, const struct comment *comment, bool content_only, struct tokens *t,
    struct err *err);

/* Append the text of token I as people read it. */
void token_text(const struct tokens *t, size_t i, struct buf *b);

#endif
