#ifndef HAMLET_ENGINE_BLOGSPAM_WORDS_H
#define HAMLET_ENGINE_BLOGSPAM_WORDS_H

#include <stdbool.h>

#include "base/slice.h"

/* What the service that began this API had on its lists, as far as its clients' expectations need it; what
 * else is spam is the classifier's to say. */
enum blogspam_list { BLOGSPAM_NAMES, BLOGSPAM_SUBJECTS, BLOGSPAM_BODIES, BLOGSPAM_ANCHORS, BLOGSPAM_DOMAINS };

/* Return whether an entry of LIST occurs in TEXT as whole words, in either case. */
bool blogspam_listed(enum blogspam_list list, struct slice text);

#endif
