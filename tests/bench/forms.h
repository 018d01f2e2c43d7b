#ifndef HAMLET_TESTS_BENCH_FORMS_H
#define HAMLET_TESTS_BENCH_FORMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "corpus/corpus.h"

/*
 * Whole requests, made from comments once and for all.  Each has a gap in its text for a word of its own, so
 * that no two requests are alike and nothing can be answered from a cache.
 */
enum form_protocol {
	FORM_AKISMET, /* a form, as WordPress sends it to Akismet */
	FORM_RSPAMD, /* a mail, posted to rspamd */
	FORM_SPAMC /* a mail, the way spamc hands it to spamd */
};

#define FORM_WORD 8 /* letters of the word */

struct form {
	const char *p;
	size_t n;
	size_t gap; /* where the word stands: FORM_WORD bytes */
};

struct forms {
	struct form *v;
	size_t n;
	size_t longest; /* bytes */
	uint64_t next; /* number of the next word */
};

/*
 * Make a request of each row of C, which must outlive F (the requests are kept in its arena), to PATH and
 * with the site's KEY ("": none).  SEED sets the words apart from those of other runs.
 */
int forms_make(struct forms *f, struct corpus *c, enum form_protocol protocol, const char *path,
    const char *key, uint64_t seed, struct err *err);
void forms_free(struct forms *f);

/* Write the next request, with a word not used before, to OUT (F->longest bytes); return its length. */
size_t forms_next(struct forms *f, char *out);

#endif
