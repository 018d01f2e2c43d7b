#include "config.h"

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
	return ip_parse(out->b, text);
}

int
address_tidy(struct slice *ip, struct arena *a)
{
	char room[IP_TEXT_BYTES];
	struct slice form = ip_canonical(*ip, room);

	if (form.p == ip->p)
		return 0;
	*ip = form;
	return arena_keep(a, ip);
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

/* Clear the bits of A from FROM on; return whether there were any. */
static bool
clear_bits(struct address *a, unsigned from)
{
	bool any = false;

	for (unsigned i = from; i < BITS_MAX; i++) {
		unsigned char bit = (unsigned char)(0x80 >> i % 8);

		any = any || (a->b[i / 8] & bit) != 0;
		a->b[i / 8] &= (unsigned char)~bit;
	}
	return any;
}

int
address_range_make(
    struct address_range *out, struct slice address, struct slice length, bool host_bits, struct err *err)
{
	bool v6 = address.n > 0 && memchr(address.p, ':', address.n) != NULL;
	int most = v6 ? BITS_MAX : BITS_MAX - MAPPED_BITS, bits = length.p == NULL ? most : number(length);

	if (address_parse(&out->first, address) == -1)
		return err_set(err, ERR_INPUT, "\"%.*s\" is not an address", (int)address.n, address.p);
	if (bits < 0 || bits > most)
		return err_set(err, ERR_INPUT, "\"%.*s/%.*s\": the length is not within 0 and %d",
		    (int)address.n, address.p, (int)length.n, length.p, most);
	out->bits = (unsigned)bits + (v6 ? 0 : MAPPED_BITS);
	if (clear_bits(&out->first, out->bits) && !host_bits)
		return err_set(err, ERR_INPUT, "\"%.*s/%d\": the address has bits past the length",
		    (int)address.n, address.p, bits);
	return 0;
}

int
address_range_parse(struct address_range *out, struct slice text, struct err *err)
{
	const char *slash = text.n == 0 ? NULL : memchr(text.p, '/', text.n);
	struct slice address = { text.p, slash == NULL ? text.n : (size_t)(slash - text.p) };
	struct slice length = { NULL, 0 };

	if (slash != NULL)
		length = (struct slice){ slash + 1, text.n - address.n - 1 };
	return address_range_make(out, address, length, false, err);
}

bool
address_within(const struct address *a, const struct address_range *range)
{
	size_t bytes = range->bits / 8;
	unsigned rest = range->bits % 8;

	if (range->bits < MAPPED_BITS && is_v4(a)) /* ::/0 speaks of version 6 */
		return false;
	if (memcmp(a->b, range->first.b, bytes) != 0)
		return false;
	return rest == 0 || (a->b[bytes] ^ range->first.b[bytes]) >> (8 - rest) == 0;
}

bool
address_is_public(const struct address *a)
{
#define V4(a, b, bits)                                                                                       \
	{                                                                                                    \
		{ { [10] = 0xff, [11] = 0xff, [12] = (a), [13] = (b) } }, MAPPED_BITS + (bits)               \
	}
#define V6(a, b, bits)                                                                                       \
	{                                                                                                    \
		{ { (a), (b) } }, (bits)                                                                     \
	}
	static const struct address_range others[] = { V4(0, 0, 8), V4(10, 0, 8), V4(100, 64, 10),
		V4(127, 0, 8), V4(169, 254, 16), V4(172, 16, 12), V4(192, 168, 16), V4(224, 0, 3),
		V6(0, 0, 127), V6(0xfc, 0, 7), V6(0xfe, 0x80, 10), V6(0xff, 0, 8) };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (address_within(a, &others[i]))
			return false;
	}
	return true;
#undef V4
#undef V6
}

struct address
address_customer(const struct address *a)
{
	struct address c = *a;

	if (!is_v4(a))
		memset(c.b + 8, 0, 8);
	return c;
}
