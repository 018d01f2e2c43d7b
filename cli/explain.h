#ifndef HAMLET_CLI_EXPLAIN_H
#define HAMLET_CLI_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli/output.h"
#include "store/store.h"

#define EXPLAIN_FIELDS_MAX 32

/* What one field says in all. */
struct field_sum {
	struct slice name;
	double sum;
};

/* One verdict and all that can be said of it. */
struct explanation {
	struct verdict_row row;
	struct buf evidence_text, disguises_text, history_text; /* the JSON of the three below */
	struct json *evidence; /* the strongest first */
	struct json *disguises; /* texts such as "look-alike letters" */
	struct json *history; /* what was said of it: explain_history() */
	struct field_sum fields[EXPLAIN_FIELDS_MAX];
	size_t nfields;
	const char *incomplete; /* why there is only what was recorded with the verdict; NULL: all is there */
	bool evidence_erased; /* and not even that is there */
	double known; /* share of its tokens that the model knows; NaN: not known */
	double model_spam, unsure; /* the model's thresholds, with the site's prior; 0: not known */
	double site_spam; /* the site's own threshold for spam; 0: it has none */
	int64_t spam, ham; /* comments that the model has counted; -1: not known */
	struct buf summary; /* what explain_summary() says */
};

/* Return the threshold for spam as it is now, 0 when it isn't known. */
double explain_threshold(const struct explanation *x);

/* Return whether it is what the verdict was given by: known, asked, and not changed so much since that it
 * leads to another verdict. */
bool explain_threshold_counted(const struct explanation *x);

/*
 * Append to B, as one paragraph of harmless text, what the owner of a site wants to know: the verdict and how
 * sure it is, by which threshold, what spoke for and against, in which disguise, and how much of the comment
 * was known.
 */
void explain_summary(const struct explanation *x, struct buf *b);

/* Append to B which fields and tokens spoke for spam and against it. */
void explain_evidence(const struct explanation *x, struct buf *b);

/*
 * Append to B, as a JSON list, every word on the comment of the verdict ROW that its site goes by, its own
 * and nobody's, oldest first: id, time, label (null: taken back), before, who, origin, site.
 */
int explain_history(struct store *st, const struct verdict_row *row, struct buf *b, struct err *err);

/* Write HISTORY, such a list, for people; nothing when it is empty. */
void explain_put_history(const struct out *out, const struct json *history);

/* Write TEXT in lines that fit the terminal. */
void explain_wrap(const struct out *out, struct slice text);

#endif
