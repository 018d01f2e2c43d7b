#ifndef HAMLET_ENGINE_SUBJECT_H
#define HAMLET_ENGINE_SUBJECT_H

#include <stdbool.h>

#include "base/buf.h"
#include "classifier/comment.h"
#include "engine/address.h"

/*
 * A comment as rules and the flood guard look at it: each view of it is made when it is first asked for, and
 * then kept.  Memory trouble makes a view empty and shows in subject_ok().
 */
struct subject {
	const struct comment *comment;
	struct slice text; /* the content in normal form, where that is at hand already; borrowed */
	/* private */
	struct buf normal, author, email, fold, hosts, sketch, repaired[COMMENT_FIELDS], scratch;
	bool has_normal, has_author, has_email, has_fold, has_hosts, has_sketch, has_repaired[COMMENT_FIELDS];
	bool failed;
};

/* Make S a subject of COMMENT, which is borrowed; its text isn't at hand. */
void subject_init(struct subject *s, const struct comment *comment);
void subject_fini(struct subject *s);
bool subject_ok(const struct subject *s);

/* Return FIELD as it is written, as well-formed UTF-8; empty where it is absent. */
struct slice subject_field(struct subject *s, enum comment_field field);

/* Return the text and the name in normal form (classifier/normal.h): without markup, disguises undone, in
 * small letters. */
struct slice subject_normal(struct subject *s);
struct slice subject_author(struct subject *s);

/* Return the e-mail address in small letters. */
struct slice subject_email(struct subject *s);

/* Return author, e-mail, url, text, address and user agent in small letters, and the text once more without
 * its tags, a line each: what WordPress looks for disallowed keys in. */
struct slice subject_fold(struct subject *s);

/* Return the hosts of the commenter's own site and of links in the text, as a list for hosts_next(): in this
 * order, as who looks at the first few only must not miss the site behind links. */
struct slice subject_hosts(struct subject *s);

/* Return false only if none of subject_hosts() is DOMAIN or a part of it.  Worth asking where they are many.
 */
bool subject_may_have_host(struct subject *s, struct slice domain);

/* Set *OUT to where the comment was written from; -1 if it doesn't say. */
int subject_address(const struct subject *s, struct address *out);

#endif
