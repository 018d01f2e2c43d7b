#ifndef HAMLET_CORPUS_LINT_H
#define HAMLET_CORPUS_LINT_H

#include "corpus/corpus.h"

/*
 * Checks on a corpus that is to be published: nobody's real address in it, nothing that can't be of use.
 */
enum lint_problem {
	LINT_DOMAIN, /* a link or e-mail address at a domain that isn't reserved: TEXT is its host */
	LINT_LANGUAGE, /* lang isn't an ISO 639-1 code (with or without "-REGION"): TEXT is it */
	LINT_EMPTY /* no content, or nothing but white space */
};

/* Return what is wrong, as in "FILE:12: not a reserved domain". */
const char *lint_problem_text(enum lint_problem problem);

typedef void lint_report(void *arg, const struct example *row, enum lint_problem problem, struct slice text);

/* Call REPORT for each problem of ROW; return how many there were. */
size_t lint_row(const struct example *row, lint_report *report, void *arg);

/*
 * Return whether HOST may stand in the corpus: localhost, *.example, *.test, *.invalid, *.localhost,
 * example.com, .org and .net and what is under them, addresses for documentation and for private networks,
 * and names without a dot, which nobody can own.
 */
bool lint_host_allowed(struct slice host);

/* Return whether CODE is an ISO 639-1 language code, which a "-" and more may follow. */
bool lint_language_known(struct slice code);

#endif
