#ifndef HAMLET_CLASSIFIER_TOKEN_IMPL_H
#define HAMLET_CLASSIFIER_TOKEN_IMPL_H

#include "base/utf8.h"
#include "classifier/normal.h"
#include "classifier/rx.h"
#include "classifier/token.h"

/* What the files that make tokens share; nobody else includes it. */

/* A UNIT_PIECE is a character pair of a script without spaces. */
enum unit_kind { UNIT_WORD, UNIT_PIECE, UNIT_LINK, UNIT_MAIL, UNIT_MARK };

struct tokenizer {
	struct rx *units;
};

/* Bytes of one word that count; the rest of a longer one is not looked at. */
#define WORD_MAX_BYTES 60

/* An entry of T->seen: a token's index + 1, and above it the round that it is of; of any other round it is
 * none. */
#define SEEN_INDEX_BITS 20
#define SEEN_ROUNDS (1u << (32 - SEEN_INDEX_BITS))
_Static_assert(TOKENS_MAX < 1u << SEEN_INDEX_BITS, "an index has room");

static inline bool
seen_is_of_now(const struct tokens *t, uint32_t entry)
{
	return entry >> SEEN_INDEX_BITS == t->round;
}

static inline size_t
seen_index(uint32_t entry)
{
	return (entry & ((1u << SEEN_INDEX_BITS) - 1)) - 1;
}

static inline uint32_t
seen_entry(const struct tokens *t, size_t index)
{
	return t->round << SEEN_INDEX_BITS | ((uint32_t)index + 1);
}

/* Return the place in T->seen of the token with HASH; its entry isn't of this round when there is none. */
static inline uint32_t *
token_place(struct tokens *t, uint64_t hash)
{
	size_t at = (size_t)(hash * t->secret >> t->seen_shift);

	for (; seen_is_of_now(t, t->seen[at]) && t->v[seen_index(t->seen[at])].hash != hash;
	     at = (at + 1) & (t->seen_size - 1))
		t->probed++;
	return &t->seen[at];
}

/*
 * Return what the hashes of FIELD's tokens begin with.  The seeds differ in all their bits, for of up to 16
 * bytes XXH3 takes the difference to the seed, bit by bit: under seeds such as 1 and 3 "one" has the hash of
 * "ong".
 */
static inline uint64_t
token_seed(enum field field)
{
	return ((uint64_t)field + 1) * 0x9e3779b97f4a7c15u;
}

/* Make room for one more token; false when there can be none, or with T->failed. */
bool token_make_room(struct tokens *t);

/*
 * Find the token with HASH, *INDEX in T: NULL, or if it isn't there yet a new one, all zero but for the hash.
 * Where there is no room: NULL and 0.  A token is filled in in its place, since one that is put together of
 * bytes elsewhere and then copied makes the processor wait.
 */
static inline struct token *
token_new(struct tokens *t, uint64_t hash, size_t *index)
{
	uint32_t *place;

	*index = 0;
	if (t->n >= t->room && !token_make_room(t))
		return NULL;
	place = token_place(t, hash);
	if (seen_is_of_now(t, *place)) {
		*index = seen_index(*place);
		return NULL;
	}
	*index = t->n++;
	*place = seen_entry(t, *index);
	t->v[*index] = (struct token){ .hash = hash };
	return &t->v[*index];
}

/* Add the token of FIELD with text AT, N (in T's text); its hash is made of field, KIND and text. */
size_t token_add_text(struct tokens *t, enum field field, const char *kind, size_t at, size_t n);

/* The same for text that isn't in T's text yet. */
void token_add_new(struct tokens *t, enum field field, const char *kind, struct slice text);

/* Add "KIND: NUMBER". */
void token_add_number(struct tokens *t, enum field field, const char *kind, size_t number);

/* Cut T's text from FROM on into T->units, with TK's expression. */
void units_scan(struct tokenizer *tk, struct tokens *t, size_t from);

/* Note that words were disguised, and how: two tokens, for any disguise says something of the others. */
void add_disguise(struct tokens *t, const char *how);

/*
 * Undo what words were disguised with, each in a file of its own, and note it as evidence; what they return
 * is for the shape of the text as read.  All are linear in the number of units.
 */
size_t units_join_links(struct tokens *t); /* split links; how many */
size_t units_close_up(struct tokens *t); /* spaced-out words; how many bytes stood between letters */
size_t units_unleet(struct tokens *t); /* digits and signs for letters; how many */

/* Return the letter that C stands for in such words, or C. */
char unleet(char c);

/* Return how the word at AT was written; *NEXT is where to go on in the list of words with capitals. */
enum letter_case case_of(const struct tokens *t, size_t at, size_t *next);

/* Where the pieces of an address stand in a text: its scheme and "www." are before the host. */
struct address {
	size_t host, host_end, path_end;
};

/* Cut the address of N bytes at P + AT; letters may be of either case. */
struct address address_cut(const char *p, size_t at, size_t n);

/* Whether HOST is in a domain reserved for examples (RFC 2606), which the shipped corpus is about: the wild
 * has none, so such hosts say nothing. */
bool address_is_reserved(const char *host, size_t n);

/* The fields. */
void tokens_of_text(struct tokens *t);
void tokens_of_links(struct tokens *t);
void tokens_of_author(struct tokens *t, const struct comment *comment);
void tokens_of_profile(struct tokens *t, const struct comment *comment);
void tokens_of_shape(struct tokens *t, const struct normal_counts *counts);
void tokens_of_topic(struct tokens *t, const struct comment *comment);

/* Return the smallest K with 2^K > N: a bucket for lengths. */
size_t magnitude(size_t n);

/* Return the character at P, where N bytes of UTF-8 are, and in *STEP its length. */
static inline unsigned
code_at(const char *p, size_t n, size_t *step)
{
	unsigned c = (unsigned char)*p;

	*step = c < 0x80 ? 1 : utf8_sequence(p, n);
	if (*step == 2)
		return (c & 31) << 6 | ((unsigned char)p[1] & 63);
	if (*step == 3)
		return (c & 15) << 12 | ((unsigned char)p[1] & 63u) << 6 | ((unsigned char)p[2] & 63);
	if (*step == 4)
		return (c & 7) << 18 | ((unsigned char)p[1] & 63u) << 12 | ((unsigned char)p[2] & 63u) << 6 |
		    ((unsigned char)p[3] & 63);
	*step = 1;
	return c;
}

static inline size_t
at_most(size_t n, size_t most)
{
	return n > most ? most : n;
}

#endif
