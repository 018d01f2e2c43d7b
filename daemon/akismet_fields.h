#ifndef HAMLET_DAEMON_AKISMET_FIELDS_H
#define HAMLET_DAEMON_AKISMET_FIELDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "classifier/comment.h"
#include "daemon/form.h"

/* The fields of an Akismet comment-check or submission that mean something here; protocol/akismet.md,
 * section 3. */
struct akismet_fields {
	struct comment comment; /* in UTF-8 */
	struct slice blog, user_ip; /* as sent; absent or empty when missing */
	struct slice guid; /* of the check that a submission is about; absent if not given */
	bool test; /* is_test: neither counted nor learnt from */
	bool test_discard; /* asks for the discard tip with a guaranteed-spam check */
	const char *forced; /* "administrator" (ham), "guaranteed-spam" or NULL; see engine/check.h */
	const char *occasion; /* "pre_check", "recheck_queue", "retry", "edit", "recheck" for other reasons,
				 or NULL; see engine/check.h */
};

/* Fill *OUT from FORM; slices borrow from it or live in A.  Fails only with ERR_NOMEM. */
int akismet_fields(struct akismet_fields *out, const struct form *form, struct arena *a, struct err *err);

#endif
