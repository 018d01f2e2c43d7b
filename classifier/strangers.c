#include "config.h"

#include <math.h>

#include "base/real.h"
#include "classifier/decide.h"
#include "classifier/left_out.h"
#include "classifier/strangers.h"

static struct left_out_judgement
judge(const struct fit *fit, const struct row *row, const struct field_sums *sums)
{
	double bias = fit->weights.bias, z = weigh(&fit->weights, sums) - bias + bias;
	struct left_out_judgement j = { .example = row->example };

	if (fabs(z) > JUDGEMENT_LOG_ODDS_MAX)
		z = copysign(JUDGEMENT_LOG_ODDS_MAX, z);
	j.probability = 1 / (1 + real_exp(-z));
	j.verdict = decide(sums, j.probability, fit->spam_threshold, fit->unsure_threshold, false);
	return j;
}

int
strangers_judge(const struct selection *chosen, const struct vocabulary *v, const struct choice *choice,
    const struct fit *fit, void (*each)(const struct left_out_judgement *j, void *arg), void *arg,
    struct err *err)
{
	const struct rows *all = chosen->rows;
	struct left_out l;
	int rc = left_out_init(&l, chosen, v);

	l.totals = fit->weights.totals;
	for (size_t i = 0; rc == 0 && i < rows_count(all); i++) {
		const struct row *row = rows_at(all, i);
		struct left_out_judgement j;
		struct field_sums sums;

		if (choice->fold[row->example] != choice->left_out)
			continue;
		rc = left_out_stranger(&l, row, &sums);
		if (rc == -1)
			break;
		j = judge(fit, row, &sums);
		each(&j, arg);
	}
	left_out_fini(&l);
	return rc == 0 ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}
