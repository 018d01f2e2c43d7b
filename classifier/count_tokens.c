#include "config.h"

#include "classifier/count_tokens.h"
#include "classifier/own.h"

static struct count *
add(struct counts *counts, uint64_t hash, bool spam, int sign)
{
	struct count *e = counts_entry(counts, hash);

	if (e != NULL)
		*(spam ? &e->spam : &e->ham) += sign;
	return e;
}

int
count_tokens(struct counts *counts, const struct tokens *t, bool spam, int sign)
{
	struct count *e;
	struct buf name;
	int rc = 0;

	buf_init(&name, BUF_NO_LIMIT);
	for (size_t i = 0; i < t->n && rc == 0; i++) {
		if (i + HASHED_AHEAD < t->n)
			hashed_prefetch(&counts->table, t->v[i + HASHED_AHEAD].hash);
		e = add(counts, t->v[i].hash, spam, sign);
		if (e == NULL) {
			rc = -1;
			break;
		}
		if (!counts->with_names || e->name != 0)
			continue;
		buf_clear(&name);
		token_text(t, i, &name);
		rc = buf_ok(&name) ? counts_name(counts, e, t->v[i].field, buf_str(&name), name.n) : -1;
	}
	buf_fini(&name);
	return rc;
}

int
count_own_tokens(struct counts *counts, const struct tokens *t, uint64_t site, bool spam, int sign)
{
	for (size_t i = 0; i < t->n; i++) {
		if (add(counts, own_hash(t->v[i].hash, site), spam, sign) == NULL)
			return -1;
	}
	return add(counts, own_total(site), spam, sign) == NULL ? -1 : 0;
}
