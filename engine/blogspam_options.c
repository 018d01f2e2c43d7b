#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "classifier/rx.h"
#include "engine/address.h"
#include "engine/blogspam.h"
#include "engine/blogspam_options.h"

#define NUMBER_MAX INT64_C(1000000000)

bool
blogspam_option(struct slice *rest, struct slice *name, struct slice *value)
{
	struct slice option;

	while (rest->n > 0) {
		option = slice_trim(slice_take(rest, ','));
		if (option.n == 0)
			continue;
		*value = option;
		*name = slice_trim(slice_take(value, '='));
		*value = name->n < option.n ? slice_trim(*value) : (struct slice){ NULL, 0 };
		return true;
	}
	return false;
}

int
blogspam_options_check(struct slice options, struct err *err)
{
	struct slice name, value;
	size_t named = 0;

	if (options.n > BLOGSPAM_OPTIONS_MAX)
		return err_set(err, ERR_LIMIT, "options: more than %d bytes", BLOGSPAM_OPTIONS_MAX);
	while (blogspam_option(&options, &name, &value))
		named += slice_is(name, "exclude") || slice_is(name, "mandatory");
	if (named > BLOGSPAM_NAMED_MAX)
		return err_set(err, ERR_LIMIT, "options: more than %d excluded tests or mandatory fields",
		    BLOGSPAM_NAMED_MAX);
	return 0;
}

/* Set *OUT to what TEXT says: digits, with a k after them thousands (1,024); false if it isn't that. */
static bool
number(struct slice text, int64_t *out)
{
	int64_t n = 0, unit = 1;

	if (text.n > 1 && (text.p[text.n - 1] == 'k' || text.p[text.n - 1] == 'K')) {
		unit = 1024;
		text = slice_trim((struct slice){ text.p, text.n - 1 });
	}
	if (text.n == 0)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		n = n * 10 + (text.p[i] - '0');
		if (n > NUMBER_MAX)
			n = NUMBER_MAX;
	}
	*out = n * unit;
	return true;
}

bool
blogspam_option_number(struct slice options, const char *name, int64_t *out)
{
	struct slice option, value;
	bool found = false;

	while (blogspam_option(&options, &option, &value)) {
		if (slice_is(option, name))
			found = number(value, out) || found;
	}
	return found;
}

/* -- Excluded tests -- */

/* Return whether PATTERN is more than a name or a part of one, such as "size" or "60-drone.js". */
static bool
is_expression(struct slice pattern)
{
	if (pattern.n > 3 && memcmp(pattern.p + pattern.n - 3, ".js", 3) == 0)
		pattern.n -= 3;
	for (size_t i = 0; i < pattern.n; i++) {
		if (memchr("\\.*+?()[]{}|^$", pattern.p[i], 14) != NULL)
			return true;
	}
	return false;
}

/* Return whether PATTERN is found in NAME. */
static bool
matches(struct slice pattern, const char *name)
{
	struct rx_match m;
	struct buf text;
	struct err err;
	struct rx *rx = NULL;
	bool found;

	if (pattern.n == 0)
		return false;
	if (memmem(name, strlen(name), pattern.p, pattern.n) != NULL)
		return true;
	if (!is_expression(pattern))
		return false;
	buf_init(&text, BLOGSPAM_OPTIONS_MAX);
	buf_add_slice(&text, pattern);
	found = buf_ok(&text) && rx_compile(&rx, buf_str(&text), &err) == 0 &&
	    rx_next(rx, slice_of(name), 0, &m) == 1;
	rx_free(rx);
	buf_fini(&text);
	return found;
}

bool
blogspam_excludes(struct slice options, const char *name)
{
	struct slice option, value;

	while (blogspam_option(&options, &option, &value)) {
		if (slice_is(option, "exclude") && matches(value, name))
			return true;
	}
	return false;
}

/* -- Addresses -- */

struct slice
blogspam_ip_tidy(struct slice ip)
{
	static const char mapped[] = "::ffff:";
	size_t n = sizeof(mapped) - 1;
	const char *colon;

	if (ip.n == 0)
		return ip;
	ip = slice_trim(ip);
	if (ip.n > n && strncasecmp(ip.p, mapped, n) == 0 && memchr(ip.p, '.', ip.n) != NULL)
		ip = (struct slice){ ip.p + n, ip.n - n };
	if (ip.n > 0 && ip.p[0] == '[' && (colon = memchr(ip.p, ']', ip.n)) != NULL)
		return (struct slice){ ip.p + 1, (size_t)(colon - ip.p) - 1 };
	colon = ip.n == 0 ? NULL : memchr(ip.p, ':', ip.n);
	if (colon != NULL && memchr(ip.p, '.', (size_t)(colon - ip.p)) != NULL)
		ip.n = (size_t)(colon - ip.p);
	return ip;
}

bool
blogspam_ip_valid(struct slice ip)
{
	struct address parsed;

	return address_parse(&parsed, ip) == 0;
}

bool
blogspam_ip_within(struct slice ip, struct slice range)
{
	struct slice length = range, base;
	struct address_range within;
	struct address address;
	struct err err;

	if (range.n == 0 || address_parse(&address, ip) == -1)
		return false;
	base = blogspam_ip_tidy(slice_take(&length, '/'));
	length = memchr(range.p, '/', range.n) != NULL ? slice_trim(length) : (struct slice){ NULL, 0 };
	return address_range_make(&within, base, length, true, &err) == 0 &&
	    address_within(&address, &within);
}
