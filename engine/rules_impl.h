#ifndef HAMLET_ENGINE_RULES_IMPL_H
#define HAMLET_ENGINE_RULES_IMPL_H

#include <stdatomic.h>
#include <stdint.h>

#include "classifier/phrases.h"
#include "classifier/rx.h"
#include "engine/rules.h"

/* What the files of rules share: engine/rules*.c alone. */

enum condition_kind {
	CONDITION_MATCH, /* a regular expression, on one field or any */
	CONDITION_WORDS,
	CONDITION_KEYS, /* WordPress's disallowed keys */
	CONDITION_ADDRESS,
	CONDITION_EMAIL,
	CONDITION_URL,
	CONDITION_AUTHOR
};

#define FIELD_ANY (-1) /* author, email, url, content, ip or user_agent */

struct condition {
	enum condition_kind kind;
	int field; /* CONDITION_MATCH: enum comment_field, or FIELD_ANY */
	int line;
	struct rx *rx;
	struct phrases *phrases; /* CONDITION_WORDS, CONDITION_KEYS */
	struct address_range *ranges; /* CONDITION_ADDRESS */
	struct slice *texts; /* the other kinds: folded, sorted */
	size_t n, cap; /* of ranges or texts */
	struct condition *next;
};

/* What alone changes of a rule. */
struct rule_counts {
	atomic_ullong hits, given_up;
};

struct rule {
	const char *name, *file;
	const char *site; /* NULL: shared */
	int line;
	enum rule_action action;
	double weight;
	struct condition *conditions; /* at least one, in their order */
	struct rule_counts *counts;
	struct rule *next;
};

/* A site's own rules: n of the list from first on. */
struct site_rules {
	const char *site;
	size_t first, n;
};

/* A file that was read, of rules or a list. */
struct rule_file {
	const char *path;
	struct rule_file *next;
};

struct rules {
	atomic_uint references;
	struct arena *arena; /* holds rules, conditions, names, texts and counts */
	struct rule *first, **end;
	const struct rule **v; /* all, shared ones first, then by site as the files were read */
	size_t n, nshared;
	struct site_rules *sites; /* by name */
	size_t nsites;
	struct rule_file *files; /* the last one first */
	struct digest digest;
	struct digest_state *digesting; /* while reading */
};

/* Read the rules of PATH into R, as SITE's own (in R's arena; NULL: shared). */
int rules_parse(struct rules *r, const char *path, const char *site, struct err *err);

/* Return S without blanks and control characters at both ends: what separates words in files of rules. */
struct slice rules_trim(struct slice s);

/* Return TEXT without the byte order mark that some editors put before UTF-8. */
struct slice rules_skip_mark(struct slice text);

/* Note that R is made of the file PATH too, which holds the N bytes at TEXT and a NUL after them. */
int rules_note_file(struct rules *r, const char *path, const char *text, size_t n, struct err *err);

/* Add VALUES, as written after the condition's keyword, to C; DIR is where the files that it names are. */
int condition_parse(
    struct rules *r, struct condition *c, struct slice values, const char *dir, struct err *err);

/* Free what C has outside the arena. */
void condition_fini(struct condition *c);

/* Order struct site_rules. */
int by_site(const void *a, const void *b);

/* Order slices by their bytes, a beginning before what goes on. */
int by_bytes(const void *a, const void *b);

#endif
