#include "config.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/timetext.h"
#include "engine/check.h"
#include "engine/example.h"
#include "engine/gate.h"
#include "engine/outlook.h"
#include "engine/replay.h"
#include "engine/sites.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)
#define ROWS_LEAST 1.5
#define TAIL_ENDS 1e-12 /* terms smaller than this part of the sum don't count */
#define EXAMPLE_BYTES ((size_t)16 << 20)

/* Return the chance that a Poisson variable of mean MEAN is N or more. */
static double
poisson_tail(size_t n, double mean)
{
	double k = (double)n, term, sum = 0;

	if (k <= mean)
		return 1;
	term = exp(k * log(mean) - mean - lgamma(k + 1));
	while (term > sum * TAIL_ENDS) {
		sum += term;
		k++;
		term *= mean / k;
	}
	return sum;
}

static void
judge_budget(const struct gate *g, struct buf *why)
{
	double allowed = fmax(g->blocked_ham_budget * (double)g->ham, ROWS_LEAST);

	if (g->ham == 0 || poisson_tail(g->blocked_ham, allowed) >= GATE_CHANCE)
		return;
	buf_addf(why,
	    "cross-validation blocks %zu of %zu good comments (%.2f %%), over the budget of %.2f %%",
	    g->blocked_ham, g->ham, 100 * (double)g->blocked_ham / (double)g->ham,
	    100 * g->blocked_ham_budget);
}

/* The flips that are held against a model. */
struct flips {
	struct engine *e;
	const struct model *current;
	struct classifier *classifier;
	struct sites *sites;
	struct arena *arena; /* of one flip */
	uint64_t n;
	struct err err;
};

static int
weigh_flip(const struct replay_flip *flip, void *arg)
{
	struct flips *f = arg;
	const struct verdict_row *row = flip->row;
	struct example_row said;
	struct judgement j;
	struct outlook *o;
	bool found;

	arena_reset(f->arena);
	if (example_known(f->e->store, row->site, row->fingerprint, f->arena, &said, &found, &f->err) == -1)
		return -1;
	if (found)
		return 0;
	if (outlook_again(&o, row, NULL, f->arena, &f->err) == -1 ||
	    check_opinion(f->classifier, f->current, sites_by_id(f->sites, row->site), &row->comment, o, &j,
		&f->err) == -1)
		return -1;
	f->n += j.verdict != flip->verdict;
	return 0;
}

static int
count_flips(struct flips *f, const struct model *m, struct replay *r, struct err *err)
{
	const struct replay_options options = {
		.model = m,
		.since_ms = time_now_ms() - GATE_DAYS * DAY_MS,
		.at_most = GATE_VERDICTS_MAX,
	};

	f->arena = arena_new(EXAMPLE_BYTES);
	if (f->arena == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (classifier_new(&f->classifier, err) == -1 || sites_load_all(&f->sites, f->e, err) == -1 ||
	    replay_run(r, f->e, &options, weigh_flip, f, err) == -1)
		return -1;
	return f->err.code == ERR_NONE ? 0 : err_set(err, f->err.code, "%s", f->err.text);
}

static int
judge_flips(struct engine *e, const struct model *current, const struct model *m, const struct gate *g,
    struct buf *why, struct err *err)
{
	struct flips f = { .e = e, .current = current };
	struct replay r = { .judged = 0 };
	int rc = count_flips(&f, m, &r, err);

	if (rc == 0 && r.judged >= GATE_VERDICTS_LEAST && (double)f.n > g->max_flips * (double)r.judged)
		buf_addf(why,
		    "%sit would change %llu of %llu verdicts of the last %d days (%.2f %%), over the %.2f %% "
		    "of max_flips",
		    why->n > 0 ? "; " : "", (unsigned long long)f.n, (unsigned long long)r.judged, GATE_DAYS,
		    100 * (double)f.n / (double)r.judged, 100 * g->max_flips);
	replay_fini(&r);
	classifier_free(f.classifier);
	sites_unref(f.sites);
	arena_free(f.arena);
	return rc;
}

int
gate_judge(struct engine *e, const struct model *current, const struct model *m, const struct gate *gate,
    struct arena *a, const char **objection, struct err *err)
{
	struct buf why;
	int rc = 0;

	buf_init(&why, BUF_NO_LIMIT);
	judge_budget(gate, &why);
	if (gate->max_flips > 0)
		rc = judge_flips(e, current, m, gate, &why, err);
	if (rc == 0) {
		*objection = buf_ok(&why) ? arena_copy(a, buf_str(&why), why.n) : NULL;
		rc = *objection != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_fini(&why);
	return rc;
}
