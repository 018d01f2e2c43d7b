#include "config.h"

#include "known_model.h"

#include "classifier/model_impl.h"
#include "classifier/train.h"

/*
 * The input is a comment, as fuzz_comment() cuts it.  Learning it as spam and taking it back must leave the
 * counts as they were, bit for bit.
 */

/* Return MODEL with COMMENT added or taken back as LABEL, or NULL when that would leave a count below zero.
 */
static struct model *
change(const struct model *model, const struct comment *comment, enum label label, bool take_back)
{
	struct model *m = NULL;
	struct delta *d;
	struct err err;

	CHECK(delta_new(&d, FIELDS_ALL, &err) == 0);
	CHECK(delta_add(d, comment, label, NULL, take_back, &err) == 0);
	if (delta_apply(d, model, model_info(model)->id, 1, false, &m, &err) == -1) {
		CHECK(err.code == ERR_DAMAGED && take_back);
		m = NULL;
	}
	delta_free(d);
	return m;
}

static void
check_same(const struct model *a, const struct model *b)
{
	const struct snapshot_header *g = model_header(a), *h = model_header(b);
	const size_t from = h->section[SNAPSHOT_TABLE].at;

	CHECK(g->tokens == h->tokens && g->spam == h->spam && g->ham == h->ham);
	CHECK(g->digest_at == h->digest_at);
	CHECK(memcmp(model_bytes(a).p + from, model_bytes(b).p + from, h->digest_at - from) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct comment comment = fuzz_comment(fuzz_slice(data, size));
	struct model *more, *back, *less;

	more = change(fuzz_model(), &comment, LABEL_SPAM, false);
	CHECK(more != NULL);
	fuzz_judge(more, &comment, FIELDS_ALL);
	back = change(more, &comment, LABEL_SPAM, true);
	CHECK(back != NULL);
	check_same(fuzz_model(), back);
	less = change(fuzz_model(), &comment, LABEL_HAM, true);
	if (less != NULL)
		fuzz_judge(less, &comment, FIELDS_ALL);
	model_unref(more);
	model_unref(back);
	model_unref(less);
	return 0;
}
