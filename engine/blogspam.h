#ifndef HAMLET_ENGINE_BLOGSPAM_H
#define HAMLET_ENGINE_BLOGSPAM_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "classifier/classify.h"
#include "classifier/comment.h"

/*
 * A comment as clients of blogspam.net's JSON API send it, and the tests of that service, which go before the
 * classifier here: what a client asks for in its options, and a few things that are spam by their looks.
 * protocol/blogspam.md has the facts.
 */
enum blogspam_field {
	BLOGSPAM_COMMENT,
	BLOGSPAM_IP, /* tidied: no port, no IPv6 prefix before an IPv4 address */
	BLOGSPAM_SITE,
	BLOGSPAM_AGENT,
	BLOGSPAM_EMAIL,
	BLOGSPAM_LINK,
	BLOGSPAM_NAME,
	BLOGSPAM_SUBJECT,
	BLOGSPAM_OPTIONS,
	BLOGSPAM_TRAIN,
	BLOGSPAM_FIELDS
};

struct blogspam {
	const struct json *json; /* as it came; borrowed */
	struct slice field[BLOGSPAM_FIELDS]; /* absent when missing, null or no string; no NUL characters */
	struct comment comment; /* the same for the classifier; a subject stands before the text */
	bool test; /* the client is only trying */
};

/* Most bytes of an options string, and most tests that it excludes or fields that it calls mandatory. */
#define BLOGSPAM_OPTIONS_MAX 65536
#define BLOGSPAM_NAMED_MAX 64

/*
 * Parse BODY, a JSON object, into *OUT, which the caller frees.  More lenient than JSON: what isn't UTF-8 is
 * read as windows-1252, and halves of surrogate pairs and NUL characters become U+FFFD.  ERR_INPUT says what
 * is wrong and where.
 */
int blogspam_parse(struct json **out, struct slice body, struct arena *a, struct err *err);

/* Fill *B from the object J, whose keys may be in either case; slices borrow from J or live in A.  ERR_LIMIT
 * for options past the limits. */
int blogspam_read(struct blogspam *b, const struct json *j, struct arena *a, struct err *err);

/* Return whether the mandatory "site" is one: http:// or https:// and more. */
bool blogspam_has_site(const struct blogspam *b);

/* Return whether B says anything that could be learnt from. */
bool blogspam_says_something(const struct blogspam *b);

enum blogspam_answer { BLOGSPAM_NEXT, BLOGSPAM_OK, BLOGSPAM_SPAM };

struct blogspam_test {
	const char *name; /* "20-ip.js": part of the API, clients exclude tests by it */
	const char *about; /* what it looks for */
	/* Return what the test says of B; for SPAM and OK *WHY is a sentence, never with text of the
	 * commenter's in it.  NULL: the classifier. */
	enum blogspam_answer (*run)(const struct blogspam *b, const char **why);
};

/* The test that a client asks for to be told that it is spam. */
#define BLOGSPAM_FAIL "00-fail.js"

/* Return the tests in their order, the classifier among them. */
const struct blogspam_test *blogspam_tests(size_t *n);

/* How the tests ended. */
struct blogspam_outcome {
	enum blogspam_answer answer; /* NEXT: none had a say, the classifier is to be asked */
	const struct blogspam_test *test; /* the one that decided, or the classifier's; never NULL */
	const char *why; /* a sentence; NULL with NEXT */
};

/* Run the tests on B that it doesn't exclude. */
void blogspam_run(const struct blogspam *b, struct blogspam_outcome *out);

#endif
