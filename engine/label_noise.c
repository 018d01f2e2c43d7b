#include "config.h"

#include <stdlib.h>

#include "engine/evaluate.h"
#include "engine/label_noise.h"

static int
compare_doubts(const void *a, const void *b)
{
	const struct label_doubt *x = a, *y = b;

	if (x->against != y->against)
		return x->against < y->against ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Append to DOUBTS, which has room for all, the rows of C that their judgements V contradict; return how
 * many. */
static size_t
pick(const struct corpus *c, const struct judged *v, double against, struct label_doubt *doubts)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		double other = v[i].spam ? 1 - v[i].probability : v[i].probability;

		if (example_is_tested(&c->rows[i]) && other > against)
			doubts[n++] = (struct label_doubt){ i, other };
	}
	qsort(doubts, n, sizeof(*doubts), compare_doubts);
	return n;
}

int
label_noise(const struct corpus *c, double against, const struct train_options *options,
    struct label_doubt **out, size_t *n, struct err *err)
{
	struct judged *v;

	*out = NULL;
	*n = 0;
	if (evaluate_left_out(c, LABEL_NOISE_FOLDS, options, &v, err) == -1)
		return -1;
	*out = calloc(c->n, sizeof(**out));
	if (*out != NULL)
		*n = pick(c, v, against, *out);
	free(v);
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (*n == 0) {
		free(*out);
		*out = NULL;
	}
	return 0;
}
