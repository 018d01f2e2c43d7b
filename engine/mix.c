#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "classifier/fit.h"
#include "engine/mix.h"

#define ROUNDS 50
#define CONVERGED 1e-4
#define WORTH_RECORDING 0.005 /* a change of a share by less says nothing */
#define SITES_BYTES_MAX ((size_t)256 << 20)

double
mix_estimate(const struct mix_score *scores, size_t n, double base, double share)
{
	double pi = share, sum, step = 1;

	for (int round = 0; round < ROUNDS && step > CONVERGED; round++) {
		sum = MIX_TRUST * share;
		for (size_t i = 0; i < n; i++) {
			if (scores[i].label != LABEL_NONE)
				sum += scores[i].label == LABEL_SPAM;
			else
				sum += 1 / (1 + exp(-scores[i].evidence - base - fit_logit(pi)));
		}
		sum = fmax(MIX_MIN, fmin(MIX_MAX, sum / ((double)n + MIX_TRUST)));
		step = fabs(sum - pi);
		pi = sum;
	}
	return pi;
}

/* The scores of all sites, as they come. */
struct gathered {
	struct mix_score *scores;
	int64_t *site;
	size_t n;
};

static int
take(const struct verdict_score *v, void *arg)
{
	struct gathered *g = arg;

	if (!(v->probability > 0 && v->probability < 1) || g->n >= MIX_VERDICTS)
		return 0;
	g->scores[g->n].evidence = fit_logit(v->probability) - v->prior;
	g->scores[g->n].label = v->label;
	g->site[g->n++] = v->site;
	return 0;
}

/* Copy the scores of SITE to the front of ROOM; return how many there are. */
static size_t
pick(const struct gathered *g, int64_t site, struct mix_score *room)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (g->site[i] == site)
			room[n++] = g->scores[i];
	}
	return n;
}

static int
update_sites(struct engine *e, const struct model *model, const struct gathered *g, struct mix_score *room,
    size_t *changed, struct err *err)
{
	struct arena *a = arena_new(SITES_BYTES_MAX);
	double share = model_info(model)->spam_share, base = model_info(model)->prior - fit_logit(share), pi;
	struct site_row *rows;
	size_t sites = 0, n;
	int rc;

	if (a == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	rc = store_sites(e->store, false, a, &rows, &sites, err);
	for (size_t i = 0; rc == 0 && i < sites; i++) {
		n = pick(g, rows[i].id, room);
		if (n < MIX_LEAST)
			continue;
		pi = mix_estimate(room, n, base, share);
		if (fabs(pi - rows[i].estimated_share) < WORTH_RECORDING)
			continue;
		rc = store_site_estimate(e->store, rows[i].id, pi, err);
		++*changed;
	}
	arena_free(a);
	return rc;
}

int
mix_update(struct engine *e, const struct model *model, size_t *changed, struct err *err)
{
	struct gathered g = { malloc(MIX_VERDICTS * sizeof(*g.scores)),
		malloc(MIX_VERDICTS * sizeof(*g.site)), 0 };
	struct mix_score *room = malloc(MIX_VERDICTS * sizeof(*room));
	int rc = -1;

	*changed = 0;
	if (g.scores == NULL || g.site == NULL || room == NULL)
		err_set(err, ERR_NOMEM, "out of memory");
	else if (store_verdict_scores(e->store, MIX_VERDICTS, take, &g, err) == 0)
		rc = update_sites(e, model, &g, room, changed, err);
	free(g.scores);
	free(g.site);
	free(room);
	return rc;
}
