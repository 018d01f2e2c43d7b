#include "config.h"

#include <strings.h>

#include "daemon/accept.h"

/* Take what stands before the first STOP off *S, and STOP. */
static struct slice
take(struct slice *s, char stop)
{
	return slice_trim(slice_take(s, stop));
}

/* Read "1", "0.8", "0.25"; at most three decimals count.  False if it is something else. */
static bool
read_quality(struct slice s, double *quality)
{
	double unit = 0.1;

	if (s.n == 0 || (*s.p != '0' && *s.p != '1') || (s.n > 1 && s.p[1] != '.'))
		return false;
	*quality = *s.p - '0';
	for (size_t i = 2; i < s.n; i++, unit /= 10) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (i < 5)
			*quality += (s.p[i] - '0') * unit;
	}
	return *quality <= 1;
}

/* Set *QUALITY from the parameters after a range; false when its "q" makes no sense. */
static bool
find_quality(struct slice parameters, double *quality)
{
	*quality = 1;
	while (parameters.n > 0) {
		struct slice one = take(&parameters, ';');

		if (one.n >= 2 && (*one.p == 'q' || *one.p == 'Q') && one.p[1] == '=')
			return read_quality((struct slice){ one.p + 2, one.n - 2 }, quality);
	}
	return true;
}

/* Take the first item off *HEADER: its *RANGE, without blanks, and *QUALITY.  False at the end. */
static bool
next_range(struct slice *header, struct slice *range, double *quality)
{
	while (header->n > 0) {
		struct slice item = take(header, ',');

		*range = take(&item, ';');
		if (range->n > 0 && find_quality(item, quality))
			return true;
	}
	return false;
}

static bool
is_text(struct slice s, const char *text, size_t n)
{
	return s.n == n && strncasecmp(s.p, text, n) == 0;
}

/* Return how closely RANGE covers TYPE: 3 as itself, 2 as "text" + "/" + "*", 1 as everything, 0 not at all.
 */
static int
closeness(struct slice range, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	if (is_text(range, type, strlen(type)))
		return 3;
	if (range.n == major + 1 && range.p[major] == '*' && strncasecmp(range.p, type, major) == 0)
		return 2;
	return slice_is(range, "*/*");
}

double
accept_type(struct slice header, const char *type)
{
	struct slice range;
	double quality, found = 0;
	int best = 0, close;

	if (header.n == 0)
		return 1;
	while (next_range(&header, &range, &quality)) {
		close = closeness(range, type);
		if (close > best) {
			best = close;
			found = quality;
		}
	}
	return found;
}

bool
language_is(struct slice tag, const char *name)
{
	size_t n = strlen(name);

	return tag.n >= n && strncasecmp(tag.p, name, n) == 0 && (tag.n == n || tag.p[n] == '-');
}

int
accept_language(struct slice header, const char *const *names, size_t n)
{
	struct slice range;
	double quality, highest = 0;
	int found = -1;

	while (next_range(&header, &range, &quality)) {
		for (size_t i = 0; i < n && quality > highest; i++) {
			if (language_is(range, names[i]) || slice_is(range, "*")) {
				highest = quality;
				found = (int)i;
			}
		}
	}
	return found;
}
