#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "engine/address.h"

#define MAPPED_BITS 96
#define BITS_MAX 128

static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
is_v4(const struct address *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

int
address_parse(struct address *out, struct slice text)
{
	char s[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof(s) || memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memcpy(s, text.p, text.n);
	s[text.n] = '\0';
	if (inet_pton(AF_INET6, s, out->b) == 1)
		return 0;
	memcpy(out->b, mapped, sizeof(mapped));
	return inet_pton(AF_INET, s, out->b + sizeof(mapped)) == 1 ? 0 : -1;
}

/* Return the number that TEXT is, or -1. */
static int
number(struct slice text)
{
	int n = 0;

	if (text.n == 0 || text.n > 3)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		n = 10 * n + (text.p[i] - '0');
	}
	return n;
}

static bool
bit(const struct address *a, unsigned i)
{
	return (a->b[i / 8] >> (7 - i % 8) & 1) != 0;
}

int
address_range_parse(struct address_range *out, struct slice text, struct err *err)
{
	const char *slash = text.n == 0 ? NULL : memchr(text.p, '/', text.n);
	struct slice address = { text.p, slash == NULL ? text.n : (size_t)(slash - text.p) };
	bool v6 = address.n > 0 && memchr(address.p, ':', address.n) != NULL;
	int bits = v6 ? BITS_MAX : BITS_MAX - MAPPED_BITS;

	if (address_parse(&out->first, address) == -1)
		return err_set(err, ERR_INPUT, "\"%.*s\" is not an address", (int)address.n, address.p);
	if (slash != NULL) {
		int given = number((struct slice){ slash + 1, text.n - address.n - 1 });

		if (given < 0 || given > bits)
			return err_set(err, ERR_INPUT, "\"%.*s\": the length is not within 0 and %d",
			    (int)text.n, text.p, bits);
		bits = given;
	}
	out->bits = (unsigned)bits + (v6 ? 0 : MAPPED_BITS);
	for (unsigned i = out->bits; i < BITS_MAX; i++) {
		if (bit(&out->first, i))
			return err_set(err, ERR_INPUT, "\"%.*s\": the address has bits past the length",
			    (int)text.n, text.p);
	}
	return 0;
}

bool
address_within(const struct address *a, const struct address_range *range)
{
	size_t bytes = range->bits / 8;
	unsigned rest = range->bits % 8;

	if (memcmp(a->b, range->first.b, bytes) != 0)
		return false;
	return rest == 0 || (a->b[bytes] ^ range->first.b[bytes]) >> (8 - rest) == 0;
}

bool
address_is_public(const struct address *a)
{
	static const char *const others[] = { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
		"169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "::/127", "fc00::/7",
		"fe80::/10", "ff00::/8" };
	struct address_range range;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (address_range_parse(&range, slice_of(others[i]), NULL) == 0 && address_within(a, &range))
			return false;
	}
	return true;
}

struct address
address_customer(const struct address *a)
{
	struct address c = *a;

	if (!is_v4(a))
		memset(c.b + 8, 0, 8);
	return c;
}
