#include "config.h"

#include "classifier/decide.h"

/* Return whether nothing that a comment says or names has been seen before, only what it looks like. */
static bool
is_unheard_of(const struct field_sums *sums)
{
	static const enum field told[] = { FIELD_WORD, FIELD_URL, FIELD_AUTHOR, FIELD_EMAIL, FIELD_SITE };

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (weigh_known(sums, told[i]) != 0)
			return false;
	}
	return true;
}

enum verdict
decide(const struct field_sums *sums, double probability, double spam_threshold, double unsure_threshold,
    bool told)
{
	if (is_unheard_of(sums) && !told) /* who is to say? */
		return VERDICT_UNSURE;
	if (probability >= spam_threshold)
		return VERDICT_SPAM;
	if (weigh_known(sums, FIELD_WORD) == 0 && !told)
		return VERDICT_UNSURE;
	return probability >= unsure_threshold ? VERDICT_UNSURE : VERDICT_HAM;
}
