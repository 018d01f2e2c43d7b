#ifndef HAMLET_ENGINE_RULES_H
#define HAMLET_ENGINE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/crypto.h"
#include "base/err.h"
#include "engine/subject.h"

/*
 * The owner's rules, from rules.conf and rules/SITE.conf: see hamlet-rules(5) for what they can say.  A set
 * of rules is immutable but for its counts of hits, and shared by all threads.
 *
 * Every rule whose conditions all hold fires.  An allow that fires decides, whatever else there is; else a
 * block; else a hold; of several of one kind the first, the shared ones standing before the site's own.  What
 * the evidence rules say is added to the classifier's log-odds.
 */
enum rule_action { RULE_ALLOW, RULE_BLOCK, RULE_HOLD, RULE_EVIDENCE };

#define RULE_WEIGHT_MAX 10.0
#define RULES_PER_FILE_MAX 1000
#define RULE_FILE_BYTES_MAX (1u << 20) /* of a file of rules */
#define RULE_LIST_BYTES_MAX (16u << 20) /* of a list that a rule names */

struct rules;
struct rule;

/* What is known of a rule without asking it. */
struct rule_info {
	const char *name; /* [A-Za-z0-9._-]{1,64}; one of each among the shared ones and a site's own */
	const char *site; /* whose own it is; NULL: it is shared */
	enum rule_action action;
	double weight; /* RULE_EVIDENCE; else 0 */
	const char *file; /* where it stands */
	int line;
	unsigned long long hits; /* comments that it has fired on */
	unsigned long long given_up; /* comments that it didn't fire on since a search was given up */
};

/* Return "allow", "block", "hold" or "evidence". */
const char *rule_action_name(enum rule_action action);

/*
 * Read the rules that apply to the state directory DIR: its rules.conf, else /etc/hamlet/rules.conf; and the
 * files SITE.conf of its folder rules, else those of /etc/hamlet/rules.  None of them need be there.
 * ERR_INPUT names file and line; ERR_IO for a file that can't be read.
 */
int rules_load(struct rules **out, const char *dir, struct err *err);

/* The same with SHARED (NULL: it isn't) in place of rules.conf, for trying rules out. */
int rules_load_trial(struct rules **out, const char *dir, const char *shared, struct err *err);

/* Read the shared rules from PATH alone. */
int rules_load_file(struct rules **out, const char *path, struct err *err);

struct rules *rules_ref(struct rules *r);
void rules_unref(struct rules *r); /* NULL is allowed */

/* Take the counts of hits and of searches given up over from BEFORE, for rules of the same name and site. */
void rules_keep_hits(struct rules *r, const struct rules *before);

/* Return how many rules there are, and rule I of them, shared ones first. */
size_t rules_count(const struct rules *r);
struct rule_info rules_info(const struct rules *r, size_t i);

/*
 * Append what is known of a rule as a JSON object: name, action, site (null: shared), weight (evidence only),
 * file, line, hits and given_up (unless HITS is false: null).
 */
struct buf;
void rule_info_json(const struct rule_info *info, bool hits, struct buf *b);

/* Return the digest of all files that were read, lists too: it tells whether anything has changed. */
const struct digest *rules_digest(const struct rules *r);

/* Call EACH for all files that were read, lists too, until it returns non-zero; return that, or 0. */
int rules_each_file(const struct rules *r, int (*each)(const char *path, void *arg), void *arg);

/* A rule that fired. */
struct rule_hit {
	const struct rule *rule;
	struct slice matched; /* the word or key that was found, if it has a condition of that kind */
};

struct rule_hits {
	struct rule_hit *v;
	size_t n;
	const struct rule *decisive; /* the allow, block or hold that decides; NULL: none fired */
	const struct rule **given_up; /* those that didn't fire since a search took too long */
	size_t ngiven_up;
};

/* Find which rules for SITE (NULL: the shared ones alone) fire on S, and put them into *OUT, in A. */
int rules_find(const struct rules *r, const char *site, struct subject *s, struct arena *a,
    struct rule_hits *out, struct err *err);

/* Count a hit for each of HITS, and each search given up. */
void rules_count_hits(const struct rule_hits *hits);

struct rule_info rule_info(const struct rule *rule);

#endif
