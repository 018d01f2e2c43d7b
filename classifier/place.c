#include "config.h"

#include <math.h>

#include "classifier/classify.h"
#include "classifier/fit.h"
#include "classifier/model_impl.h"

double
place_prior(const struct model *model, double spam_share)
{
	const struct snapshot_header *h = model_header(model);
	double prior = h->weights.bias + fit_logit(spam_share) - fit_logit(h->spam_share);

	return fmax(-PRIOR_MAX, fmin(PRIOR_MAX, prior));
}

double
place_spam_share(const struct model *model, double prior)
{
	const struct snapshot_header *h = model_header(model);

	return 1 / (1 + exp(h->weights.bias - prior - fit_logit(h->spam_share)));
}

double
place_threshold(const struct model *model, const struct place *place)
{
	const struct snapshot_header *h = model_header(model);
	double z;

	if (place != NULL && place->spam_threshold > 0)
		return place->spam_threshold;
	if (place == NULL || !place->has_prior || place->prior == h->weights.bias || h->spam_threshold <= 0 ||
	    h->spam_threshold >= 1)
		return h->spam_threshold;
	z = fit_logit(h->spam_threshold) + place->prior - h->weights.bias;
	return 1 / (1 + exp(-fmax(FIT_LOG_ODDS_MIN, z)));
}
