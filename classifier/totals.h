#ifndef HAMLET_CLASSIFIER_TOTALS_H
#define HAMLET_CLASSIFIER_TOTALS_H

#include "classifier/left_out.h"
#include "classifier/lone.h"

/*
 * How much of the examples the ratios take for their totals.
 *
 * A ratio compares how many spam comments, of all spam, have a token with how many ham comments, of all ham.
 * Rows of a lone source (lone.h) belong to all spam, or to all ham; but where they are another kind of text
 * they have few of its tokens, and then each word of a blog speaks for ham because there is spam elsewhere.
 * How much of them should count can't be said beforehand: nothing of a list of spam in other languages, all
 * of a list of what this very blog was sent.  The shape of a text and the commenter's profile go by all of
 * them, as their tokens are everywhere (weigh_varies()); for the others it is fitted: of TOTALS_STEPS shares
 * of those rows that the fit doesn't count either, from all to none, the one whose left-out log-loss is
 * least; all, unless another one's likelihood is better by TOTALS_GAIN.
 */
#define TOTALS_STEPS 5
#define TOTALS_GAIN 2.0 /* natural logarithm; 1.9 is what a number that says nothing gains once in twenty */
#define TOTALS_ROWS 4096 /* at most are looked at: every second, third... where there are more */

/* Set L->totals for the chosen rows of L, whose lone sources are LONE; -1 when memory ran out. */
int totals_fit(struct left_out *l, const struct lone *lone);

#endif
