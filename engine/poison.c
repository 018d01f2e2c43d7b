#include "config.h"

#include <string.h>

#include "base/json.h"
#include "base/timetext.h"
#include "engine/poison.h"

#define HOUR_MS ((int64_t)3600 * 1000)
#define DIGITS 4

/* What came to one site: now, and in the days before. */
struct tally {
	const struct site_row *site;
	int64_t sure, contrary, first_ms;
	int64_t sure_before, contrary_before;
};

struct counting {
	struct tally *tallies;
	size_t n;
	int64_t from_ms; /* when "now" begins */
};

static int
count(const struct contradiction *c, void *arg)
{
	struct counting *counting = arg;
	struct tally *t = NULL;
	bool sure = c->verdict >= 0 &&
	    (c->label == LABEL_HAM ? c->probability >= POISON_SURE_AT : c->probability <= 1 - POISON_SURE_AT);

	for (size_t i = 0; i < counting->n && t == NULL; i++) {
		if (counting->tallies[i].site->id == c->site)
			t = &counting->tallies[i];
	}
	if (t == NULL)
		return 0;
	if (c->time_ms < counting->from_ms) {
		t->sure_before += sure;
		t->contrary_before++;
		return 0;
	}
	if (t->contrary == 0 || c->time_ms < t->first_ms)
		t->first_ms = c->time_ms;
	t->sure += sure;
	t->contrary++;
	return 0;
}

static bool
is_suspicious(const struct tally *t)
{
	double sure = (double)t->sure, contrary = (double)t->contrary;

	if (t->sure >= POISON_SURE && sure > POISON_SURE_TIMES * (double)t->sure_before / POISON_DAYS)
		return true;
	return t->contrary >= POISON_BURST &&
	    contrary > POISON_BURST_TIMES * (double)t->contrary_before / POISON_DAYS;
}

/* Name the newest model that was made before TIME_MS and can be used; MODELS come newest first. */
static void
find_model(char id[MODEL_ID_BYTES], const struct model_row *models, size_t n, int64_t time_ms)
{
	id[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (models[i].created_ms < time_ms && models[i].pruned_ms == 0 &&
		    models[i].withheld[0] == '\0' && strlen(models[i].id) == MODEL_ID_BYTES - 1) {
			memcpy(id, models[i].id, MODEL_ID_BYTES);
			return;
		}
	}
}

static int
find_suspicious(struct engine *e, const struct counting *c, struct arena *a, struct poison *out, size_t *n,
    struct err *err)
{
	struct model_row *models;
	size_t nmodels;

	if (store_models(e->store, a, &models, &nmodels, err) == -1)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		const struct tally *t = &c->tallies[i];
		struct poison *p = &out[*n];

		if (!is_suspicious(t))
			continue;
		*p = (struct poison){
			.site = t->site->name,
			.sure = t->sure,
			.contrary = t->contrary,
			.usual_sure = (double)t->sure_before / POISON_DAYS,
			.usual_contrary = (double)t->contrary_before / POISON_DAYS,
			.since_ms = t->first_ms,
		};
		find_model(p->model, models, nmodels, t->first_ms);
		++*n;
	}
	return 0;
}

int
poison_find(
    struct engine *e, int64_t now_ms, struct arena *a, struct poison **out, size_t *n, struct err *err)
{
	struct counting c = { .from_ms = now_ms - POISON_HOURS * HOUR_MS };
	int64_t since_ms = c.from_ms - POISON_DAYS * 24 * HOUR_MS;
	struct site_row *sites;

	*n = 0;
	if (store_sites(e->store, false, a, &sites, &c.n, err) == -1)
		return -1;
	c.tallies = arena_alloc(a, (c.n + 1) * sizeof(*c.tallies));
	*out = arena_alloc(a, (c.n + 1) * sizeof(**out));
	if (c.tallies == NULL || *out == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < c.n; i++)
		c.tallies[i].site = &sites[i];
	if (store_contradictions(e->store, since_ms, count, &c, err) == -1)
		return -1;
	return find_suspicious(e, &c, a, *out, n, err);
}

void
poison_text(const struct poison *p, struct buf *b)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, p->since_ms);
	buf_addf(b,
	    "%s: its visitors' corrections look poisoned: %lld in %d hours contradict verdicts (usually %.1f "
	    "a "
	    "day), %lld of them ones that the model was sure of (usually %.1f); 'hamlet unlearn --site %s "
	    "--since %s' takes them back",
	    p->site, (long long)p->contrary, POISON_HOURS, p->usual_contrary, (long long)p->sure,
	    p->usual_sure, p->site, time);
	if (p->model[0] != '\0')
		buf_addf(b, ", 'hamlet models use %.12s' goes back to the model before", p->model);
}

static void
put_number(struct buf *b, const char *key, double x)
{
	json_key(b, key);
	json_put_double(b, x, DIGITS);
}

void
poison_json(const struct poison *p, struct buf *b)
{
	char time[TIME_TEXT_BYTES];

	time_format(time, p->since_ms);
	json_open(b, '{');
	json_key(b, "site");
	json_put_str(b, p->site);
	json_key(b, "contrary");
	json_put_int(b, p->contrary);
	json_key(b, "sure");
	json_put_int(b, p->sure);
	put_number(b, "usual_contrary", p->usual_contrary);
	put_number(b, "usual_sure", p->usual_sure);
	json_key(b, "since");
	json_put_str(b, time);
	json_key(b, "model_before");
	json_put_str(b, p->model[0] != '\0' ? p->model : NULL);
	json_close(b, '}');
}
