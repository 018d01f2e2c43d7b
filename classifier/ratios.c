#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "classifier/own.h"
#include "classifier/ratios.h"

#define AHEAD 16 /* how many look-ups are under way at once */

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
	free(r->slot);
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
	    list_resize(&r->slot, n, sizeof(*r->slot)) == -1)
		return -1;
	r->cap = n;
	return 0;
}

/* A model's token counts. */
struct table {
	const struct snapshot_header *h;
	const struct snapshot_slot *slots;
};

static void
prefetch(const struct table *m, uint64_t hash)
{
	const struct snapshot_slot *slot = &m->slots[model_home(m->h, hash)];

	__builtin_prefetch(slot);
	__builtin_prefetch(slot + 3); /* half of all tokens stand in the next line of the cache */
}

/* What is found of a token that isn't there: no NULL, so that it can be reckoned with like any other. */
static const struct snapshot_slot nothing;

static inline const struct snapshot_slot *
find(const struct table *m, uint64_t hash)
{
	const struct snapshot_slot *slot = model_find(m->slots, model_home(m->h, hash), hash);

	return slot != NULL ? slot : &nothing;
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

/* Return the ratio of a token with the counts of SLOT.  Few tokens have counts so large that they take
 * logarithms, but they are in every comment. */
static inline double
ratio_for(struct ratios *r, bool varies, const struct snapshot_slot *slot)
{
	uint32_t spam = slot->spam, ham = slot->ham;
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
rate_run(struct ratios *r, const struct table *m, const struct token *v, size_t i, size_t n,
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
		const struct snapshot_slot *slot = find(m, v[i].hash);
		const double ratio = ratio_for(r, varies, slot), either[2] = { NAN, ratio };
		bool is_known = slot != &nothing,
		     rare = splits & ((uint64_t)slot->spam + slot->ham < SEEN_OFTEN);

		if (i + AHEAD < n)
			prefetch(m, v[i + AHEAD].hash);
		r->slot[i] = slot;
		r->own[i] = 0;
		r->ratio[i] = either[is_known];
		r->group[i] = group[is_known + (is_known & rare)];
		sum[1] += ratio * once[is_known & !rare];
		sum[2] += ratio * once[is_known & rare];
		known[1] += is_known & !rare;
		known[2] += is_known & rare;
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
add_own(struct ratios *r, size_t i, size_t field, const struct own *own, const struct snapshot_slot *mine,
    struct field_sums *sums)
{
	const struct snapshot_slot *shared = r->slot[i];
	uint64_t seen = (uint64_t)mine->spam + mine->ham;
	double ratio = own_ratio(own, field, mine, shared != &nothing ? shared : NULL);

	if (shared != &nothing) {
		seen += (uint64_t)shared->spam + shared->ham;
		sums->sum[r->group[i]] -= r->ratio[i];
		sums->known[r->group[i]]--;
	}
	r->own[i] = shared != &nothing ? ratio - r->ratio[i] : ratio;
	r->ratio[i] = ratio;
	r->group[i] = (uint8_t)weigh_group(field, seen);
	sums->sum[r->group[i]] += ratio;
	sums->known[r->group[i]]++;
}

/* Look every token up among the site's own counts, and let them have their say. */
static void
look_up_own(struct ratios *r, const struct tokens *t, const struct table *m, const struct own *own,
    struct field_sums *sums)
{
	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(m, own_hash(t->v[i].hash, own->site));
	for (size_t i = 0; i < t->n; i++) {
		const struct snapshot_slot *slot;

		if (i + AHEAD < t->n)
			prefetch(m, own_hash(t->v[i + AHEAD].hash, own->site));
		slot = find(m, own_hash(t->v[i].hash, own->site));
		if (slot == &nothing)
			continue;
		add_own(r, i, t->v[i].field, own, slot, sums);
		r->nown++;
	}
}

int
ratios_find(struct ratios *r, const struct tokens *t, const struct model *model, uint64_t site,
    struct field_sums *sums)
{
	const struct table m = { model_header(model), model_slots(model) };
	struct own own = own_open(m.h, m.slots, site);

	r->nown = 0;
	if (make_room(r, t->n) == -1)
		return -1;
	set_offsets(r, ratio_offsets(&m.h->weights.totals, (double)m.h->spam, (double)m.h->ham));
	for (size_t i = 0; i < AHEAD && i < t->n; i++)
		prefetch(&m, t->v[i].hash);
	for (size_t i = 0; i < t->n;)
		i = rate_run(r, &m, t->v, i, t->n, sums);
	if (own.site != 0)
		look_up_own(r, t, &m, &own, sums);
	return 0;
}
