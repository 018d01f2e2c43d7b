#include "config.h"

#include <math.h>

#include "base/real.h"
#include "base/hash.h"
#include "classifier/own.h"
#include "classifier/weigh.h"

#define TOTAL 0x6f776e20746f7461u /* stands for "any token" */

uint64_t
own_hash(uint64_t token, uint64_t site)
{
	return hash_mix(token, site);
}

uint64_t
own_total(uint64_t site)
{
	return hash_mix(TOTAL, site);
}

struct own
own_open(const struct snapshot_header *h, const struct lookup *table, uint64_t site)
{
	const struct lookup_counts none = { 0, 0 },
				   total = site == 0 ? none : lookup_find(table, own_total(site));
	const struct totals_share share[2] = { { 1, 1 }, h->weights.totals };
	struct own o = { 0 };

	if (total.spam == 0 && total.ham == 0)
		return o;
	o.site = site;
	o.worth = fmax(1, (double)(h->spam + h->ham) / OWN_EQUAL);
	for (int words = 0; words < 2; words++) {
		o.spam[words] = o.worth * total.spam + share[words].spam * (double)h->spam + 2 * SMOOTHING;
		o.ham[words] = o.worth * total.ham + share[words].ham * (double)h->ham + 2 * SMOOTHING;
	}
	return o;
}

double
own_ratio(const struct own *o, size_t field, struct lookup_counts own, struct lookup_counts shared)
{
	double s = shared.spam, h = shared.ham;
	double seen = (double)own.spam + own.ham, n = seen + s + h;
	double a = SMOOTHING * (o->worth * seen + s + h) / n;
	bool words = weigh_varies(field);
	double spam = (o->worth * own.spam + s + a) / o->spam[words];
	double ham = (o->worth * own.ham + h + a) / o->ham[words];

	return real_log(spam / ham) * n / (n + DOUBT);
}
