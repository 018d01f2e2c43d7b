#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "classifier/own.h"
#include "classifier/ratios.h"

#define AHEAD 24 /* how many look-ups are under way at once */

void
ratios_init(struct ratios *r)
{
	*r = (struct ratios){ .offsets = { { NAN, NAN } } };
	ratio_table_init(&r->logs);
}

void
ratios_fini(struct ratios *r)
{
	free(r->ratio);
	free(r->own);
	free(r->group);
	free(r->counts);
	ratios_init(r);
}

static int
make_room(struct ratios *r, size_t n)
{
	if (n <= r->cap)
		return 0;
	if (list_resize(&r->ratio, n, sizeof(*r->ratio)) == -1 ||
	    list_resize(&r->own, n, sizeof(*r->own)) == -1 ||
	    list_resize(&r->group, n, sizeof(*r->group)) == -1 ||
	    list_resize(&r->counts, n, sizeof(*r->counts)) == -1)
		return -1;
	r->cap = n;
	return 0;
}

static inline void
prefetch(const struct lookup *m, uint64_t hash)
{
	__builtin_prefetch(&m->bucket[lookup_home(hash, m->homes)]);
}

static inline bool
is_known(struct lookup_counts c)
{
	return (c.spam | c.ham) != 0;
}

static inline uint64_t
seen(struct lookup_counts c)
{
	return (uint64_t)c.spam + c.ham;
}

/* Get ready for a model with these offsets: it is another one seldom. */
static void
set_offsets(struct ratios *r, struct offsets o)
{
	if (r->offsets.of[0] == o.of[0] && r->offsets.of[1] == o.of[1])
		return;
	memset(r->recent, 0, sizeof(r->recent));
	r->offsets = o;
}

/* Return the ratio of a token with COUNTS.  Few tokens have counts so large that they take logarithms, but
 * they are in every comment. */
static inline double
ratio_for(struct ratios *r, bool varies, struct lookup_counts counts)
{
	uint32_t spam = counts.spam, ham = counts.ham;
	struct known_ratio *k;

	if (spam < RATIO_TABLE_SIZE && ham < RATIO_TABLE_SIZE)
		return ratio_of(&r->logs, spam, ham, r->offsets.of[varies]);
	k = &r->recent[varies][(spam * 0x9e3779b1u ^ ham * 0x85ebca6bu) >> 16 & (RECENT_RATIOS - 1)];
	if (k->spam != spam || k->ham != ham)
		*k = (struct known_ratio){ spam, ham, ratio_of(&r->logs, spam, ham, r->offsets.of[varies]) };
	return k->ratio;
}

/*
 * Turn what was found into ratios and add them up, from the Ith token on, as many as are of one field; return
 * where the next begins.  Nothing here branches on what is known of a token, which can't be foretold.  And a
 * sum in memory would cost several times as much as one in a register, since each addition waits for the one
 * before it to be stored.
 */
static size_t
rate_run(struct ratios *r, const struct lookup *m, const struct token *v, size_t i, size_t n,
    struct field_sums *sums)
{
	static const double once[2] = { 0, 1 };
	const size_t field = v[i].field;
	const uint8_t group[3] = { 0, (uint8_t)weigh_group(field, SEEN_OFTEN),
		(uint8_t)weigh_group(field, 0) };
	const bool splits = group[1] != group[2], varies = weigh_varies(field);
	double sum[3] = { 0, sums->sum[group[1]], sums->sum[group[2]] };
	uint32_t known[3] = { 0 };

	for (; i < n && v[i].field == field; i++) {
		const struct lookup_counts counts = lookup_find(m, v[i].hash);
		const double ratio = ratio_for(r, varies, counts), either[2] = { NAN, ratio };
		bool known_here = is_known(counts), rare = splits & (seen(counts) < SEEN_OFTEN);

		if (i + AHEAD < n)
			prefetch(m, v[i + AHEAD].hash);
		r->counts[i] = counts;
		r->own[i] = 0;
		r->ratio[i] = either[known_here];
		r->group[i] = group[known_here + (known_here & rare)];
		sum[1] += ratio * once[known_here & !rare];
		sum[2] += ratio * once[known_here & rare];
		known[1] += known_here & !rare;
		known[2] += known_here & rare;
	}
	for (size_t k = 2; k > 0; k--) { /* where both are one group all of it is in the first */
		sums->sum[group[k]] = sum[k];
		sums->known[group[k]] += known[k];
	}
	return i;
}

/* Token I of FIELD, counted in MINE by the site OWN and perhaps by all: move it to the group that both make,
 * and its ratio with it. */
static void
add_own(struct ratios *r, size_t i, size_t field, const struct own *own, struct lookup_counts mine,
    struct field_sums *sums)
{
	const struct lookup_counts shared = r->counts[i];
	double ratio = own_ratio(own, field, mine, shared);

	if (is_known(shared)) {
		sums->sum[r->group[i]] -= r->ratio[i];
		sums->known[r->group[i]]--;
	}
	r->own[i] = is_known(shared) ? ratio - r->ratio[i] : ratio;
	r->ratio[i] = ratio;
	r->group[i] = (uint8_t)weigh_group(field, seen(mine) + seen(shared));
	sums->sum[r->group[i]] += ratio;
	sums->known[r->group[i]]++;
}

/* Look every token up among the site's own counts, and let them have their say. */
static void
look_up_own(struct ratios *r, const struct tokens *t, const struct lookup *m, const struct own *own,
    struct field_sums *sums)
{
	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(m, own_hash(t->v[i].hash, own->site));
	for (size_t i = 0; i < t->n; i++) {
		struct lookup_counts mine;

		if (i + AHEAD < t->n)
			prefetch(m, own_hash(t->v[i + AHEAD].hash, own->site));
		mine = lookup_find(m, own_hash(t->v[i].hash, own->site));
		if (!is_known(mine))
			continue;
		add_own(r, i, t->v[i].field, own, mine, sums);
		r->nown++;
	}
}

int
ratios_find(struct ratios *r, const struct tokens *t, const struct model *model, uint64_t site,
    struct field_sums *sums)
{
	const struct snapshot_header *h = model_header(model);
	const struct lookup m = model_lookup(model);
	struct own own = own_open(h, &m, site);

	r->nown = 0;
	if (make_room(r, t->n) == -1)
		return -1;
	set_offsets(r, ratio_offsets(&h->weights.totals, (double)h->spam, (double)h->ham));
	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(&m, t->v[i].hash);
	for (size_t i = 0; i < t->n;)
		i = rate_run(r, &m, t->v, i, t->n, sums);
	if (own.site != 0)
		look_up_own(r, t, &m, &own, sums);
	return 0;
}
