#include "config.h"

#include "classifier/count_tokens.h"

int
count_tokens(struct counts *counts, const struct tokens *t, bool spam, int sign)
{
	struct count *e;
	struct buf name;
	int rc = 0;

	buf_init(&name, BUF_NO_LIMIT);
	for (size_t i = 0; i < t->n && rc == 0; i++) {
		e = counts_entry(counts, t->v[i].hash);
		if (e == NULL) {
			rc = -1;
			break;
		}
		*(spam ? &e->spam : &e->ham) += sign;
		if (!counts->with_names || e->name != 0)
			continue;
		buf_clear(&name);
		token_text(t, i, &name);
		rc = buf_ok(&name) ? counts_name(counts, e, t->v[i].field, buf_str(&name), name.n) : -1;
	}
	buf_fini(&name);
	return rc;
}
